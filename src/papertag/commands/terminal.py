"""Terminal: what commands say there."""

import sys
import time
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, TypeVar

import typer

if TYPE_CHECKING:
    from rich.console import Console

    from papertag.documents import Document

Item = TypeVar("Item")
STOPPED = 130  # the exit code after Ctrl-C, as shells have it


def progress(
    items: Iterable[Item], total: int, quiet: bool, done: int = 0
) -> Iterator[Item]:
    """Pass items on; if standard error is a terminal, show rate and time left there.

    ``done`` of the ``total`` are done already.
    """
    if quiet or total < 2 or not sys.stderr.isatty():  # noqa: PLR2004
        yield from items
        return
    from rich import progress as parts

    shown = parts.Progress(
        parts.TextColumn("papers"),
        parts.BarColumn(),
        parts.MofNCompleteColumn(),
        parts.TextColumn("{task.fields[rate]}"),
        parts.TimeElapsedColumn(),
        parts.TimeRemainingColumn(),
        console=console(stderr=True),
    )
    with shown:
        bar = shown.add_task("", total=total, completed=done, rate="")
        start = time.monotonic()
        for count, item in enumerate(items, 1):
            rate = count / max(time.monotonic() - start, 1e-9)
            shown.update(bar, advance=1, rate=f"{rate:,.1f}/s")
            yield item


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
