"""Records: the facts of papers as rows, one for each model that a paper introduces."""

from papertag.records.extraction import extract
from papertag.records.record import (
    FIELDS,
    Conflict,
    Evidence,
    Extraction,
    Fact,
    Record,
)

__all__ = ["FIELDS", "Conflict", "Evidence", "Extraction", "Fact", "Record", "extract"]
