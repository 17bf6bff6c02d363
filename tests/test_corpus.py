"""Folders of tagged papers to DocBins: everything goes in, once, and is counted."""

import json
import os
import random
import re
import subprocess
import sys
from collections import Counter
from hashlib import sha256
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import spacy
from spacy.tokens import Doc, DocBin

from papertag.corpus import (
    MAX_TOKENS,
    Corpus,
    build,
    earlier_splits,
    read_splits,
    write,
)
from papertag.errors import CorpusError, InputError, OutputError, PapertagError
from papertag.markup import parse
from papertag.spans import LABELS
from papertag.splits import SPLITS

ROOT = Path(__file__).parents[1]
FOLDERS = [ROOT / "seeds", ROOT / "corpus" / "tagged"]
FILES = ("dev.spacy", "manifest.json", "test.spacy", "train.spacy")
SHARES = {"dev": 0.3, "test": 0.3}


class Built(NamedTuple):
    corpus: Corpus
    folder: Path
    manifest: dict[str, Any]
    docs: dict[str, list[Doc]]  # read back from the files


def paper(seed: int, words: int = 80) -> str:
    """A tagged paper unlike that of any other seed."""
    rng = random.Random(seed)
    parts = [f"w{rng.randint(0, 9**9)}" for _ in range(words)]
    for n in range(0, words, 20):
        parts[n] = f"<{LABELS[n // 20 % 6]}>Nova-{parts[n]} 2</{LABELS[n // 20 % 6]}>,"
    return " ".join(parts) + ".\n"


def put(folder: Path, papers: dict[str, str]) -> Path:
    for name, source in papers.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(source.encode())
    return folder


def convert(folders: list[Path], output: Path, **options: Any) -> Built:
    corpus = build(read_splits(folders, **options))
    manifest = write(corpus, output)
    vocab = spacy.blank("papertag").vocab
    docs = {
        split.value: list(DocBin().from_disk(output / f"{split}.spacy").get_docs(vocab))
        for split in SPLITS
    }
    return Built(corpus, output, manifest, docs)


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


def mentions(docs: list[Doc]) -> list[tuple[str, str]]:
    return [(ent.text, ent.label_) for doc in docs for ent in doc.ents]


def splits(built: Built) -> dict[str, str]:
    return {Path(r["source"]).name: r["split"] for r in built.manifest["documents"]}


@pytest.fixture(scope="module")
def real(tmp_path_factory) -> Built:
    return convert(FOLDERS, tmp_path_factory.mktemp("corpus") / "built")


def sources(split: str) -> list[Path]:
    """The files of a split as the folders say it, in the order of their paths."""
    seeds = FOLDERS[0].glob("*.txt") if split == "train" else ()
    return sorted([*(FOLDERS[1] / split).rglob("*.txt"), *seeds], key=str)


@pytest.mark.parametrize("split", SPLITS)
def test_nothing_of_seeds_and_corpus_is_dropped(real, split):
    papers = [parse(path.read_bytes().decode()) for path in sources(split)]
    docs = real.docs[split]
    assert papers
    assert "".join(doc.text_with_ws for doc in docs) == "".join(p.text for p in papers)
    assert mentions(docs) == [
        (p.text[s.start : s.end], s.label) for p in papers for s in p.spans
    ]
    assert max(map(len, docs)) <= MAX_TOKENS
    assert all(doc.has_annotation("ENT_IOB") for doc in docs)
    assert not any(token.ent_iob_ == "" for doc in docs for token in doc)


@pytest.mark.parametrize("split", SPLITS)
def test_the_numbers_of_the_manifest_are_true(real, split):
    files, docs = sources(split), real.docs[split]
    tags = re.findall(
        rf"<({'|'.join(LABELS)})>", "".join(path.read_text("utf8") for path in files)
    )
    assert real.manifest["splits"][split] == {
        "documents": len(files),
        "docs": len(docs),
        "tokens": sum(map(len, docs)),
        "spans": {label: Counter(tags)[label] for label in LABELS},
        "sha256": sha256((real.folder / f"{split}.spacy").read_bytes()).hexdigest(),
    }
    rows = [row for row in real.manifest["documents"] if row["split"] == split]
    assert [row["source"] for row in rows] == [str(path) for path in files]
    assert sum(row["spans"] for row in rows) == len(tags)
    assert sum(row["tokens"] for row in rows) == sum(map(len, docs))
    assert sum(row["docs"] for row in rows) == len(docs)
    for row, path in zip(rows, files, strict=True):
        text = parse(path.read_bytes().decode()).text
        assert row["sha256"] == sha256(text.encode()).hexdigest()


def test_the_manifest_on_disk_is_the_one_returned(real):
    text = (real.folder / "manifest.json").read_text(encoding="utf8")
    assert json.loads(text) == real.manifest
    assert real.manifest["misaligned"] == []
    assert tuple(contents(real.folder)) == FILES


def test_another_process_writes_the_same_bytes(real, tmp_path):
    code = """
import sys
from pathlib import Path
from papertag.corpus import build, read_splits, write
*folders, output = map(Path, sys.argv[1:])
write(build(read_splits(folders)), output)
"""
    subprocess.run(
        [sys.executable, "-c", code, *map(str, reversed(FOLDERS)), str(tmp_path)],
        check=True,
        env={**os.environ, "PYTHONHASHSEED": "7"},
    )
    assert contents(tmp_path) == contents(real.folder)


def test_a_folder_with_splits_keeps_them_and_brings_the_others_to_train(tmp_path):
    fixed = {f"{split}/{split}{n}.txt": "" for split in SPLITS for n in range(9)}
    papers = {name: paper(n) for n, name in enumerate(fixed)}
    mine = put(tmp_path / "mine", papers)
    seeds = put(tmp_path / "seeds", {f"s{n}.txt": paper(100 + n) for n in range(9)})
    built = convert([seeds, mine], tmp_path / "built")
    wanted = {Path(name).name: Path(name).parent.name for name in papers}
    assert splits(built) == {**wanted, **{f"s{n}.txt": "train" for n in range(9)}}
    built = convert([seeds, mine], tmp_path / "built2", only=SPLITS[2])
    assert splits(built) == {**wanted, **{f"s{n}.txt": "test" for n in range(9)}}


def test_a_loose_folder_is_split_and_a_paper_more_moves_no_other(tmp_path):
    folder = put(tmp_path / "in", {f"p{n:02}.txt": paper(n) for n in range(40)})
    before = splits(convert([folder], tmp_path / "before", **SHARES))
    assert set(before.values()) == set(SPLITS)
    put(folder, {f"a{n}.txt": paper(200 + n) for n in range(9)})
    copies = {f"q{n:02}.txt": paper(n).replace(" w", "\nW") + "End." for n in range(40)}
    put(folder, copies)
    after = splits(convert([folder], tmp_path / "after", **SHARES))
    assert len(after) == 89
    assert {name: after[name] for name in before} == before
    assert all(after[f"q{n:02}.txt"] == before[f"p{n:02}.txt"] for n in range(40))


def test_only_takes_a_loose_folder_whole(tmp_path):
    folder = put(tmp_path / "in", {f"p{n}.txt": paper(n) for n in range(20)})
    built = convert([folder], tmp_path / "built", only=SPLITS[0], **SHARES)
    assert set(splits(built).values()) == {"train"}
    assert built.docs["dev"] == built.docs["test"] == []


@pytest.mark.parametrize(
    "variant",
    [str, lambda text: text.replace(" w", "\n  W"), lambda text: "A title.\n" + text],
)
def test_a_document_in_two_splits_is_refused_and_both_are_named(tmp_path, variant):
    papers = {"train/a.txt": paper(1), "dev/b.txt": paper(2), "test/c.txt": paper(3)}
    mine = put(tmp_path / "in", {**papers, "test/d.txt": variant(paper(1))})
    with pytest.raises(CorpusError) as caught:
        read_splits([mine])
    for name in ("train/a.txt (train)", "test/d.txt (test)"):
        assert str(mine / name) in str(caught.value)
    assert str(mine / "dev") not in str(caught.value)
    assert caught.value.cure
    assert "\n" not in str(caught.value)


def test_a_loose_copy_of_a_test_document_is_refused(tmp_path):
    mine = put(tmp_path / "in", {"dev/a.txt": paper(1), "test/b.txt": paper(2)})
    loose = put(tmp_path / "loose", {"c.txt": paper(3), "d.txt": paper(2)})
    with pytest.raises(CorpusError, match=r"d\.txt \(train\)"):
        read_splits([mine, loose])


def test_the_same_document_twice_in_one_split_is_fine(tmp_path):
    papers = {"train/a.txt": paper(1), "train/b.txt": paper(1), "dev/c.txt": paper(2)}
    built = convert([put(tmp_path / "in", papers)], tmp_path / "built")
    assert splits(built) == {"a.txt": "train", "b.txt": "train", "c.txt": "dev"}


def test_a_long_document_is_cut_at_paragraphs_and_keeps_everything(tmp_path):
    source = "\n\n".join(paper(n, 60).strip() for n in range(60))
    plain = parse(source)
    folder = put(tmp_path / "in", {"a.txt": source})
    built = convert([folder], tmp_path / "built", only=SPLITS[0])
    docs = built.docs["train"]
    assert len(docs) > 5
    assert all(doc.text_with_ws.endswith("\n\n") for doc in docs[:-1])
    assert "".join(doc.text_with_ws for doc in docs) == plain.text
    assert len(mentions(docs)) == len(plain.spans) == 180
    assert built.manifest["documents"][0]["docs"] == len(docs)


def test_no_cut_goes_through_a_span(tmp_path):
    source = "<training>one two three four five six seven</training> " * 500
    folder = put(tmp_path / "in", {"a.txt": source})
    docs = convert([folder], tmp_path / "built", only=SPLITS[0]).docs["train"]
    assert mentions(docs) == [("one two three four five six seven", "training")] * 500
    assert max(map(len, docs)) <= MAX_TOKENS


def test_a_span_longer_than_a_doc_is_never_lost_silently(tmp_path):
    source = f"a\n<training>{'word ' * 1100}word</training> b\n"
    folder = put(tmp_path / "in", {"a.txt": source})
    corpus = build(read_splits([folder], only=SPLITS[0]))
    assert [row["place"] for row in corpus.misaligned] == [f"{folder / 'a.txt'}:2"]
    tokens = [token for doc in corpus.docs[SPLITS[0]] for token in doc]
    assert [t.ent_iob_ for t in tokens if t.text == "word"] == [""] * 1101


def test_misaligned_spans_are_listed_by_line_and_missing_in_the_docs(tmp_path):
    source = "<p>A\nb</p>\n<p>trans<model>form</model>ers\nand <model>Nova</model></p>"
    folder = put(tmp_path / "in", {"a.txt": source, "b.txt": paper(1)})
    built = convert([folder], tmp_path / "built", only=SPLITS[0])
    place = f"{folder / 'a.txt'}:3"
    listed = [{"place": place, "label": "model", "text": "form"}]
    assert built.manifest["misaligned"] == built.corpus.misaligned == listed
    doc = built.docs["train"][0]
    missing = [token.text for token in doc if token.ent_iob_ == ""]
    assert missing == ["transformers"]
    assert mentions([doc]) == [("Nova", "model")]
    rows = built.manifest["documents"]
    in_docs = sum(built.manifest["splits"]["train"]["spans"].values())
    assert sum(row["spans"] for row in rows) == in_docs + len(listed)


def test_documents_without_spans_or_text_are_counted(tmp_path):
    papers = {"a.txt": "", "b.txt": "Nothing here.", "c.txt": "\n\n"}
    folder = put(tmp_path / "in", papers)
    built = convert([folder], tmp_path / "built", only=SPLITS[0])
    rows = built.manifest["documents"]
    assert [(row["docs"], row["tokens"]) for row in rows] == [(0, 0), (1, 3), (1, 1)]
    assert [doc.text for doc in built.docs["train"]] == ["Nothing here.", "\n\n"]
    assert all(doc.has_annotation("ENT_IOB") for doc in built.docs["train"])


def test_jsonl_is_split_like_a_folder(tmp_path):
    rows = [json.dumps({"text": parse(paper(n)).text}) for n in range(30)]
    path = put(tmp_path, {"a.jsonl": "\n".join(rows)}) / "a.jsonl"
    folder = put(tmp_path / "in", {f"p{n:02}.txt": paper(n) for n in range(30)})
    by_text = [
        {entry.document.text: entry.split for entry in read_splits([given], **SHARES)}
        for given in (path, folder)
    ]
    assert by_text[0] == by_text[1]


@pytest.mark.parametrize("name", FILES)
def test_existing_output_is_refused_and_left_alone(tmp_path, name):
    folder = put(tmp_path / "in", {"a.txt": paper(1)})
    corpus = build(read_splits([folder]))
    output = put(tmp_path / "built", {name: "old"})
    with pytest.raises(OutputError, match="--force") as caught:
        write(corpus, output)
    assert caught.value.place == str(output / name)
    assert contents(output) == {name: b"old"}
    write(corpus, output, force=True)
    assert tuple(contents(output)) == FILES
    assert contents(output)[name] != b"old"


def test_a_bad_paper_is_named_and_an_empty_folder_is_an_error(tmp_path):
    folder = put(tmp_path / "in", {"a.txt": paper(1), "b.txt": "a\n<model>b"})
    with pytest.raises(InputError) as caught:
        read_splits([folder])
    assert caught.value.place == f"{folder / 'b.txt'}:2:1"
    (tmp_path / "empty").mkdir()
    with pytest.raises(InputError, match="empty"):
        read_splits([tmp_path / "empty"])


def test_papers_beside_the_folders_of_the_splits_are_not_lost_silently(tmp_path):
    papers = {"train/a.txt": paper(1), "dev/b.txt": paper(2), "c.txt": paper(3)}
    folder = put(tmp_path / "in", papers)
    with pytest.raises(PapertagError, match=r"c\.txt"):
        read_splits([folder])


def test_an_earlier_manifest_keeps_old_documents_where_they_are(tmp_path):
    old = {f"b{n}.txt": paper(n) for n in range(12)}
    folder = put(tmp_path / "in", old)
    built, shares = tmp_path / "built", {"dev": 0.4, "test": 0.2}
    entries = read_splits([folder], **shares)
    write(build(entries), built, **shares)
    before = {entry.document.source: entry.split for entry in entries}
    assert len(set(before.values())) == 3
    # Near copies whose names come first, which would lead their groups by path.
    put(
        folder,
        {f"a{n}.txt": f"{text} And more." for n, text in enumerate(old.values())},
    )
    earlier = earlier_splits(built, **shares)
    after = read_splits([folder], **shares, earlier=earlier)
    splits = {entry.document.source: entry.split for entry in after}
    assert {source: splits[source] for source in before} == before
    copies = {source.replace("/b", "/a"): split for source, split in before.items()}
    assert splits == before | copies
    train_only = read_splits([folder], only=SPLITS[0])
    write(build(train_only), tmp_path / "train", **shares)
    assert earlier_splits(tmp_path / "train", **shares) == {}
    assert earlier_splits(built, 0.1, 0.1) == earlier_splits(folder, **shares) == {}
