"""The command line: one app of all commands, and what becomes of errors."""

import sys
from collections.abc import Callable
from typing import Annotated

import typer

from papertag import __version__
from papertag.commands.convert import convert
from papertag.commands.evaluate import evaluate
from papertag.commands.export import export
from papertag.commands.extract import extract
from papertag.commands.tag import tag
from papertag.commands.terminal import complain
from papertag.errors import OutputError, PapertagError

app = typer.Typer(
    name="papertag",
    no_args_is_help=True,
    rich_markup_mode="markdown",
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
for command in (tag, extract, convert, evaluate, export):
    app.command()(command)


def main() -> None:
    """Run the command line."""
    guard(app)


def guard(command: Callable[[], object]) -> None:
    """Run a command; what is wrong with its input is one line, and exit code 1."""
    if sys.stdout is None:
        sys.exit("papertag: error: standard output is closed; open it")
    try:
        command()
    except PapertagError as error:
        complain(error)
        sys.exit(1)
    except ExceptionGroup as group:
        for member in group.exceptions:
            complain(member)
        sys.exit(1)
    except BrokenPipeError:  # the reader of our output, such as head, has gone
        sys.stdout = None
        sys.exit(1)
    except OSError as error:  # as a full disk behind standard output
        place = str(error.filename or "")
        problem = (error.strerror or str(error)).lower()
        complain(OutputError(problem, "check the path", place))
        sys.exit(1)


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"papertag {__version__}")
        raise typer.Exit


@app.callback()
def papertag(
    version: Annotated[
        bool,
        typer.Option(
            "--version",
            callback=_print_version,
            is_eager=True,
            help="Show the version.",
        ),
    ] = False,
) -> None:
    """Mark the facts about AI models in papers, inline: `<model>`, `<country>`,
    `<params>`, `<hardware>`, `<training>` and `<year>`.

    Try `papertag tag --example`. Tag papers with `tag`; make a table of the models that
    they introduce with `extract`; turn papers that you tagged into training data with
    `convert`, train with `python -m spacy train`; measure with `evaluate`.
    """
