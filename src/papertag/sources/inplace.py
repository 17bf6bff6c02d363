"""In place: the six tags written into the source of a text, Markdown or LaTeX.

Plain removal of the tags gives the source back, byte for byte. A mention that has no
place of its own there, as one half inside a command's argument, is left out.
"""

import re
from collections.abc import Iterable, Sequence

from papertag.errors import InputError
from papertag.markup import place
from papertag.sources.runs import FileMap, Run
from papertag.sources.source import Kind, Range, Source
from papertag.sources.structure import Structure
from papertag.spans import LABELS, Span

_TAG = re.compile(rf"</?(?:{'|'.join(LABELS)})>")
_CODE_SPAN = re.compile(r"(`+)(?!`)(?:.|\n(?!\s*\n))+?(?<!`)\1(?!`)")


def write_in_place(
    source: Source, spans: Iterable[Span]
) -> tuple[dict[str, str], list[str]]:
    """Return the files of a paper with tags, by name, and a note on each span left out.

    The paper's own file has the empty name; files without a mention are not there.
    Raises InputError on a kind that is no text, and where a file holds a tag already.
    """
    if not isinstance(source.map, FileMap):
        cure = "leave out --in-place-markup"
        raise InputError(f"is {source.kind}, which has no text to put tags in", cure)
    _check_tags(source.map.files)
    fit = _Latex(source) if source.kind is Kind.LATEX else _Plain(source)
    found: dict[int, list[tuple[int, int, str]]] = {0: []}
    notes = []
    for span in spans:
        where = fit.find(span.start, span.end)
        if where is None:
            notes.append(_note(source, span))
        else:
            file, start, end = where
            found.setdefault(file, []).append((start, end, span.label))
    files = {}
    for file, marks in found.items():
        name, content = source.map.files[file]
        files[name] = _insert(content, marks)
    return files, notes


def _check_tags(files: Sequence[tuple[str, str]]) -> None:
    for name, content in files:
        tag = _TAG.search(content)
        if tag:
            where = ":".join(
                part for part in (name, place(content, tag.start())) if part
            )
            raise InputError(f"holds {tag[0]} itself", "write it otherwise", where)


def _note(source: Source, span: Span) -> str:
    mention = " ".join(source.text[span.start : span.end].split())
    where = "".join(f"{found}: " for found in source.places(span.start, span.end)[:1])
    return f"{where}{mention!r} ({span.label}) can not be tagged in place"


def _insert(content: str, marks: Iterable[tuple[int, int, str]]) -> str:
    parts, position = [], 0
    for start, end, label in sorted(marks):
        if start < position:
            continue  # a file that is included twice has its mentions twice
        mention = content[start:end]
        parts += [content[position:start], f"<{label}>{mention}</{label}>"]
        position = end
    return "".join([*parts, content[position:]])


class _Plain:
    """Where a mention stands in a text that is its own source."""

    def __init__(self, source: Source) -> None:
        is_markdown = source.kind is Kind.MARKDOWN
        found = _CODE_SPAN.finditer(source.text) if is_markdown else ()
        self.code: list[Range] = [match.span() for match in found]

    def find(self, start: int, end: int) -> tuple[int, int, int] | None:
        if any(first < end and start < last for first, last in self.code):
            return None
        return 0, start, end


class _Latex:
    """Where a mention stands in LaTeX: a range of one argument, or of running text."""

    def __init__(self, source: Source) -> None:
        assert isinstance(source.map, FileMap)
        self.map = source.map
        self.text = source.text
        self.trees: dict[int, Structure] = {}
        self.by_file: dict[int, list[Run]] = {}
        for run in self.map.runs.runs:
            self.by_file.setdefault(run.origin.file, []).append(run)

    def find(self, start: int, end: int) -> tuple[int, int, int] | None:
        origins = [run.part(start, end) for run in self.map.runs.within(start, end)]
        if len({origin.file for origin in origins}) != 1:
            return None
        file = origins[0].file
        first = min(origin.offset for origin in origins)
        last = max(origin.offset + origin.length for origin in origins)
        if file not in self.trees:
            self.trees[file] = Structure(self.map.files[file][1])
        fitted = self.trees[file].fit(first, last)
        if fitted is None or not self._is_all(file, fitted, start, end):
            return None
        return file, *fitted

    def _is_all(self, file: int, fitted: Range, start: int, end: int) -> bool:
        """Tell whether a range of a file prints the mention, and nothing else."""
        first, last = fitted
        for run in self.by_file[file]:
            origin = run.origin
            if origin.offset >= last or origin.offset + origin.length <= first:
                continue
            if not run.is_copy:
                low, high = run.start, run.end
            else:
                low = run.start + max(first - origin.offset, 0)
                high = run.end - max(origin.offset + origin.length - last, 0)
            printed = self.text[low:high].strip()
            if printed and not (start <= low and high <= end):
                return False
        return True
