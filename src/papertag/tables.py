"""Tables: scores and corpora as one reads them in a terminal."""

from typing import Any

from rich.box import SIMPLE
from rich.console import Console
from rich.table import Table
from rich.text import Text

from papertag.precision import Parity
from papertag.scoring import Score, Scores
from papertag.spans import LABELS


def print_scores(
    console: Console, scores: Scores, agreement: dict[str, Any] | None = None
) -> None:
    """Print a row a label, then micro and macro; percent, strict with its interval."""
    title = f"{scores.documents} documents; percent"
    table = Table(
        title=title,
        title_justify="left",
        box=SIMPLE,
        pad_edge=False,
        padding=(0, 1, 0, 0),
    )
    table.add_column("", no_wrap=True)
    for heading in ("prec.", "recall", "F1", "95 %", "partial", "border"):
        table.add_column(heading, justify="right", no_wrap=True)
    table.add_column("gold", justify="right", style="dim")
    table.add_column("found", justify="right", style="dim")
    for label in LABELS:
        _add_row(
            table, label, scores, lambda measure, label=label: measure.types[label]
        )
    table.add_section()
    _add_row(table, "micro", scores, lambda measure: measure.micro)
    _add_row(table, "macro", scores, lambda measure: measure.macro)
    console.print(table)
    console.print(
        "F1 and its 95 % interval over documents are strict: same borders, same type.\n"
        "partial is the F1 of overlap, same type; border of same borders, any type.",
        style="dim",
    )
    if agreement and agreement["kappa"] is not None:
        console.print(
            f"Cohen's kappa over tokens: {agreement['kappa']:.3f}", style="dim"
        )


def print_corpus(console: Console, manifest: dict[str, Any]) -> None:
    """Print a row a split: documents, docs, tokens and spans by label."""
    table = Table(box=SIMPLE, padding=0, collapse_padding=True)
    table.add_column("", no_wrap=True)
    for heading in ("documents", "docs", "tokens", *LABELS):
        table.add_column(heading, justify="right", no_wrap=True)
    for name, split in manifest["splits"].items():
        spans = (split["spans"][label] for label in LABELS)
        numbers = (split["documents"], split["docs"], split["tokens"], *spans)
        table.add_row(name, *map(str, numbers))
    console.print(table)


def print_parity(console: Console, parity: Parity) -> None:
    """Print how a compact pipeline compares with the one it was made from."""
    console.print(
        f"{parity.documents} documents, {parity.spans} spans found; strict F1: "
        f"trained {_percent(parity.trained)}, fp32 {_percent(parity.fp32)}, "
        f"{parity.precision.value} {_percent(parity.made)}"
    )


def _add_row(table: Table, name: str, scores: Scores, pick: Any) -> None:
    strict: Score = pick(scores.strict)
    bounds = strict.interval.f1 if strict.interval else None
    interval = f"{_percent(bounds[0])}-{_percent(bounds[1])}" if bounds else "-"
    table.add_row(
        name,
        _percent(strict.precision),
        _percent(strict.recall),
        Text(_percent(strict.f1), style="bold"),
        interval,
        _percent(pick(scores.partial).f1),
        _percent(pick(scores.border).f1),
        str(strict.support),
        str(strict.predicted),
    )


def _percent(fraction: float | None) -> str:
    return "-" if fraction is None else f"{100 * fraction:.1f}"
