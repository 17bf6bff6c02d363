"""Tagged papers with everything in them that a format could stumble over."""

from hypothesis import strategies as st

from papertag.files import BOM
from papertag.markup import Tagged
from papertag.spans import LABELS, Span

ATOMS = [
    *("Nova", "7B", " ", "  ", "\t", "\n", "\r\n", "\r", "\u2028", "\x85", "\x0c"),
    *(
        "😀",
        "👩‍🔬",
        "e\u0301",
        "\xa0",
        '"',
        "\\",
        "\\n",
        "|",
        "_",
        "=",
        "\x1f",
        "\ufeff",
    ),
    *("<model>", "</model>", "&lt;model>", "&amp;", "<p>", "]]>", "<script>", "-->"),
    *("-DOCSTART-", "B-model", "# a", "T1", "0 4", ";", "SpaceAfter=No", "\x7f"),
]
pieces = st.lists(
    st.sampled_from(ATOMS)
    | st.text(
        st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=3
    ),
    max_size=5,
).map("".join)


@st.composite
def papers(draw: st.DrawFn) -> Tagged:
    """Draw a text with spans, some side by side, none with white space at an edge."""
    text = draw(pieces).lstrip(BOM)  # a mark of files, which tagging leaves out
    spans = []
    for mention in draw(st.lists(pieces.map(str.strip), max_size=4)):
        if mention and (text or not mention.startswith(BOM)):
            score = draw(st.none() | st.integers(0, 10_000))
            label = draw(st.sampled_from(LABELS))
            start, text = len(text), text + mention
            known = None if score is None else score / 10_000
            spans.append(Span(start, len(text), label, known))
        text += draw(st.just("") | pieces)
        text = text if spans else text.lstrip(BOM)
    return Tagged(text, tuple(spans))


def scores(paper: Tagged) -> list[float | None]:
    """Return the scores of a paper's spans, which are not compared with them."""
    return [span.score for span in paper.spans]
