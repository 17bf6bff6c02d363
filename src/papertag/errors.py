"""What papertag tells a user who gave it something it cannot use.

    PapertagError
    ├── InputError      a file or folder that cannot be read as what it should be
    │   └── MarkupError     tagged text that breaks the grammar
    ├── SpanError       spans that do not fit their text or one another
    ├── OutputError     a result that cannot be written
    ├── CorpusError     documents that cannot become training data
    └── PipelineError   a pipeline that cannot be loaded or does not fit

Every message is one line: ``place: problem; cure``.
"""

from pathlib import Path


class PapertagError(Exception):
    """Base of all errors that are the input's fault; shown without a traceback."""

    def __init__(self, problem: str, cure: str = "", place: str = "") -> None:
        super().__init__(problem)
        self.problem, self.cure, self.place = problem, cure, place

    def at(self, source: str | Path) -> "PapertagError":
        """Return the same error with ``source`` in front of its place."""
        place = f"{source}:{self.place}" if self.place else str(source)
        return type(self)(self.problem, self.cure, place)

    def __str__(self) -> str:
        parts = (self.place, self.problem)
        line = ": ".join(part for part in parts if part)
        line = f"{line}; {self.cure}" if self.cure else line
        return " ".join(line.replace("\0", "\\0").splitlines())


class InputError(PapertagError):
    """A file or folder that cannot be read as what it should be."""


class MarkupError(InputError):
    """Tagged text that breaks the grammar; its place is ``line:column``."""


class SpanError(PapertagError):
    """Spans that do not fit their text or one another."""


class OutputError(PapertagError):
    """A result that cannot be written."""


class CorpusError(PapertagError):
    """Documents that cannot become training data."""


class PipelineError(PapertagError):
    """A pipeline that cannot be loaded, or whose labels are not papertag's."""
