"""Sources: papers as they come in, from a path to running text and a way back."""

from papertag.sources.reading import list_members, open_sources, read_source
from papertag.sources.source import Kind, Limits, Place, Source

__all__ = [
    "Kind",
    "Limits",
    "Place",
    "Source",
    "list_members",
    "open_sources",
    "read_source",
]
