"""`papertag convert`: tagged papers in, training data out."""

from pathlib import Path
from typing import Annotated

import typer

from papertag.commands.options import Encoding, Force, Quiet
from papertag.commands.terminal import console, say, say_notes
from papertag.errors import CorpusError
from papertag.splits import Split


def convert(
    folders: Annotated[
        list[Path],
        typer.Argument(
            metavar="FOLDER",
            help="Tagged papers, as files or folders of them: *.txt (inline tags, or "
            "brat's with .ann beside), .jsonl (Prodigy, doccano), .json (Label "
            "Studio), .conll; train/, dev/ and test/ inside a folder are kept.",
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
    say_notes(entry.document for entry in entries)
    corpus = corpora.build(entries)
    for row in corpus.misaligned:
        say(f"{row['place']}: no tokens fit {row['text'][:60]!r} ({row['label']})")
    if corpus.misaligned and not allow_misaligned:
        problem = f"spans that fit no tokens: {len(corpus.misaligned)}, listed above"
        raise CorpusError(problem, "mend them, or pass --allow-misaligned")
    manifest = corpora.write(corpus, output, dev=dev, test=test, force=force)
    for split in (Split.TRAIN, Split.DEV):
        if only is None and not corpus.docs[split]:
            say(f"papertag: note: {split} is empty, and training needs it; add papers")
    if not quiet:
        print_corpus(console(), manifest)
