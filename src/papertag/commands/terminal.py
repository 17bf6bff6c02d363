"""Terminal: what commands say there."""

import sys
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, TypeVar

import typer

if TYPE_CHECKING:
    from rich.console import Console

    from papertag.documents import Document

Item = TypeVar("Item")


def progress(items: Iterable[Item], total: int, quiet: bool) -> Iterator[Item]:
    """Pass items on, with a bar on standard error if that is a terminal."""
    if quiet or total < 2 or not sys.stderr.isatty():  # noqa: PLR2004
        yield from items
        return
    from rich.progress import track

    yield from track(items, "papers", total, console=console(stderr=True))


def console(stderr: bool = False) -> "Console":
    """Return what prints tables and bars."""
    from rich.console import Console

    return Console(stderr=stderr, highlight=False)


def say(line: str) -> None:
    """Print a line on standard error."""
    typer.echo(line, err=True)


def say_notes(documents: Iterable["Document"]) -> None:
    """Print what readers noted of documents, as that a text had to be rebuilt."""
    for document in documents:
        if document.note:
            say(f"papertag: note: {document.note}")


def complain(error: Exception) -> None:
    """Print the one line of an error."""
    say(f"papertag: error: {error}")
