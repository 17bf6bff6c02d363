"""The page: colours that everyone tells apart, and nothing that could run or load."""

import base64
import hashlib
import re
from itertools import combinations

import numpy as np
import pytest

from papertag.formats import html_page
from papertag.markup import Tagged
from papertag.spans import LABELS, Span

STYLE = html_page.STYLE.read_text(encoding="utf8")
FILLS = dict(re.findall(r"(?m)^\.(\w+) \{ --fill: (#\w+);", STYLE))
PAGE = html_page.write(Tagged("<b> Nova & co", (Span(4, 8, "model", 0.916),)), "<a>")

# How each kind of colour blindness sees linear RGB (Machado and others, 2009).
SEEN = {
    "all": np.eye(3),
    "protanopia": [
        [0.152, 1.053, -0.205],
        [0.115, 0.786, 0.099],
        [-0.004, -0.048, 1.052],
    ],
    "deuteranopia": [
        [0.367, 0.861, -0.228],
        [0.280, 0.673, 0.047],
        [-0.012, 0.043, 0.969],
    ],
    "tritanopia": [
        [1.256, -0.077, -0.179],
        [-0.078, 0.931, 0.148],
        [0.005, 0.691, 0.304],
    ],
}
XYZ = np.array(
    [[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]]
)


def linear(colour):
    digits = colour[1:] if len(colour) == 7 else "".join(c * 2 for c in colour[1:])
    rgb = np.array([int(digits[i : i + 2], 16) for i in (0, 2, 4)]) / 255
    return np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)


def lab(rgb):
    x, y, z = np.cbrt(np.clip(XYZ @ rgb, 1e-3, None) / [0.9505, 1, 1.089])
    return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])


def contrast(one, other):
    light, dark = sorted((XYZ[1] @ linear(one), XYZ[1] @ linear(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def values(name):
    return re.findall(rf"--{name}: (#\w+)", STYLE)


def test_letters_on_colours_have_the_contrast_of_aa():
    assert tuple(FILLS) == LABELS
    assert all(contrast(fill, "#111") >= 4.5 for fill in FILLS.values())
    for name in ("ink", "quiet"):
        pairs = list(zip(values(name), values("paper"), strict=True))
        assert len(pairs) == 3  # light, dark, print
        assert all(contrast(*pair) >= 4.5 for pair in pairs)


@pytest.mark.parametrize("kind", SEEN)
def test_six_colours_differ_for_every_eye(kind):
    seen = [lab(np.array(SEEN[kind]) @ linear(fill)) for fill in FILLS.values()]
    distances = [np.linalg.norm(a - b) for a, b in combinations(seen, 2)]
    assert min(distances) > 20, kind


def test_a_page_lets_nothing_in():
    (style,) = re.findall(r"<style>(.*?)</style>", PAGE, re.DOTALL)
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    policy = f"default-src &#x27;none&#x27;; style-src &#x27;sha256-{digest}&#x27;"
    assert f'http-equiv="Content-Security-Policy" content="{policy}"' in PAGE
    assert not re.search(r"url\(|@import|https?:|<script|<link|<img|style=", PAGE)


def test_texts_and_names_are_escaped():
    assert "<title>&lt;a&gt;</title>" in PAGE
    mark = (
        '<mark class="model" tabindex="0" title="model, 92% sure" data-score="92%">'
        "Nova</mark>"
    )
    assert f"<main>&lt;b&gt; {mark} &amp; co</main>" in PAGE


def test_the_legend_counts_and_a_mark_without_a_score_says_none():
    page = html_page.write(Tagged("ab", (Span(0, 1, "year"), Span(1, 2, "year"))), "")
    assert '<li class="year"><span>year</span> 2</li>' in page
    assert '<li class="model"><span>model</span> 0</li>' in page
    assert '<mark class="year" tabindex="0" title="year">a</mark>' in page
