"""HTML: one page that needs nothing else, with the facts marked and a legend.

The characters of the text are the text of ``<main>``: labels are drawn by the style.
A content security policy lets nothing in but that style.
"""

from base64 import b64encode
from collections import Counter
from functools import cache
from hashlib import sha256
from html import escape
from pathlib import Path

from papertag.formats.document import in_utf8
from papertag.markup import Tagged
from papertag.spans import LABELS, Span

STYLE = Path(__file__).with_name("page.css")

_PAGE = """\
<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>{title}</title>
<style>{style}</style>
</head>
<body>
<header>
<h1>{title}</h1>
<ul aria-label="Labels and how often they occur">
{legend}
</ul>
</header>
<main>{text}</main>
</body>
</html>
"""


def write(paper: Tagged, source: str) -> str:
    """Return a paper as a page."""
    style, policy = _style()
    counts = Counter(span.label for span in paper.spans)
    legend = "\n".join(
        f'<li class="{label}"><span>{label}</span> {counts[label]}</li>'
        for label in LABELS
    )
    parts, position = [], 0
    for span in sorted(paper.spans):
        parts += [_text(paper.text[position : span.start]), _mark(paper.text, span)]
        position = span.end
    parts.append(_text(paper.text[position:]))
    return _PAGE.format(
        policy=escape(policy),
        title=_text(in_utf8(source)),
        style=style,
        legend=legend,
        text="".join(parts),
    )


@cache
def _style() -> tuple[str, str]:
    """Return the style sheet and a policy that allows it, by its hash."""
    style = STYLE.read_text(encoding="utf8")
    digest = b64encode(sha256(style.encode()).digest()).decode()
    return style, f"default-src 'none'; style-src 'sha256-{digest}'"


def _mark(text: str, span: Span) -> str:
    sure = "" if span.score is None else f", {span.score:.0%} sure"
    said = f' data-score="{span.score:.0%}"' if sure else ""
    return (
        f'<mark class="{span.label}" tabindex="0" title="{span.label}{sure}"{said}>'
        f"{_text(text[span.start : span.end])}</mark>"
    )


def _text(text: str) -> str:
    """Escape a text; a carriage return would be read as a line feed."""
    return escape(text).replace("\r", "&#13;")
