"""Corpus: folders of tagged text become one DocBin a split, and a manifest."""

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any

import spacy
from spacy.tokens import Doc, DocBin

from papertag.alignment import set_spans
from papertag.chunking import chunks
from papertag.documents import Document, list_tagged, read_documents
from papertag.errors import CorpusError, InputError
from papertag.files import check_absent, read_text, write_all
from papertag.spans import LABELS, Span
from papertag.splits import SPLITS, Split, digest, group_copies, near_copies, split_of
from papertag.tokenization import tokenizer

SHARE = 0.1  # of the documents for dev, and for test
MAX_TOKENS = 500  # of a training doc: longer documents are cut at paragraph borders


@dataclass(frozen=True)
class Entry:
    """A document and its split, which a hash chose, or its folder or the user."""

    document: Document
    split: Split
    by_hash: bool = False


@dataclass
class Corpus:
    """Documents with their splits, and what of each ended in the docs."""

    entries: list[Entry]
    docs: dict[Split, list[Doc]] = field(default_factory=dict)
    rows: list[dict[str, Any]] = field(default_factory=list)
    misaligned: list[dict[str, str]] = field(default_factory=list)


def read_splits(  # noqa: PLR0913 (the options of one command)
    folders: Sequence[Path],
    *,
    dev: float | None = None,
    test: float | None = None,
    only: Split | None = None,
    encoding: str = "utf-8",
    earlier: Mapping[str, Split] | None = None,
) -> list[Entry]:
    """Read tagged documents and give each a split.

    A folder that holds ``train``, ``dev`` or ``test`` keeps them. All others go to
    the split ``only``; without one to train, if some folder brings a dev split and no
    share is given; else by a hash of their text with the shares ``dev`` and ``test``
    (SHARE each), so that papers added later leave the old ones in their splits. A near
    copy goes with the first of its kind: one that has a split in ``earlier`` (by
    `digest`, as `earlier_splits` reads it), else the first by its path. Raises
    CorpusError where a document, or a near copy of it, stands in two splits, and on a
    file that is read twice.
    """
    earlier = earlier or {}
    fixed = [(folder / split, split) for folder in folders for split in SPLITS]
    fixed = [(folder, split) for folder, split in fixed if folder.is_dir()]
    loose = [f for f in folders if not any((f / split).is_dir() for split in SPLITS)]
    for folder in folders:
        if folder not in loose:
            _check_no_others(folder)
    no_share = dev is None and test is None
    if only is None and no_share and any(split is Split.DEV for _, split in fixed):
        only = Split.TRAIN
    entries = [
        Entry(document, split)
        for folder, split in fixed
        for document in read_documents(folder, encoding)
    ]
    documents = [doc for path in loose for doc in read_documents(path, encoding)]
    # Old documents first, so that each group of copies is named after its oldest.
    documents.sort(key=lambda document: digest(document.text) not in earlier)
    texts = [document.text for document in documents]
    for document, first in zip(documents, group_copies(texts), strict=True):
        kept = earlier.get(digest(document.text)) or earlier.get(digest(texts[first]))
        split = kept or split_of(texts[first], *shares(dev, test).values())
        entries.append(Entry(document, only or split, by_hash=only is None))
    if not entries:
        names = ", ".join(map(str, folders))
        raise InputError("holds no documents", "check the file", names)
    _check_sources(entries)
    _check_leaks(entries)
    return entries


def shares(dev: float | None, test: float | None) -> dict[str, float]:
    """Return the shares of dev and test, SHARE where none is given."""
    return {
        "dev": SHARE if dev is None else dev,
        "test": SHARE if test is None else test,
    }


def earlier_splits(
    folder: Path, dev: float | None, test: float | None
) -> dict[str, Split]:
    """Return what a hash chose in an earlier run, by digest, from its manifest.

    Empty where there is no manifest, or where it was written for other shares.
    """
    try:
        manifest = json.loads(read_text(folder / "manifest.json"))
        if manifest["shares"] != shares(dev, test):
            return {}
        rows = (row for row in manifest["documents"] if row["by_hash"])
        return {row["sha256"]: Split(row["split"]) for row in rows}
    except (InputError, ValueError, KeyError, TypeError):
        return {}  # no manifest of ours


def build(entries: Iterable[Entry]) -> Corpus:
    """Turn documents into docs of at most MAX_TOKENS tokens, none of them dropped."""
    corpus = Corpus(sorted(entries, key=lambda entry: entry.document.source))
    tokenize = tokenizer(spacy.blank("papertag"))
    corpus.docs = {split: [] for split in SPLITS}
    for entry in corpus.entries:
        doc = tokenize(entry.document.text)
        misaligned = set_spans(doc, entry.document.spans, MAX_TOKENS)
        corpus.misaligned += [_listed(entry.document, span) for span in misaligned]
        inside = {token.i for token in doc if token.ent_iob_ == "I"}
        pieces = [
            doc[start:end].as_doc() for start, end in chunks(doc, MAX_TOKENS, inside)
        ]
        corpus.docs[entry.split] += pieces
        corpus.rows.append(_row(entry, doc, pieces))
    return corpus


def write(
    corpus: Corpus,
    folder: Path,
    *,
    dev: float | None = None,
    test: float | None = None,
    force: bool = False,
) -> dict[str, Any]:
    """Write ``train.spacy``, ``dev.spacy``, ``test.spacy`` and ``manifest.json``.

    Returns the manifest, in which the shares are noted for `earlier_splits`. The same
    corpus gives the same bytes. Raises OutputError, and writes nothing, where a file
    exists and ``force`` is not set.
    """
    if not force:
        check_output(folder)
    contents = {
        folder / f"{split}.spacy": DocBin(docs=docs).to_bytes()
        for split, docs in corpus.docs.items()
    }
    manifest = {"shares": shares(dev, test), **_manifest(corpus, contents)}
    text = json.dumps(manifest, indent=1, ensure_ascii=False) + "\n"
    contents[folder / "manifest.json"] = text.encode()
    write_all(contents)
    return manifest


def check_output(folder: Path) -> None:
    """Raise OutputError if one of the files that `write` makes is there already."""
    for name in (*(f"{split}.spacy" for split in SPLITS), "manifest.json"):
        check_absent(folder / name)


def _check_no_others(folder: Path) -> None:
    """Raise CorpusError on papers beside the splits of a folder."""
    inside = [folder / split for split in SPLITS]
    others = [
        path
        for path in list_tagged(folder)
        if not any(path.is_relative_to(split) for split in inside)
    ]
    if others:
        problem = f"stands beside {', '.join(SPLITS)} (papers there: {len(others)})"
        cure = "move it into one of them, or into a folder of its own"
        raise CorpusError(problem, cure, str(others[0]))


def _check_sources(entries: Sequence[Entry]) -> None:
    """Raise CorpusError on a file that was read twice."""
    seen = set()
    for entry in entries:
        path = Path(entry.document.source).resolve()
        if path in seen:
            source = entry.document.source
            raise CorpusError("is read twice", "name each folder once", source)
        seen.add(path)


def _check_leaks(entries: Sequence[Entry]) -> None:
    pairs = near_copies([entry.document.text for entry in entries])
    leaks = [
        (left.document.source, left.split, right.document.source, right.split)
        for left, right in ((entries[i], entries[j]) for i, j in pairs)
        if left.split != right.split
    ]
    if leaks:
        shown = ", ".join(f"{a} ({x}) = {b} ({y})" for a, x, b, y in leaks[:5])
        more = f" and {len(leaks) - 5} more" if len(leaks) > 5 else ""  # noqa: PLR2004
        raise CorpusError(
            f"the same or nearly the same text stands in two splits: {shown}{more}",
            "keep one of each pair",
        )


def _listed(document: Document, span: Span) -> dict[str, str]:
    mention = document.text[span.start : span.end]
    place = document.place(span.start).encode("utf8", "replace").decode("utf8")
    return {"place": place, "label": span.label, "text": mention}


def _row(entry: Entry, doc: Doc, pieces: list[Doc]) -> dict[str, Any]:
    """Return a document's row of the manifest; all its tokens must be in the pieces."""
    tokens = sum(map(len, pieces))
    assert tokens == len(doc), f"{entry.document.source}: {len(doc)} tokens, {tokens}"
    return {
        "source": entry.document.source.encode("utf8", "replace").decode("utf8"),
        "split": entry.split.value,
        "by_hash": entry.by_hash,
        "sha256": digest(entry.document.text),
        "docs": len(pieces),
        "tokens": tokens,
        "spans": len(entry.document.spans),
    }


def _manifest(corpus: Corpus, contents: dict[Path, bytes]) -> dict[str, Any]:
    checksums = {path.stem: sha256(data).hexdigest() for path, data in contents.items()}
    splits = {}
    for split in SPLITS:
        rows = [row for row in corpus.rows if row["split"] == split]
        labels = Counter(ent.label_ for doc in corpus.docs[split] for ent in doc.ents)
        splits[split.value] = {
            "documents": len(rows),
            "docs": sum(row["docs"] for row in rows),
            "tokens": sum(row["tokens"] for row in rows),
            "spans": {label: labels[label] for label in LABELS},
            "sha256": checksums[split],
        }
    return {
        "splits": splits,
        "misaligned": corpus.misaligned,
        "documents": corpus.rows,
    }
