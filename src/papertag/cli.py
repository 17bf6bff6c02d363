"""The commands: each parses, calls one library function, and prints."""

import json
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer

from papertag import __version__
from papertag.errors import (
    CorpusError,
    InputError,
    OutputError,
    PapertagError,
    PipelineError,
)
from papertag.papers import STDIN, Format, Tags, Task, list_papers
from papertag.precision import Precision
from papertag.splits import Split
from papertag.tagging import Job, Outcome, tag_papers
from papertag.workers import Loader, Tagger, tag_in_workers

if TYPE_CHECKING:
    from rich.console import Console

EXAMPLE = Path(__file__).parent / "example.txt"
STOPPED = 130  # by Ctrl-C, as shells have it
_Item = TypeVar("_Item")

app = typer.Typer(
    name="papertag",
    no_args_is_help=True,
    rich_markup_mode="markdown",
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)

Encoding = Annotated[
    str, typer.Option(help="Of the input, as latin-1 or utf-16; output is UTF-8.")
]
Force = Annotated[bool, typer.Option("--force", help="Overwrite what exists.")]
Quiet = Annotated[
    bool, typer.Option("--quiet", "-q", help="Print errors and warnings only.")
]
Pipeline = Annotated[
    str | None,
    typer.Option(
        "--pipeline",
        "-p",
        metavar="FOLDER|PACKAGE",
        help="A trained pipeline, as in training/minilm/model-best. "
        "By default the one that ships with papertag.",
    ),
]


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
        _complain(error)
        sys.exit(1)
    except ExceptionGroup as group:
        for member in group.exceptions:
            _complain(member)
        sys.exit(1)
    except BrokenPipeError:  # the reader of our output, such as head, has gone
        sys.stdout = None
        sys.exit(1)
    except OSError as error:  # as a full disk behind standard output
        place = str(error.filename or "")
        _complain(OutputError(str(error.strerror).lower(), "check the path", place))
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

    Try `papertag tag --example`. Tag papers with `tag`; turn papers that you tagged
    into training data with
    `convert`, train with `python -m spacy train`; measure with `evaluate`.
    """


@app.command()
def tag(
    papers: Annotated[
        list[Path] | None,
        typer.Argument(
            metavar="PAPER",
            help="Plain texts, folders of *.txt files, or - for standard input.",
            show_default=False,
        ),
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option(
            "--output", "-o", metavar="FOLDER", help="Write one file a paper there."
        ),
    ] = None,
    form: Annotated[
        Format,
        typer.Option(
            "--format",
            "-f",
            help="Tags in the text, or JSON lines with text and character offsets.",
        ),
    ] = Format.INLINE,
    pipeline: Pipeline = None,
    example: Annotated[
        bool, typer.Option("--example", help="Tag the paper that comes with papertag.")
    ] = False,
    retag: Annotated[
        bool, typer.Option("--retag", help="Replace the tags of tagged papers.")
    ] = False,
    as_text: Annotated[
        bool, typer.Option("--as-text", help="Take tags in papers as ordinary text.")
    ] = False,
    encoding: Encoding = "utf-8",
    force: Force = False,
    resume: Annotated[
        bool, typer.Option("--resume", help="Leave out papers whose output exists.")
    ] = False,
    min_score: Annotated[
        float,
        typer.Option(
            "--min-score",
            min=0,
            max=1,
            metavar="SCORE",
            help="Leave out what is right with less than this probability.",
        ),
    ] = 0.0,
    jobs: Annotated[
        int,
        typer.Option("--jobs", "-j", min=1, help="Processes that tag papers at once."),
    ] = 1,
    quiet: Quiet = False,
) -> None:
    """Tag plain papers. The text itself never changes.

    `papertag tag paper.txt` prints the tagged text;
    `papertag tag papers/ --output tagged/` writes one file for each paper, goes on
    after a bad one, and with `--resume` after a stop. JSON lines hold a score for each
    span: how likely it is right.
    """
    if example and papers:
        raise typer.BadParameter("--example and papers exclude each other")
    inputs = [EXAMPLE] if example else papers or []
    _check_usage(inputs, output, retag and as_text)
    if output is None and (resume or force):
        raise typer.BadParameter("--resume and --force need --output FOLDER")
    if jobs > 1 and STDIN in inputs:
        raise typer.BadParameter("standard input is one paper; leave out --jobs")
    tags = Tags.REPLACE if retag else Tags.TEXT if as_text else Tags.REFUSE
    tasks, errors = list_papers(inputs, form, output)
    if len(tasks) > 1 and output is None and form is Format.INLINE:
        raise typer.BadParameter(
            "several papers need --output FOLDER or --format jsonl"
        )
    done, failed = 0, []
    if tasks:
        job = Job(form, tags, encoding, output, force, resume)
        run = partial(_tagger, pipeline, min_score)
        outcomes: list[Outcome] = []
        try:
            outcomes.extend(_outcomes(tasks, job, run, jobs, quiet))
        except KeyboardInterrupt:
            hint = "; --resume goes on" if output else ""
            _say(f"papertag: stopped; papers that are done: {len(outcomes)}{hint}")
            raise typer.Exit(STOPPED) from None
        failed = [outcome.error for outcome in outcomes if outcome.error]
        done = sum(outcome.output is not None for outcome in outcomes)
        errors += failed
    for error in errors:
        _complain(error)
    if output and not quiet:
        left_out = len(tasks) - done - len(failed)
        _say(f"{done} tagged, {left_out} left out, {len(errors)} with errors")
    if errors:
        raise typer.Exit(1)


@app.command()
def convert(
    folders: Annotated[
        list[Path],
        typer.Argument(
            metavar="FOLDER",
            help="Tagged *.txt, as folders or files, or .jsonl; train/, dev/ and test/ "
            "inside a folder are kept.",
            show_default=False,
        ),
    ],
    output: Annotated[
        Path, typer.Option("--output", "-o", metavar="FOLDER", help="Where to write.")
    ],
    dev: Annotated[
        float | None,
        typer.Option(
            min=0,
            max=1,
            metavar="SHARE",
            help="Set aside to pick the best checkpoint; 0.1, but 0 beside a folder "
            "that brings its own dev/.",
        ),
    ] = None,
    test: Annotated[
        float | None,
        typer.Option(
            min=0, max=1, metavar="SHARE", help="Set aside to measure; as for --dev."
        ),
    ] = None,
    only: Annotated[
        Split | None,
        typer.Option("--as", help="Where all documents go that bring no split."),
    ] = None,
    allow_misaligned: Annotated[
        bool,
        typer.Option(
            "--allow-misaligned",
            help="Write although spans fit no tokens; those become missing values.",
        ),
    ] = False,
    encoding: Encoding = "utf-8",
    force: Force = False,
    quiet: Quiet = False,
) -> None:
    """Turn tagged papers into training data: train, dev and test.spacy.

    `papertag convert mine/ --output built/` splits by a hash of each text, so that
    papers added later leave the old ones where they are. `manifest.json` counts
    documents, tokens and spans. Then train:

    `python -m spacy train configs/minilm.cfg --paths.train built/train.spacy
    --paths.dev built/dev.spacy --output training/mine`
    """
    from papertag import corpus as corpora
    from papertag.tables import print_corpus

    if sum(corpora.shares(dev, test).values()) > 1:
        raise typer.BadParameter("--dev and --test together are more than 1")
    if not force:
        corpora.check_output(output)
    earlier = corpora.earlier_splits(output, dev, test)
    entries = corpora.read_splits(
        folders, dev=dev, test=test, only=only, encoding=encoding, earlier=earlier
    )
    corpus = corpora.build(entries)
    for row in corpus.misaligned:
        _say(f"{row['place']}: no tokens fit {row['text'][:60]!r} ({row['label']})")
    if corpus.misaligned and not allow_misaligned:
        problem = f"spans that fit no tokens: {len(corpus.misaligned)}, listed above"
        raise CorpusError(problem, "mend them, or pass --allow-misaligned")
    manifest = corpora.write(corpus, output, dev=dev, test=test, force=force)
    for split in (Split.TRAIN, Split.DEV):
        if only is None and not corpus.docs[split]:
            _say(f"papertag: note: {split} is empty, and training needs it; add papers")
    if not quiet:
        print_corpus(_console(), manifest)


@app.command()
def evaluate(
    gold: Annotated[
        Path,
        typer.Argument(
            help="A tagged text, a folder of them, or a .jsonl file.",
            show_default=False,
        ),
    ],
    pipeline: Pipeline = None,
    predicted: Annotated[
        Path | None,
        typer.Option(
            metavar="PATH",
            help="Score these tagged papers or .jsonl, in UTF-8, not a pipeline.",
        ),
    ] = None,
    json_file: Annotated[
        Path | None,
        typer.Option("--json", metavar="FILE", help="Write all scores there too."),
    ] = None,
    encoding: Encoding = "utf-8",
    force: Force = False,
    quiet: Quiet = False,
) -> None:
    """Score a pipeline, or tagged papers, against papers tagged by hand.

    `papertag evaluate mine/ --pipeline training/mine/model-best`

    Precision, recall and F1 of each type: strict (same borders), partial (overlap)
    and border (any type), with 95 % intervals over documents. With scikit-learn
    (`papertag[evaluate]`) also Cohen's kappa and the confusion between types.
    """
    from papertag import evaluation
    from papertag.documents import read_documents
    from papertag.files import check_absent, write_all
    from papertag.tables import print_scores

    if predicted and pipeline:
        raise typer.BadParameter("--predicted and --pipeline exclude each other")
    if json_file:
        _check_no_source(json_file, [gold, *([predicted] if predicted else [])])
        if not force:
            check_absent(json_file)
    documents = list(read_documents(gold, encoding))
    if not documents:
        raise InputError("holds no documents", "check the file", str(gold))
    if predicted:
        others = read_documents(predicted, check=False)  # papertag writes UTF-8
        spans = evaluation.match(documents, others)
    else:
        from papertag.pipeline import load_pipeline

        found = evaluation.predict(load_pipeline(pipeline), documents)
        spans = list(_progress(found, len(documents), quiet))
    result = evaluation.evaluate(documents, spans)
    if json_file:
        text = json.dumps(result.to_json(), indent=1, allow_nan=False) + "\n"
        write_all({json_file: text.encode()})
    if not quiet:
        print_scores(_console(), result.scores, result.agreement)


@app.command()
def export(
    pipeline: Annotated[
        str,
        typer.Argument(
            metavar="FOLDER", help="As training/best/model-best.", show_default=False
        ),
    ],
    output: Annotated[
        Path, typer.Option("--output", "-o", metavar="FOLDER", help="Where to write.")
    ],
    gold: Annotated[
        Path,
        typer.Option(
            metavar="PATH",
            help="Tagged papers that it has not learnt from, as corpus/tagged/dev: "
            "parity is checked and confidence fitted on them.",
            show_default=False,
        ),
    ],
    precision: Annotated[
        Precision, typer.Option(help="Of the encoder: small and fast, or exact.")
    ] = Precision.INT8,
    window: Annotated[
        int | None, typer.Option(min=1, help="Tokens it sees at once; as trained.")
    ] = None,
    stride: Annotated[
        int | None,
        typer.Option(min=1, help="Tokens from one window to the next; as trained."),
    ] = None,
    force: Force = False,
    quiet: Quiet = False,
) -> None:
    """Turn a trained transformer pipeline into a compact one, without torch.

    `papertag export training/best/model-best --output compact --gold
    corpus/tagged/dev`

    The encoder becomes an ONNX graph, the head stays, and each span gets a score.
    Nothing is written unless the result tags GOLD as the trained pipeline does, but
    for 0.3 points of strict F1 that 8 bits may cost. It can be used like any other,
    but not trained further: keep the trained one.
    """
    from papertag import compact
    from papertag.documents import read_documents
    from papertag.files import check_absent, write_folder
    from papertag.pipeline import load_pipeline
    from papertag.tables import print_parity

    if not force:
        check_absent(output)
    compact.check_installed()
    documents = list(read_documents(gold))
    made, parity = compact.export(
        load_pipeline(pipeline), documents, precision, window, stride
    )
    write_folder(output, made.to_disk)
    if not quiet:
        print_parity(_console(), parity)


def _check_usage(papers: Sequence[Path], output: Path | None, both: bool) -> None:
    if not papers:
        raise typer.BadParameter("name papers, or - for standard input, or --example")
    if both:
        raise typer.BadParameter("--retag and --as-text exclude each other")
    if output and output.exists() and not output.is_dir():
        raise typer.BadParameter(f"--output {output} is a file; name a folder")


def _check_no_source(output: Path, sources: Sequence[Path]) -> None:
    """Raise OutputError if a result would stand in place of, or among, its sources."""
    for source in sources:
        real = output.resolve()
        places = [real, *real.parents] if source.is_dir() else [real]
        if source.resolve() in places:
            cure = "name a file elsewhere"
            raise OutputError("lies among what is scored", cure, str(output))


def _tagger(pipeline: str | None, min_score: float) -> Tagger:
    """Return what tags one paper; a worker process calls this, too."""
    from papertag.pipeline import gives_scores, load_pipeline
    from papertag.pipeline import tag as tag_paper

    nlp = load_pipeline(pipeline)
    if min_score and not gives_scores(nlp):
        cure = "leave out --min-score, or export the pipeline: papertag export --help"
        raise PipelineError("gives no scores", cure, pipeline or "")
    return partial(tag_paper, nlp, min_score=min_score)


def _outcomes(
    tasks: Sequence[Task], job: Job, load: Loader, jobs: int, quiet: bool
) -> Iterator[Outcome]:
    """Yield the outcomes without their output, which is printed if it has no file."""
    tagger = load()  # here, too, if there are workers: what is wrong is said once
    jobs = min(jobs, len(tasks))
    found = (
        tag_in_workers(tasks, job, load, jobs)
        if jobs > 1
        else tag_papers(tasks, job, tagger)
    )
    for outcome in _progress(found, len(tasks), quiet):
        if job.folder is None and outcome.output is not None:
            # As bytes: a terminal's encoding or line ends must not change the text.
            sys.stdout.buffer.write(outcome.output.encode())
            sys.stdout.buffer.flush()
        yield outcome._replace(output=outcome.output and "")


def _progress(items: Iterable[_Item], total: int, quiet: bool) -> Iterator[_Item]:
    """Pass items on, with a bar on standard error if that is a terminal."""
    if quiet or total < 2 or not sys.stderr.isatty():  # noqa: PLR2004
        yield from items
        return
    from rich.progress import track

    yield from track(items, "papers", total, console=_console(stderr=True))


def _console(stderr: bool = False) -> "Console":
    from rich.console import Console

    return Console(stderr=stderr, highlight=False)


def _say(line: str) -> None:
    typer.echo(line, err=True)


def _complain(error: Exception) -> None:
    _say(f"papertag: error: {error}")
