"""Sections: where a paper's list of references stands, told by its headings."""

import re

from papertag.sources.source import Range

_NUMBER = r"(?:#{1,6}[ \t]+|\*\*)?(?:(?:\d{1,2}|[IVX]{1,5})[.)]?[ \t]+)?"
_HEADING = re.compile(
    rf"(?im)^{_NUMBER}(?:references|bibliography|literature(?: cited)?|works cited)"
    r"[ \t]*:?(?:\*\*)?[ \t]*$"
)
_NEXT = re.compile(
    rf"(?im)^{_NUMBER}(?:appendix|appendices|supplement\w*|acknowledge?ments?)\b.{{0,80}}$"
    r"|(?-i:^[A-H][.]?[ \t]+[A-Z][^.\n]{2,60}$)"
    r"|^\#{1,6}[ \t]+\S.*$"
)


def find_references(text: str) -> Range | None:
    """Return the range of the last section of references, heading and all.

    It ends where an appendix, the acknowledgements or another Markdown heading begins.
    """
    headings = list(_HEADING.finditer(text))
    if not headings:
        return None
    following = _NEXT.search(text, headings[-1].end())
    return headings[-1].start(), following.start() if following else len(text)
