"""LaTeX as a source: running text, the way back, macros, files, tags in place."""

import re
import time
from itertools import pairwise

import pytest

from papertag.errors import InputError
from papertag.markup import place
from papertag.sources import Limits, Place
from papertag.sources.inplace import write_in_place
from papertag.sources.latex import read_latex
from papertag.sources.reading import text_source
from papertag.sources.source import Kind
from papertag.spans import LABELS, Span

PAPER = r"""\documentclass{article}
\usepackage{natbib} % GPT-1
\title{Training \ours{} on a budget}
\author{A. B\'{e}ra \and C. D\"urr \\ KTH, Sweden}
\newcommand{\ours}{Kestrel\xspace}
\newcommand{\sized}[2][7B]{\textsc{#2}-#1}
\def\both#1{both #1}
\begin{document}
\maketitle
\begin{abstract}
We train \ours with $6.7$B parameters.
\end{abstract}
\section{The \textbf{LLaMA} model}\label{sec:llama}
\both{A~``B''} --- \sized{Falcon} and \textbf{OPT}-175B~\citep{zhang,brown}\footnote{See
\emph{OPT}.} ran on 5\% of $8\times$A100-80GB GPUs,
in $1.75 \times 10^{11}$ steps. \iffalse GPT-2 \fi
\verb|GPT-3| \url{https://x.org/GPT-4}

Second % GPT-5
paragraph, by \citet{brown}.
\begin{itemize}\item one \item[x] two\end{itemize}
\begin{lstlisting}
GPT-6
\end{lstlisting}
\begin{table}\caption{A caption.}
\begin{tabular}{ll} a & b \\ c & d \end{tabular}\end{table}
\begin{thebibliography}{9}\bibitem{brown} Brown. GPT-7.\end{thebibliography}
\end{document}
"""
TEXT = """Training Kestrel on a budget

A. Béra C. Dürr
KTH, Sweden

We train Kestrel with 6.7B parameters.

The LLaMA model

both A “B” — Falcon-7B and OPT-175B [1, 2] ran on 5% of 8×A100-80GB GPUs,
in 1.75 × 10^11 steps.

See
OPT.

Second paragraph, by [2].

- one
x two

A caption.

a\tb
c\td

References

Brown. GPT-7."""


def read(content: str, files: dict[str, str] | None = None):
    named = {name: (f"{name}.tex", text) for name, text in (files or {}).items()}
    return read_latex(content, "paper.tex", named.get, Limits())


def test_a_paper_becomes_running_text():
    source = read(PAPER)
    assert source.text == TEXT
    assert TEXT[slice(*source.references)] == "References\n\nBrown. GPT-7."


@pytest.mark.parametrize(
    ("mention", "written"),
    [
        ("6.7B", "$6.7$B"),
        ("LLaMA", "LLaMA"),
        ("OPT-175B", "OPT}-175B"),
        ("Falcon-7B", "Falcon}"),
    ],
)
def test_a_mention_has_its_line_and_column(mention, written):
    start = TEXT.index(mention)
    found = read(PAPER).places(start, start + len(mention))
    line, column = place(PAPER, PAPER.index(written)).split(":")
    assert found == [Place(line=int(line), column=int(column))]


def test_other_files_have_their_names():
    files = {"sec/a": "One by \\x.\n\\input{b}", "b": "Two."}
    source = read("\\newcommand\\x{Kestrel}\\input{sec/a} \\include{b} Three.", files)
    assert source.text == "One by Kestrel.\nTwo. Two. Three."
    assert source.places(7, 14) == [Place(line=1, column=8, file="sec/a.tex")]


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (r"\def\a{\a}\a", r"\a expands into itself"),
        (r"\def\a{\b\b}\def\b{\a\a}\a", r"expands into itself"),
        (r"\input{loop}", "loop.tex includes itself"),
        (r"\input{gone}", "includes gone, which is not there"),
        ("{" * 5000, "nests too deep"),
    ],
)
def test_latex_that_does_not_end_is_an_error(content, problem):
    with pytest.raises(InputError) as caught:
        read(content, {"loop": r"\input{loop}"})
    assert problem in caught.value.problem


@pytest.mark.parametrize(
    "definition",
    [
        r"\def\x#1{Of #1}",
        r"\providecommand{\x}[1]{Of #1}",
        r"\renewcommand*\x[1]{Of #1}",
        r"\DeclareRobustCommand\x[1]{Of #1}",
        "% \\def\\x{not}\n\\newcommand\\x[2][Of]{#1 #2}",
    ],
)
def test_definitions_are_no_text_but_what_they_make(definition):
    assert read(f"One. {definition} \\x{{two}}.").text == "One. Of two."


def test_a_formula_that_makes_no_sense_is_left_out(capsys):
    assert read(r"One $\title$ two \' $x^$ $\url$ $\frac$.").text[:7] == "One two"
    assert capsys.readouterr().err == ""


def test_macros_that_grow_are_stopped():
    pairs = pairwise("abcdefgh")
    parts = (f"\\def\\{one}{{" + 9 * f"\\{other} " + "}" for one, other in pairs)
    bomb = "".join(parts) + r"\def\h{xxxxxxxx}\a"
    start = time.monotonic()
    with pytest.raises(InputError, match="makes too much text"):
        read_latex(bomb, "a", {}.get, Limits(expanded_characters=20_000))
    assert time.monotonic() - start < 5


# In place


def tags_removed(text: str) -> str:
    return re.sub(rf"</?(?:{'|'.join(LABELS)})>", "", text)


def in_place(source, *mentions: str):
    spans = []
    for mention in mentions:
        start = source.text.index(mention)
        spans.append(Span(start, start + len(mention), "model"))
    return write_in_place(source, spans)


@pytest.mark.parametrize(
    ("mention", "tagged"),
    [
        ("6.7B", "<model>$6.7$B</model> parameters"),
        ("LLaMA", r"\section{The \textbf{<model>LLaMA</model>} model}"),
        ("OPT-175B", r"<model>\textbf{OPT}-175B</model>~\citep"),
        ("Falcon-7B", r"<model>\sized{Falcon}</model> and"),
        ("A100-80GB", r"$8\times$<model>A100-80GB</model> GPUs"),
        ("Sweden", r"KTH, <model>Sweden</model>}"),
        ("Kestrel with", r"train <model>\ours with</model> $6.7$B"),
        ("Kestrel on", r"Training <model>\ours{} on</model> a budget"),
    ],
)
def test_tags_go_around_what_prints_the_mention(mention, tagged):
    files, notes = in_place(read(PAPER), mention)
    assert notes == []
    assert tagged in files[""]
    assert tags_removed(files[""]) == PAPER


@pytest.mark.parametrize(
    ("mention", "content"),
    [
        ("175B", "It has $N = 175$B parameters."),
        ("Falcon", r"\newcommand\m[1]{#1-7B}\m{Falcon} is here."),
        ("one GPT", r"\textbf{number one} \emph{GPT model}."),
        ("GPT", r"\unknown{the GPT model} here."),
    ],
)
def test_a_mention_without_a_place_of_its_own_is_reported(mention, content):
    files, (note,) = in_place(read(content), mention)
    assert files == {"": content}
    assert note.startswith("1:")
    assert note.endswith(f"{mention!r} (model) can not be tagged in place")


def test_each_file_of_a_paper_is_tagged():
    content = "\\input{a} and GPT-2"
    files, notes = in_place(read(content, {"a": "Of GPT-1"}), "GPT-1", "GPT-2")
    assert notes == []
    assert files == {
        "": "\\input{a} and <model>GPT-2</model>",
        "a.tex": "Of <model>GPT-1</model>",
    }


def test_markdown_in_place_leaves_code_alone():
    content = "<p>Of **GPT-1** and `GPT-2`</p>"
    source = text_source(content, "a.md", Kind.MARKDOWN)
    files, (note,) = in_place(source, "GPT-1", "GPT-2")
    assert files == {"": content.replace("GPT-1", "<model>GPT-1</model>")}
    assert note.startswith("1:22: 'GPT-2' (model) can not be")


def test_a_source_with_tags_of_its_own_is_refused():
    with pytest.raises(InputError, match=r"^1:4: holds <model> itself"):
        in_place(read("Of <model> GPT"), "GPT")
