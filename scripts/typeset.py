"""Typeset corpus documents as papers in one and two columns, for tests and measuring.

python scripts/typeset.py tests/data/pdf
writes NAME.tex or NAME.typ, NAME.pdf and NAME.txt, the tagged truth in reading order;
needs pdflatex (Debian: texlive-latex-base) and the package typst.
"""

import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from papertag.documents import Document, read_documents
from papertag.markup import parse, render

TEST = Path("corpus/tagged/test")
GREEK = ("alpha", "beta", "theta", "kappa")
TEX = {
    **{mark: f"\\{mark}" for mark in "#$%&_{}"},
    "\\": "\\textbackslash{}",
    "^": "\\textasciicircum{}",
    "~": "\\textasciitilde{}",
    "<": "\\textless{}",
    ">": "\\textgreater{}",
    "|": "\\textbar{}",
    '"': '\\texttt{"}',
    "×": "$\\times$",
    "≥": "$\\ge$",
    "≤": "$\\le$",
    "≈": "$\\approx$",
    "±": "$\\pm$",
    "−": "$-$",
    "–": "\\textendash{}",
    "—": "\\textemdash{}",
    "“": "``",
    "'": "'",
    "”": "''",
    "‘": "`",
    "’": "'",
    "€": "\\texteuro{}",
    "°": "\\textdegree{}",
    "µ": "\\textmu{}",
    "§": "\\S{}",
    "→": "$\\to$",
    **{letter: f"$\\{name}$" for letter, name in zip("αβθκ", GREEK, strict=True)},
    "·": "$\\cdot$",
    "£": "\\pounds{}",
    **{letter: letter for letter in "áéíóúàèüöäñçãôøå"},
}
LONG, SHORT = 9_000, range(901, 1_600)  # characters
TITLE = "Notes on the Training of a Model"
FOOT = "The authors thank the operators of the machines for their patience."
CAPTION = "Loss over training steps, smoothed over a window."
ROWS = (("Setting", "Small", "Large"), ("Layers", "12", "48"), ("Width", "768", "3072"))
LATEX = r"""\documentclass[10pt,%s]{article}
\usepackage[utf8]{inputenc}\usepackage{textcomp}
\pagestyle{myheadings}\markright{%s}
\title{%s}\author{A. Author\\Institute of Examples}\date{}
\begin{document}
\maketitle
%s
\end{document}
"""
TYPST = """#set page(paper: "a4", columns: %d, numbering: "1", header: [%s])
#set par(justify: true, first-line-indent: 1em)
#set text(size: 10pt)
#place(top + center, float: true, scope: "parent")[
#text(16pt)[%s] \\ A. Author \\ Institute of Examples]
%s
"""


def paragraphs(document: Document) -> list[str]:
    """Return the tagged paragraphs of a document, each on one line."""
    source = render(document.text, document.spans)
    blocks = re.split(r"\n\s*\n", source.strip())
    typeset = str.maketrans({"'": "’"})
    return [" ".join(block.split()).translate(typeset) for block in blocks]


def truth(blocks: list[str]) -> str:
    """Return the tagged text of the whole paper, furniture included."""
    rows = [" ".join(row) for row in ROWS]
    lines = [TITLE, "A. Author", "Institute of Examples", *blocks]
    return "\n\n".join([*lines, FOOT, f"Table 1: {CAPTION}", *rows]) + "\n"


def latex(blocks: list[str], columns: int) -> str:
    """Return the LaTeX source: a footnote in the first block, a table after it."""
    layout = "onecolumn" if columns == 1 else "twocolumn"
    rows = r"\\ ".join(" & ".join(row) for row in ROWS)
    table = (
        f"\\begin{{table}}[t]\\centering\\begin{{tabular}}{{lrr}}{rows}"
        f"\\end{{tabular}}\\caption{{{CAPTION}}}\\end{{table}}"
    )
    body = [_tex(parse(block).text) for block in blocks]
    body[0] += f"\\footnote{{{FOOT}}}\n{table}"
    return LATEX % (layout, TITLE, TITLE, "\n\n".join(body))


def typst(blocks: list[str], columns: int) -> str:
    """Return the Typst source of the same paper."""
    cells = ", ".join(f"[{cell}]" for row in ROWS for cell in row)
    table = (
        f"#figure(table(columns: 3, {cells}), caption: [{CAPTION}], placement: bottom)"
    )
    body = [_typ(parse(block).text) for block in blocks]
    body[0] += f"#footnote[{FOOT}]\n\n{table}"
    return TYPST % (columns, TITLE, TITLE, "\n\n".join(body))


def papers() -> Iterator[tuple[str, list[str]]]:
    """Yield name and blocks of each paper: long documents, and short ones in fives."""
    documents = [
        document
        for document in read_documents(TEST)
        if set(document.text) <= {*map(chr, range(32, 127)), "\n", *TEX}
        and not re.search(r"\\|\]\(|</|\*\*|^#|[-=.]{3}|\|.*\|.*\|", document.text)
    ]
    long = [d for d in documents if len(d.text) > LONG][:4]
    for document in long:
        yield Path(document.source).stem, paragraphs(document)
    short = [d for d in documents if len(d.text) in SHORT]
    for number in range(9):
        group = short[number * 5 : number * 5 + 5]
        yield f"five-{number}", [block for d in group for block in paragraphs(d)]


def compile_latex(source: str) -> bytes:
    """Return the PDF of a LaTeX source."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "paper.tex")
        path.write_text(source, encoding="utf8")
        command = ["pdflatex", "-interaction=nonstopmode", path.name]
        for _ in range(2):
            subprocess.run(command, cwd=folder, check=True, capture_output=True)
        return path.with_suffix(".pdf").read_bytes()


def compile_typst(source: str) -> bytes:
    """Return the PDF of a Typst source."""
    import typst as compiler  # noqa: PLC0415 (only this chore needs it)

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "paper.typ")
        path.write_text(source, encoding="utf8")
        return bytes(compiler.compile(path))


def _tex(text: str) -> str:
    written = "".join(TEX.get(character, character) for character in text)
    return written.replace("--", "-{}-")


def _typ(text: str) -> str:
    return re.sub(r"([\\#$*_`<>@\[\]~/=+\-'\"])", r"\\\1", text)


def main(folder: Path) -> None:
    """Typeset each paper in one and in two columns, every third one with Typst."""
    folder.mkdir(parents=True, exist_ok=True)
    for number, (name, blocks) in enumerate(papers()):
        for columns in (1, 2):
            path = folder / f"{name}-{columns}"
            uses_typst = number % 3 == 2  # noqa: PLR2004
            source = (typst if uses_typst else latex)(blocks, columns)
            pdf = (compile_typst if uses_typst else compile_latex)(source)
            suffix = ".typ" if uses_typst else ".tex"
            path.with_suffix(suffix).write_text(source, encoding="utf8")
            path.with_suffix(".pdf").write_bytes(pdf)
            path.with_suffix(".txt").write_text(truth(blocks), encoding="utf8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
