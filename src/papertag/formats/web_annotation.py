"""W3C Web Annotation: a page of annotations in JSON-LD, by position and by quote.

Offsets count code points, as the recommendation demands; the text itself is not in it.
"""

import json
from typing import Any
from urllib.parse import quote
from uuid import NAMESPACE_URL, uuid5

from papertag.formats.document import rounded
from papertag.markup import Tagged
from papertag.spans import Span

CONTEXT = [
    "http://www.w3.org/ns/anno.jsonld",
    {"score": {"@id": "urn:papertag:score"}},
]
AROUND = 32  # characters of a quote's prefix and suffix


def write(paper: Tagged, source: str) -> str:
    """Return an AnnotationPage; the ids follow from source, text and spans."""
    target = quote(source.encode("utf8", "replace"))
    base = uuid5(NAMESPACE_URL, f"{target}\n{paper.text}")
    page = {
        "@context": CONTEXT,
        "id": f"urn:uuid:{base}",
        "type": "AnnotationPage",
        "items": [
            {
                "id": f"urn:uuid:{uuid5(base, f'{span.start}-{span.end}')}",
                "type": "Annotation",
                "body": {
                    "type": "TextualBody",
                    "value": span.label,
                    "format": "text/plain",
                    "purpose": "tagging",
                },
                "target": {"source": target, "selector": _selectors(paper.text, span)},
                **({} if span.score is None else {"score": rounded(span)}),
            }
            for span in paper.spans
        ],
    }
    return json.dumps(page, ensure_ascii=False, indent=1) + "\n"


def _selectors(text: str, span: Span) -> list[dict[str, Any]]:
    return [
        {"type": "TextPositionSelector", "start": span.start, "end": span.end},
        {
            "type": "TextQuoteSelector",
            "exact": text[span.start : span.end],
            "prefix": text[max(0, span.start - AROUND) : span.start],
            "suffix": text[span.end : span.end + AROUND],
        },
    ]
