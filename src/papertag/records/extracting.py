"""Extracting: the rows of many papers, each on its own."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from papertag.errors import InputError, MarkupError, OutputError, PapertagError
from papertag.markup import Tagged
from papertag.papers import Tags, Task, open_paper, take_tags
from papertag.records.extraction import extract_from
from papertag.records.journal import Journal, Key
from papertag.records.paper import read_paper
from papertag.records.record import Extraction
from papertag.records.rows import flat_rows, nested_rows
from papertag.sources.reading import LIMITS
from papertag.sources.source import Limits, Source
from papertag.spans import Span
from papertag.tagging import Outcome, Tagger, find_spans
from papertag.workers import Loader, run_all


@dataclass(frozen=True)
class Job:
    """How papers become rows; flat ones for tables, nested ones for JSON lines."""

    tagged: bool = False  # the papers bring their tags along
    unlinked: bool = False
    nested: bool = False
    encoding: str = "utf-8"
    limits: Limits = LIMITS

    def run(self, task: Task, tag: Tagger) -> Outcome:
        """Return the rows of a paper and how many of what, as JSON, or its error."""
        try:
            found = extract_paper(task, self, tag)
        except PapertagError as error:
            return Outcome(task, error=error)
        except OSError as error:  # of looking at a path, as one that is too long
            problem = (error.strerror or str(error)).lower()
            failure = OutputError(problem, "check the path", str(task.name))
            return Outcome(task, error=failure)
        rows = nested_rows if self.nested else flat_rows
        result = {
            "models": len(found.records),
            "conflicts": len(found.conflicts),
            "unlinked": len(found.unlinked),
            "rows": list(rows([found], unlinked=self.unlinked)),
        }
        return Outcome(task, json.dumps(result).encode())


def extract_papers(
    papers: Mapping[Key, Task], journal: Journal, job: Job, load: Loader, workers: int
) -> Iterator[Outcome]:
    """Yield the outcome of each paper that the journal lacks, once it stands there."""
    left = {key: task for key, task in papers.items() if key not in journal}
    found = run_all(list(left.values()), job, load, workers) if left else ()
    for key, outcome in zip(left, found, strict=True):
        if outcome.output is not None:
            journal.add(key, outcome.output)
        yield outcome


def extract_paper(task: Task, job: Job, tag: Tagger) -> Extraction:
    """Return the records of one paper; raises PapertagError, its place the paper."""
    source, _ = open_paper(task, job.encoding, job.limits)
    try:
        if job.tagged:
            spans, source = _read_tags(source)
        else:
            source = _check_plain(source)
            spans = find_spans(source, tag)
        paper = read_paper(source.text, spans, source.skipped, source.places)
        return extract_from(paper, str(task.name))
    except PapertagError as error:
        raise error.at(task.name) from error


def as_tagged(paper: Tagged) -> Tagged:
    """Find nothing: what papers bring along is all there is."""
    return paper


def _read_tags(source: Source) -> tuple[tuple[Span, ...], Source]:
    paper, source = take_tags(source, Tags.USE)
    if not paper.spans and paper.text.strip():
        raise InputError("holds no tags", "leave out --tagged, and papertag finds them")
    return paper.spans, source


def _check_plain(source: Source) -> Source:
    try:
        return take_tags(source)[1]
    except MarkupError:
        raise
    except InputError as error:
        raise InputError(error.problem, "--tagged uses its tags") from error
