"""Many papers in several processes: the same outcomes, and nothing is lost."""

import os
import signal
from dataclasses import replace
from pathlib import Path

import pytest

from papertag.formats import Format
from papertag.papers import list_papers
from papertag.spans import Span
from papertag.tagging import Job
from papertag.workers import run_in_workers


def load():
    """Return a tagger that marks the first character; it dies of "die"."""
    (Path("loads") / str(os.getpid())).touch()

    def tag(paper):
        if paper.text == "die":
            os.kill(os.getpid(), signal.SIGKILL)
        return replace(paper, spans=(Span(0, 1, "model"),) if paper.text else ())

    return tag


@pytest.fixture
def outcomes(write, here, monkeypatch):
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parent), prepend=os.pathsep)
    (here / "loads").mkdir()

    def run(texts, workers=2, papers=500):
        write({f"in/{number:02}.txt": text for number, text in enumerate(texts)})
        tasks, errors = list_papers([Path("in")], Format.INLINE, Path("out"))
        assert not errors
        job = Job(folder=Path("out"))
        return list(run_in_workers(tasks, job, load, workers, papers))

    return run


def test_outcomes_come_in_order_and_each_worker_loads_once(outcomes, here):
    found = outcomes([f"{number}" for number in range(20)] + [b"\xff"])
    assert [each.task.source.stem for each in found] == [f"{n:02}" for n in range(21)]
    assert [each.error is None for each in found] == [True] * 20 + [False]
    assert (here / "out/07.txt").read_text() == "<model>7</model>"
    assert len(list((here / "loads").iterdir())) <= 2


def test_a_worker_is_replaced_after_some_papers(outcomes, here):
    found = outcomes([f"{number}" for number in range(12)], workers=2, papers=2)
    assert all(each.error is None for each in found)
    assert len(list((here / "loads").iterdir())) >= 6


def test_a_killed_worker_takes_only_the_papers_on_their_way_along(outcomes, here):
    texts = [f"{number}" for number in range(20)]
    texts[5] = "die"
    found = outcomes(texts)
    assert [each.task.source.stem for each in found] == [f"{n:02}" for n in range(20)]
    lost = [each for each in found if each.error]
    assert 1 <= len(lost) <= 4
    assert "in/05.txt" in {each.error.place for each in lost}
    assert all("--resume" in str(each.error) for each in lost)
    written = {path.stem for path in (here / "out").iterdir()}
    assert {each.task.source.stem for each in found if not each.error} <= written
