"""Tokenization: spaCy's tokenizer, set up so that every mention ends on a token border.

Between white space, a web address and a run of one mark ("...", "---") stay whole.
The rest is cut wherever one of BORDERS holds: the left character class stands
before the cut, the right one behind it. The cuts have no width, so the token texts
joined are the input, and the work is linear in its length.
"""

import re
from collections.abc import Callable
from typing import NamedTuple

from spacy.language import Language
from spacy.tokenizer import Tokenizer

WORD = r"[^\W_]"  # a letter or a digit
LETTER = r"[^\W\d_]"
MARK = r"(?:[^\w\s]|_)"
POINT = r"[.,]"  # inside a number it does not cut: 12.3 and 1,024
HARD_MARK = r"(?:[^\w\s.,]|_)"  # every mark but POINT
CJK = r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]"
LATIN = r"[A-Za-z\d]"
SUPERSCRIPT = r"[\u00b2\u00b3\u00b9\u2070-\u209c]"
WHOLE = (
    r"https?://[^\s()<>{}\[\]\"'`|]*[^\s()<>{}\[\]\"'`|.,;:!?*]",
    r"(?P<mark>[^\w\s]|_)(?P=mark){2,}",
)


class Border(NamedTuple):
    """A cut between two fixed-width classes; ``example`` shows all its cuts by "¦"."""

    left: str
    right: str
    example: str


BORDERS = (
    Border(HARD_MARK, WORD, "-¦based"),  # also (BERT ~7B /GPU {Nova _2
    Border(WORD, HARD_MARK, "BERT¦-"),  # also 8× GPU/ Nova} V100~ Llama_
    Border(MARK, MARK, "Nova¦)¦."),
    Border(POINT, LETTER, "Norway¦,¦Sweden"),
    Border(rf"[^\d\s]{POINT}", r"\d", "Nova¦.¦3"),
    Border(WORD, rf"{POINT}(?!\d)", "34B¦."),
    Border(LETTER, rf"{POINT}\d", "Nova¦.¦3"),
    *(  # a chip, a full stop and a footnote's digit
        Border(rf"[A-Z]\d{{{n}}}", r"\.\d", f"A{'1' * n}¦.3") for n in (2, 3, 4)
    ),
    Border(r"(?:19|20)\d\d", r"\.\d{1,2}(?!\d)", "2024¦.03.21"),
    Border(r"\d\.", r"(?:19|20)\d\d(?!\d)", "21.03.¦2024"),
    Border(r"\d", r"[xX](?=[A-Z\d])", "8¦x¦A100"),
    Border(r"\d[xX]", r"[A-Z\d]", "4¦x¦H100"),
    Border(r"[A-Z]", r"x(?=\d)", "16GB¦x¦8"),
    Border(r"[A-Z]x", r"\d", "16GB¦x¦8"),
    Border(r"[\dA-Z]", rf"s(?!{WORD})", "A100¦s"),
    *(  # a capital inside, then a plural s: ResNets, FitNets
        Border(rf"[a-z][A-Z][a-z]{{{n}}}", rf"s(?!{WORD})", f"FitN{'e' * n}¦s")
        for n in range(1, 8)
    ),
    Border(r"[a-z]{2}", r"\d", "Norway¦2"),  # a footnote's digit
    Border(r"[A-Z]{2}", rf"\d{{1,2}}(?!{WORD})", "BERT¦12"),
    Border(rf"(?!{SUPERSCRIPT}){WORD}", SUPERSCRIPT, "A100¦²"),
    Border(SUPERSCRIPT, LETTER, "¹¦University"),
    Border(CJK, LATIN, "年¦2"),
    Border(LATIN, CJK, "2025¦年"),
)
CUTS = re.compile(
    "|".join((*WHOLE, *(f"(?<={left})(?={right})" for left, right, _ in BORDERS)))
)


def create_tokenizer() -> Callable[[Language], Tokenizer]:
    """Return the maker of the tokenizer for a pipeline (``[nlp.tokenizer]``)."""
    return tokenizer


def tokenizer(nlp: Language) -> Tokenizer:
    """Return spaCy's tokenizer with papertag's cuts and the vocabulary of ``nlp``."""
    return Tokenizer(nlp.vocab, infix_finditer=CUTS.finditer)
