"""Aliases: mentions of models put together where they name the same model."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import pairwise

from papertag.records.parameters import parse_parameters
from papertag.spans import Span

_SIZE = re.compile(
    r"(?<![A-Za-z\d.])(\d+(?:\.\d+)?\s?[MBT]|\d+x\d+(?:\.\d+)?B)(?![A-Za-z\d])", re.I
)
_STEM = re.compile(r"[^\W\d_]{3,}(?=[\s\-_/:.\d+])")


@dataclass
class Model:
    """A model of a paper: its name as written most often, and its mentions."""

    name: str
    key: str
    mentions: list[Span] = field(default_factory=list)

    @cached_property
    def stem(self) -> str:
        """What variants of a family have in common; empty if the name has no parts."""
        stem = _STEM.match(bare_name(self.name))
        return stem[0].lower() if stem else ""

    @cached_property
    def size(self) -> float | None:
        """The parameters that the name itself says, as in ``LLaMA-13B``."""
        found = _SIZE.findall(self.name)
        counts = parse_parameters(found[-1].replace(" ", "")) if found else None
        return counts.total if counts else None


def model_key(name: str) -> str:
    """Return what is the same for all ways to write one name.

    Case, spaces, hyphens and the owner of a hub's name do not count, so that
    ``LLaMA-13B`` and ``LLaMA 13B`` are one, ``Kestrel`` and ``Kestrel-S`` are two.
    """
    name = re.sub(r"(?<=\w)-\s*\n\s*", "", unicodedata.normalize("NFKC", name))
    return re.sub(r"[^\w.+/:]|_", "", bare_name(name)).lower().strip(".")


def bare_name(name: str) -> str:
    """Return a name without the owner that stands before it on a hub."""
    rest = name.rpartition("/")[2]
    return rest if re.search(r"[a-z]{3}", rest, re.I) else name


def merge_mentions(text: str, spans: Sequence[Span]) -> list[Model]:
    """Return the models that spans name, in the order of their first mention."""
    models: dict[str, Model] = {}
    for span in sorted(spans):
        key = model_key(text[span.start : span.end])
        if key:
            models.setdefault(key, Model("", key)).mentions.append(span)
    _merge_acronyms(text, models)
    for model in models.values():
        names = [" ".join(text[s.start : s.end].split()) for s in model.mentions]
        model.name = max(
            names, key=lambda name: (names.count(name), -names.index(name))
        )
    return list(models.values())


def is_variant(model: Model, family: Model) -> bool:
    """Tell whether a name is the family's with more behind it: ``Kestrel-S``."""
    if model is family or not model.key.startswith(family.key):
        return False
    rest = model.name[len(family.name) :]
    return bool(re.match(r"[\s\-_/.:+]|\d", rest))


def are_siblings(one: Model, other: Model) -> bool:
    """Tell variants of one family: ``Graupel-3B`` and ``Graupel-54B``."""
    return one is not other and one.stem != "" and one.stem == other.stem


def are_relatives(one: Model, other: Model) -> bool:
    """Tell siblings, and a variant and its family."""
    return are_siblings(one, other) or is_variant(one, other) or is_variant(other, one)


def _merge_acronyms(text: str, models: dict[str, Model]) -> None:
    """Make one of ``KIRA (Keyline Image Reading Architecture)``, either way round."""
    ordered = sorted(
        ((model.mentions[0], model) for model in models.values()),
        key=lambda pair: pair[0],
    )
    for (left, short), (right, long) in pairwise(ordered):
        gap = text[left.end : right.start]
        if short.key not in models or long.key not in models:
            continue
        names = [text[s.start : s.end] for s in (left, right)]
        if re.fullmatch(r"\W{0,3}\s?\(\W{0,2}", gap) and _abbreviates(*names):
            short.mentions += models.pop(long.key).mentions
            short.mentions.sort()


def _abbreviates(one: str, other: str) -> bool:
    short, long = sorted((one, other), key=len)
    initials = "".join(word[0] for word in re.findall(r"[A-Za-z]+", long)).lower()
    return len(short) > 1 and len(initials) > 1 and short.lower() == initials
