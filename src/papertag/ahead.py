"""Ahead: while the head is at some docs, the encoder is at the next ones.

The head decides token by token, on one processor. The encoder, which takes most of the
time, need not wait for it.
"""

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from typing import Any

from spacy.language import Language
from spacy.pipeline import Tok2Vec
from spacy.tokens import Doc
from thinc.api import Model

from papertag.onnx_encoder import threads

FACTORY = "papertag_encoder"
TOKENS = 8000  # of one batch, as of one piece of a long doc: their rows take memory


class Ahead(Tok2Vec):
    """spaCy's tok2vec component, one batch of docs ahead of those that it yields."""

    def pipe(self, stream: Iterable[Doc], *, batch_size: int = 128) -> Iterator[Doc]:
        """Yield the docs in order, each with its rows as ``doc.tensor``."""
        groups = _batches(stream, batch_size)
        if threads() == 1:
            for docs in groups:
                yield from self._finish(docs, partial(self.predict, docs))
            return
        with ThreadPoolExecutor(1) as pool:
            before: tuple[list[Doc], Future[Any]] | None = None
            for docs in groups:
                now = docs, pool.submit(self.predict, docs)
                if before:
                    yield from self._finish(before[0], before[1].result)
                before = now
            if before:
                yield from self._finish(before[0], before[1].result)

    def _finish(self, docs: list[Doc], rows: Callable[[], Any]) -> Iterator[Doc]:
        try:
            self.set_annotations(docs, rows())
        except Exception as error:  # as every component of spaCy does
            self.get_error_handler()(self.name, self, docs, error)
            return
        yield from docs


def _batches(stream: Iterable[Doc], most: int) -> Iterator[list[Doc]]:
    """Yield batches of at most ``most`` docs, and of TOKENS tokens and one doc."""
    batch: list[Doc] = []
    tokens = 0
    for doc in stream:
        batch.append(doc)
        tokens += len(doc)
        if len(batch) == most or tokens >= TOKENS:
            yield batch
            batch, tokens = [], 0
    if batch:
        yield batch


@Language.factory(FACTORY, assigns=["doc.tensor"])
def create_encoder(nlp: Language, name: str, model: Model[Any, Any]) -> Ahead:
    """Return the component of an encoder that others listen to."""
    return Ahead(nlp.vocab, model, name)
