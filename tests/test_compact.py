"""A compact pipeline gives what the trained one gives, or is not made."""

import copy
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from spacy.training.initialize import init_nlp
from spacy.training.loop import train
from spacy.util import load_config

from papertag import compact, corpus
from papertag.documents import Document
from papertag.errors import PipelineError
from papertag.evaluation import predict
from papertag.markup import render
from papertag.pipeline import load_pipeline
from papertag.precision import Precision
from papertag.spans import Span
from papertag.splits import Split

pytest.importorskip("torch")
CONFIG = Path(__file__).parents[1] / "configs/best.cfg"
BLIND = {  # features that tell nothing, so that all depends on the encoder
    "@architectures": "spacy.MultiHashEmbed.v2",
    **{"width": 64, "attrs": ["SHAPE"], "rows": [1], "include_static_vectors": False},
}
NAMES = ("Nova", "Orion", "Vega", "Lyra", "Altair", "Mira", "Rigel", "Deneb")


def _paper(number):
    """Return a paper about a model, half of whose names are nobody's in training."""
    name = f"{NAMES[number % len(NAMES)]}-{number}"
    text = f"We present {name}, a model with {number}B parameters. It is good."
    start = text.index(f"{number}B")
    spans = (
        Span(11, 11 + len(name), "model"),
        Span(start, start + len(f"{number}B"), "params"),
    )
    return Document(f"{number}.txt", text, spans)


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """The best recipe, but for the features, after a few updates."""
    folder = tmp_path_factory.mktemp("trained")
    entries = [corpus.Entry(_paper(number), Split.TRAIN) for number in range(60)]
    entries += [corpus.Entry(_paper(number), Split.DEV) for number in range(60, 64)]
    corpus.write(corpus.build(entries), folder)
    steps = {"max_steps": 40, "eval_frequency": 40}
    changed = {
        f"paths.{name}": str(folder / f"{name}.spacy") for name in ("train", "dev")
    }
    changed |= {f"training.{name}": value for name, value in steps.items()}
    changed |= {
        "training.optimizer.learn_rate.total_steps": 40,
        "training.optimizer.learn_rate.warmup_steps": 4,
        "training.optimizer.average": 0.0,
        "components.ner.model.tok2vec.features.embed": BLIND,
        "initialize.after_init.bfloat16": False,
    }
    nlp = init_nlp(load_config(CONFIG, changed))
    (folder / "pipeline").mkdir()
    train(nlp, folder / "pipeline")
    return folder / "pipeline/model-best"


@pytest.fixture(scope="module")
def gold():
    """Papers it has not seen; some are tagged in another way, so that it errs."""
    papers = [_paper(number) for number in range(70, 110)]
    return [
        replace(paper, spans=paper.spans[1:]) if number % 3 == 0 else paper
        for number, paper in enumerate(papers)
    ]


def test_in_floats_it_gives_the_very_spans_and_in_bytes_nearly(trained, gold):
    nlp = load_pipeline(trained)
    made, parity = compact.export(nlp, gold)
    assert parity.documents == 40
    assert parity.spans > 40
    assert parity.trained == parity.fp32
    assert parity.made >= parity.trained - compact.TOLERANCE
    assert made.pipe_names == ["encoder", "ner", "confidence"]
    found = list(predict(made, gold))
    assert all(0 <= span.score <= 1 for spans in found for span in spans)


def test_windows_are_those_of_training(trained):
    nlp = load_pipeline(trained)
    exact = compact.compact(nlp, Precision.FP32)
    text = " ".join(_paper(number).text for number in range(200, 240))
    wanted, found = nlp(text), exact(text)
    assert len(wanted) > 3 * 128
    assert [(e.start, e.end, e.label_) for e in found.ents] == [
        (e.start, e.end, e.label_) for e in wanted.ents
    ]
    assert len(wanted.ents) > 40


def test_what_differs_is_not_exported(trained, gold, monkeypatch):
    nlp = load_pipeline(trained)
    monkeypatch.setattr(compact, "TOLERANCE", -1.0)
    with pytest.raises(PipelineError, match=r"int8 loses .* --precision fp32"):
        compact.export(nlp, gold)
    real = compact.trace

    def damaged(encoder):
        encoder = copy.deepcopy(encoder)
        for weights in encoder.parameters():
            weights.data.neg_()
        return real(encoder)

    monkeypatch.setattr(compact, "trace", damaged)
    with pytest.raises(PipelineError, match=r"in 32-bit floats, .* differ"):
        compact.export(nlp, gold)


def test_a_pipeline_without_a_transformer_is_refused(rules):
    with pytest.raises(PipelineError, match="has no transformer under a ner"):
        compact.compact(load_pipeline(rules))


def test_an_encoder_of_another_family_is_refused(trained):
    nlp = load_pipeline(trained)
    encoder = nlp.get_pipe("transformer").model.layers[0].shims[0]._hfmodel
    encoder.transformer.config.model_type = "roberta"
    with pytest.raises(PipelineError, match="its encoder is of the family roberta"):
        compact.compact(nlp)


def test_without_any_text_there_is_nothing_to_compare_on(trained):
    with pytest.raises(PipelineError, match="no text to compare on"):
        compact.export(load_pipeline(trained), [Document("a.txt", " ", ())])


def test_it_does_not_carry_the_words_that_it_has_read(trained, gold):
    made, _ = compact.export(load_pipeline(trained), gold)
    assert gold[0].text.split()[2].rstrip(",") not in made.vocab.strings
    assert len(made.vocab.strings) < 100


def test_what_an_export_needs_is_named(run, write, monkeypatch):
    write({"gold.txt": "<model>GPT-3</model>"})
    missing = lambda name: None if name == "onnx" else name  # noqa: E731
    monkeypatch.setattr(compact, "find_spec", missing)
    ran = run("export", "anything", "--output", "compact", "--gold", "gold.txt")
    assert ran.code == 1
    assert ran.error.startswith("an export needs onnx")
    assert "papertag[export]" in ran.error


def test_the_command_writes_one_that_plain_spacy_loads(trained, gold, tmp_path):
    papers = tmp_path / "gold"
    papers.mkdir()
    for document in gold:
        (papers / document.source).write_text(render(document.text, document.spans))
    output = tmp_path / "compact"
    command = [sys.executable, "-m", "papertag", "export", str(trained)]
    command += ["--output", str(output), "--gold", str(papers)]
    shown = subprocess.run(command, capture_output=True, text=True, check=True)
    assert shown.stdout.startswith("40 documents, ")
    assert "Warning" not in shown.stderr
    again = subprocess.run(command, capture_output=True, text=True, check=False)
    assert again.returncode == 1
    assert "exists already; --force overwrites it" in again.stderr
    assert not list(tmp_path.glob(".papertag-*"))
    code = f"""if True:
        import spacy
        nlp = spacy.load({str(output)!r})
        doc = nlp("We present Nova-3, a model with 3B parameters.")
        print([(ent.text, ent.label_, ent._.score > 0) for ent in doc.ents])
    """
    command = [sys.executable, "-c", code]
    ran = subprocess.run(command, capture_output=True, text=True, check=True)
    assert "('Nova-3', 'model', True)" in ran.stdout
