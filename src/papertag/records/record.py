"""Records: what is known of a model, each value with the sentence that proves it."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from papertag.sources.source import Place

MODEL = "Model"
PARAMETERS = "Parameters"
ACTIVE = "Active parameters"
HARDWARE = "Training hardware"
MEMORY = "Hardware memory (GB)"
QUANTITY = "Hardware quantity"
HOURS = "Training time (hours)"
CHIP_HOURS = "Training chip-hours"
COUNTRY = "Country (of organization)"
CODE = "Country code"
DATE = "Publication date"

NUMBERS = (PARAMETERS, ACTIVE, MEMORY, QUANTITY, HOURS, CHIP_HOURS)
FIELDS = (
    *(PARAMETERS, ACTIVE, HARDWARE, MEMORY, QUANTITY, HOURS, CHIP_HOURS),
    *(COUNTRY, CODE, DATE),
)

Value = float | str | tuple[float, float]  # a pair is a range


@dataclass(frozen=True)
class Evidence:
    """The sentence that says something, and the mention in it.

    ``start`` and ``end`` are code points of the paper's text; ``places`` are where it
    stands in the file, one a line in a PDF, as far as the file's reader knows it.
    """

    sentence: str
    start: int
    end: int
    places: tuple[Place, ...] = ()


@dataclass(frozen=True)
class Fact:
    """A value of a field, its evidence, and how sure it is, in [0, 1]."""

    field: str
    value: Value
    evidence: Evidence
    score: float
    note: str = ""


@dataclass(frozen=True)
class Record:
    """A model that a paper introduces: at most one fact a field, but for countries."""

    model: str
    source: str
    facts: dict[str, tuple[Fact, ...]]
    evidence: Evidence
    score: float
    aliases: tuple[str, ...] = ()

    def values(self, name: str) -> list[Value]:
        """Return the values of a field, best first."""
        return [fact.value for fact in self.facts.get(name, ())]


@dataclass(frozen=True)
class Conflict:
    """Different values for one field of one model; the first is in the record."""

    model: str
    field: str
    facts: tuple[Fact, ...]


@dataclass(frozen=True)
class Extraction:
    """The records of one paper, and what is not in them."""

    source: str
    records: tuple[Record, ...] = ()
    unlinked: tuple[Fact, ...] = ()
    conflicts: tuple[Conflict, ...] = field(default=())

    def conflicts_of(self, model: str) -> Iterator[Conflict]:
        """Yield the conflicts of one model."""
        return (conflict for conflict in self.conflicts if conflict.model == model)
