"""papertag: marks models and their facts in papers about AI models.

>>> import papertag
>>> nlp = papertag.load()
>>> [(ent.text, ent.label_) for ent in nlp("GPT-3 has 175B parameters.").ents]
[('GPT-3', 'model'), ('175B', 'params')]
"""

from importlib.metadata import version
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from spacy.language import Language

__all__ = ["__version__", "load"]
__version__ = version("papertag")


def load(**overrides: Any) -> "Language":
    """Load the pipeline that ships, as ``spacy.load("papertag")`` does.

    ``overrides`` are those of ``spacy.load``: vocab, disable, enable, exclude, config.
    """
    from papertag.pipeline import load_pipeline  # noqa: PLC0415 (spaCy is slow to import)

    return load_pipeline(**overrides)
