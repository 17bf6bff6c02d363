"""ONNX encoder: word pieces to rows by ONNX Runtime, without torch or transformers.

It gives the rows that `spacy-transformers` gives: windows of tokens, each token's row
the mean of its word pieces in all windows that it stands in. Word pieces are assigned
to tokens by the character offsets of the fast tokenizer, never by searching. Nothing is
cut off: a window of more pieces than the encoder takes is run in several parts.
"""

import os
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import srsly
from numpy.typing import NDArray
from spacy.attrs import IDX, LENGTH
from spacy.tokens import Doc
from thinc.api import Model
from thinc.shims import Shim

from papertag.errors import PipelineError

if TYPE_CHECKING:
    from onnxruntime import InferenceSession
    from tokenizers import Encoding, Tokenizer

Rows = NDArray[np.float32]  # one a token, or one a word piece
Numbers = NDArray[np.int64]

SLOW = ["SkipLayerNormFusion"]  # slower than its parts
SAMPLES, SAMPLE = 100, 190  # stretches of a corpus, and word pieces in each
LONGEST = 512  # word pieces that BERT has positions for, [CLS] and [SEP] included


class _Window(NamedTuple):
    """A stretch of one doc's tokens, half-open, and its text."""

    doc: int
    start: int
    end: int
    text: str
    offset: int  # of its text in the doc's


class OnnxEncoder(Shim):
    """The encoder's graph and its tokenizer, as they are saved with a pipeline."""

    def __init__(self, graph: bytes = b"", tokenizer: str = "") -> None:
        super().__init__(None)
        self.graph, self.vocabulary = graph, tokenizer
        self._opening: Future[InferenceSession] | None = None

    def to_bytes(self) -> bytes:
        """Return the graph and the tokenizer."""
        value = {"graph": self.graph, "tokenizer": self.vocabulary}
        return bytes(srsly.msgpack_dumps(value))

    def from_bytes(self, data: bytes) -> "OnnxEncoder":
        """Take the graph and the tokenizer from ``data``."""
        value = srsly.msgpack_loads(data)
        self.graph, self.vocabulary = value["graph"], value["tokenizer"]
        for made in ("session", "tokenizer", "_ends"):
            self.__dict__.pop(made, None)
        beside = ThreadPoolExecutor(1)  # while the rest of the pipeline is loaded
        self._opening = beside.submit(open_session, self.graph)
        beside.shutdown(wait=False)
        return self

    @cached_property
    def session(self) -> "InferenceSession":
        """The graph, ready to run; raises PipelineError where it cannot."""
        return self._opening.result() if self._opening else open_session(self.graph)

    @cached_property
    def tokenizer(self) -> "Tokenizer":
        """The tokenizer, which cuts and pads nothing."""
        from tokenizers import Tokenizer

        tokenizer = Tokenizer.from_str(self.vocabulary)
        tokenizer.no_truncation()
        tokenizer.no_padding()
        return tokenizer

    def run(self, ids: Numbers) -> Rows:
        """Return a row for each word piece; [CLS] and [SEP] come and go here."""
        room = LONGEST - 2
        parts = [ids[start : start + room] for start in range(0, len(ids), room)]
        return np.concatenate([self._run_part(part) for part in parts])

    def _run_part(self, ids: Numbers) -> Rows:
        rows: Rows = self.session.run(["rows"], feed(self._framed(ids)))[0][0, 1:-1]
        return rows

    def _framed(self, ids: Iterable[int]) -> Numbers:
        first, last = self._ends
        return np.array([first, *ids, last], dtype="int64")

    def pieces(self, texts: Iterable[str]) -> list[Numbers]:
        """Return SAMPLES stretches of the texts' word pieces, [CLS] and [SEP] included.

        They have at most SAMPLE pieces of the text, and are evenly spread over it all.
        """
        encodings = self.tokenizer.encode_batch(list(texts), add_special_tokens=False)
        found = [
            ids[start : start + SAMPLE]
            for ids in (encoding.ids for encoding in encodings)
            for start in range(0, len(ids), SAMPLE)
        ]
        chosen = np.unique(np.linspace(0, len(found) - 1, SAMPLES).astype(int))
        return [self._framed(found[number]) for number in chosen]

    @cached_property
    def _ends(self) -> tuple[int, int]:
        first, last = self.tokenizer.encode("").ids
        return first, last


def open_session(graph: bytes) -> "InferenceSession":
    """Return a graph ready to run: one thread a run, for several run side by side.

    Raises PipelineError where ONNX Runtime cannot run it.
    """
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 3
    try:
        return onnxruntime.InferenceSession(
            graph,
            options,
            providers=["CPUExecutionProvider"],
            disabled_optimizers=SLOW,
        )
    except Exception as error:
        problem = f"ONNX Runtime {onnxruntime.__version__} cannot run its encoder"
        cure = "update onnxruntime, or install this papertag anew"
        raise PipelineError(f"{problem}: {error}", cure) from error


def feed(ids: Numbers) -> dict[str, Numbers]:
    """Return the inputs of a graph for the word pieces of one window."""
    row = ids[None]
    return {
        "input_ids": row,
        "attention_mask": np.ones_like(row),
        "token_type_ids": np.zeros_like(row),
    }


def onnx_encoder(window: int, stride: int, width: int) -> Model[list[Doc], Any]:
    """Return a layer that gives one row of ``width`` a token, by an ONNX graph.

    The windows have ``window`` tokens, each begins ``stride`` tokens behind the last:
    ``papertag.OnnxEncoder.v1`` in a config. It cannot be trained. Raises PipelineError
    on a stride above the window, which would leave tokens out.
    """
    if stride > window:
        problem = f"a stride of {stride} leaves out tokens behind windows of {window}"
        raise PipelineError(problem, "choose a smaller stride")
    return Model(
        "onnx-encoder",
        forward,
        attrs={"window": window, "stride": stride},
        dims={"nO": width},
        shims=[OnnxEncoder()],
    )


def forward(
    model: Model[list[Doc], list[Rows]], docs: list[Doc], is_train: bool
) -> tuple[list[Rows], Any]:
    """Return one array a doc, of as many rows as it has tokens."""
    if is_train:
        raise PipelineError(
            "a compact pipeline cannot be trained",
            "train configs/best.cfg on your papers and export the result",
        )
    width = model.get_dim("nO")
    shim: Any = model.shims[0]
    tokens = [doc.to_array([IDX, LENGTH]).astype("int64") for doc in docs]
    rows = [np.zeros((len(doc), width), dtype="f") for doc in docs]
    pieces = [np.zeros((len(doc), 1), dtype="f") for doc in docs]
    windows = list(_windows(docs, tokens, model.attrs["window"], model.attrs["stride"]))
    encodings = shim.tokenizer.encode_batch(
        [window.text for window in windows], add_special_tokens=False
    )

    def encode(item: tuple[_Window, "Encoding"]) -> tuple[Numbers, Rows, Numbers]:
        window, encoding = item
        starts = tokens[window.doc][window.start : window.end, 0] - window.offset
        which, index = align(starts, encoding.offsets)
        if not len(which):  # white space, or characters that the tokenizer drops
            return which, np.zeros((0, width), dtype="f"), which
        by_piece = shim.run(np.array(encoding.ids))[index]
        firsts = np.flatnonzero(np.diff(which, prepend=-1))
        sums = np.add.reduceat(by_piece, firsts, axis=0)
        return which[firsts], sums, np.diff(firsts, append=len(which))

    pairs = zip(windows, encodings, strict=True)
    for window, (which, sums, counts) in zip(windows, _map(encode, pairs), strict=True):
        rows[window.doc][window.start + which] += sums
        pieces[window.doc][window.start + which, 0] += counts
    means: list[Rows] = [
        np.divide(sums, np.maximum(count, 1), dtype="f")
        for sums, count in zip(rows, pieces, strict=True)
    ]
    return means, lambda gradient: []


def align(
    starts: Numbers, offsets: Iterable[tuple[int, int]]
) -> tuple[Numbers, Numbers]:
    """Return pairs of a token and a word piece that share a character, by token.

    ``starts`` are where the tokens begin, ``offsets`` where the pieces begin and end
    (exclusive), all in characters of one text.
    """
    ends = np.array(list(offsets), dtype="int64").reshape(-1, 2)
    index = np.flatnonzero(ends[:, 0] < ends[:, 1])
    first = np.searchsorted(starts, ends[index, 0], side="right") - 1
    last = np.searchsorted(starts, ends[index, 1] - 1, side="right") - 1
    several = last - first + 1  # a piece may stand in several tokens
    index = np.repeat(index, several)
    within = np.arange(len(index)) - np.repeat(np.cumsum(several) - several, several)
    which = np.repeat(first, several) + within
    order = np.argsort(which, kind="stable")
    return which[order], index[order]


def _windows(
    docs: list[Doc], tokens: list[Any], window: int, stride: int
) -> Iterator[_Window]:
    """Yield the windows of each doc, as spacy-transformers' strided spans are."""
    for number, (doc, places) in enumerate(zip(docs, tokens, strict=True)):
        text = doc.text
        for start in range(0, len(doc), stride):
            end = min(start + window, len(doc))
            first, last = places[start, 0], places[end - 1]
            yield _Window(number, start, end, text[first : last.sum()], first)
            if end == len(doc):
                break


def threads() -> int:
    """Return how many threads to use: OMP_NUM_THREADS, else one a processor."""
    wanted = os.environ.get("OMP_NUM_THREADS", "").split(",")[0]
    return max(1, int(wanted) if wanted.isdecimal() else os.cpu_count() or 1)


def _map(function: Any, items: Iterable[Any]) -> Iterator[Any]:
    if threads() == 1:
        yield from map(function, items)
        return
    # One more than there are processors: one waits for the interpreter now and then.
    with ThreadPoolExecutor(threads() + 1) as pool:
        yield from pool.map(function, items)
