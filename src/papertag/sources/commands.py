"""Commands: what LaTeX's macros and environments are to a reader."""

from typing import Any

from pylatexenc.latex2text import get_default_latex_context_db as text_db
from pylatexenc.latexwalker import get_default_latex_context_db
from pylatexenc.macrospec import MacroSpec, std_environment

# Their arguments are no text. Arguments: * star, [ optional, { mandatory.
DROPPED = {
    **dict.fromkeys(
        "label ref eqref autoref cref Cref pageref nameref vspace hspace vskip hskip"
        " pagestyle thispagestyle bibliographystyle graphicspath hypersetup color"
        " usetikzlibrary addbibresource nocite setcitestyle captionsetup cline"
        " cmidrule pagenumbering email orcid url path bookmarksetup pdfbookmark"
        " acmConference acmDOI acmISBN ccsdesc keywordstyle input@path date"
        " selectlanguage geometry crefname".split(),
        "*[{",
    ),
    **dict.fromkeys(
        "documentclass usepackage RequirePackage includegraphics".split(), "*[{["
    ),
    **dict.fromkeys(
        "setlength addtolength setcounter addtocounter rule".split(), "[{{"
    ),
    **dict.fromkeys(
        "newcommand renewcommand providecommand DeclareRobustCommand".split(), "*{[[{"
    ),
    **dict.fromkeys("newenvironment renewenvironment".split(), "*{[[{{"),
    **dict.fromkeys("DeclareMathOperator newtheorem fontsize".split(), "*{[{["),
    "definecolor": "{{{",
    "bibitem": "[{",
    "begin": "{",
    "end": "{",
}
# The one argument that is text, by its number.
SHOWN = {
    "textcolor": ("[{{", 2),
    "colorbox": ("{{", 1),
    "href": ("[{{", 2),
    "multicolumn": ("{{{", 2),
    "multirow": ("[{[{{", 4),
    "resizebox": ("*{{{", 3),
    "scalebox": ("{{", 1),
    "raisebox": ("{{", 1),
    "parbox": ("[{{", 2),
    "texorpdfstring": ("{{", 0),
    "footnotetext": ("[{", 1),
}
# They stand apart from the text around them.
BLOCKS = {
    **dict.fromkeys(
        "part chapter section subsection subsubsection paragraph subparagraph".split(),
        ("*[{", 2),
    ),
    "caption": ("*[{", 2),
    **dict.fromkeys(
        "title author affil affiliation institute institution address icmltitle"
        " icmlauthor icmlaffiliation keywords thanks subtitle abstract".split(),
        ("[{", 1),
    ),
}
FRONT = {*"title author affil affiliation institute address subtitle".split()}
NOTES = {"footnote": ("[{", 1)}
CITES = {
    *"cite citep citet citealp citealt citeauthor citeyear citeyearpar Citet Citep"
    " parencite textcite autocite footcite fullcite onlinecite".split()
}
SPACES = {
    " ",
    ",",
    ";",
    ":",
    "!",
    "quad",
    "qquad",
    "enspace",
    "thinspace",
    "hfill",
    "and",
    "And",
    "AND",
    "\n",
    "\t",
}
PLAIN = {  # a tag may stand inside their arguments
    *"emph textbf textit textrm textsf textsc texttt textsl textup textmd text mbox"
    " underline footnote footnotetext".split(),
    *SHOWN,
    *BLOCKS,
} - {"texorpdfstring"}
ACCENTS = set("'`\"^~=.cHkbdruvt")
OTHERS = {
    "texteuro": "€",
    "textmu": "µ",
    "LaTeX": "LaTeX",
    "TeX": "TeX",
    "BibTeX": "BibTeX",
}
CODE = {
    *"verbatim lstlisting minted comment tikzpicture filecontents filecontents*"
    " algorithmic CCSXML forest pgfpicture Verbatim alltt".split()
}
MATH = {
    *"equation eqnarray align gather flalign multline alignat split math"
    " displaymath".split()
}
REFERENCES = "thebibliography"
_TEXTS = text_db()


def context(user: dict[str, str]) -> Any:
    """Return pylatexenc's table of macros with ours, and ``user``'s arguments."""
    known = {
        **DROPPED,
        **{name: spec for name, (spec, _) in (SHOWN | BLOCKS | NOTES).items()},
    }
    known |= dict.fromkeys(CITES, "*[[{")
    db = get_default_latex_context_db()
    macros = [MacroSpec(name, spec) for name, spec in (known | user).items()]
    boxes = [std_environment(REFERENCES, "{"), std_environment("minipage", "[{")]
    boxes += [std_environment(name, "{{") for name in ("wrapfigure", "wraptable")]
    db.add_context_category("papertag", macros=macros, environments=boxes, prepend=True)
    return db


def symbol(name: str) -> str:
    """Return the character that a macro without arguments prints, or nothing."""
    if name in OTHERS:
        return OTHERS[name]
    if len(name) == 1 and name in "%&$#_{}":
        return name
    spec = _TEXTS.get_macro_spec(name)
    text = getattr(spec, "simplify_repl", None)
    return text if isinstance(text, str) and "%" not in text else ""


def special(chars: str) -> str:
    """Return what a run of special characters prints, as an en dash for two hyphens."""
    if chars == "~":
        return " "
    if chars == "&":
        return "\t"
    spec = _TEXTS.get_specials_spec(chars)
    text = getattr(spec, "simplify_repl", None)
    return text if isinstance(text, str) else chars
