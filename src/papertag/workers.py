"""Workers: many papers in several processes, each with a pipeline of its own."""

import multiprocessing
import os
import signal
import threading
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool

from papertag.errors import PapertagError
from papertag.papers import Task
from papertag.tagging import Outcome, Tagger, Work

AHEAD = 2  # papers a worker that wait for it
PAPERS = 500  # a worker does, then a fresh one takes over: spaCy's strings only grow

Loader = Callable[[], Tagger]

_loader: Loader | None = None
_tagger: Tagger | None = None


def run_all(
    tasks: Sequence[Task], job: Work, load: Loader, workers: int = 1
) -> Iterator[Outcome]:
    """Yield the outcome of each paper, in order, here or in several processes.

    Raises PapertagError at once where ``load`` does.
    """
    tagger = load()  # here, too, if there are workers: what is wrong is said once
    workers = min(workers, len(tasks))
    if workers > 1:
        return run_in_workers(tasks, job, load, workers)
    return (job.run(task, tagger) for task in tasks)


def run_in_workers(
    tasks: Sequence[Task], job: Work, load: Loader, workers: int, papers: int = PAPERS
) -> Iterator[Outcome]:
    """Yield the outcome of each paper, in order; ``workers`` processes do them.

    ``load`` is called in each of them, and must be known there by its name. Where a
    worker is killed, the papers that were on their way are errors, the others go on.
    """
    left = deque(tasks)
    while left:
        yield from _run(left, job, load, workers, papers)


def _run(
    left: deque[Task], job: Work, load: Loader, workers: int, papers: int
) -> Iterator[Outcome]:
    """Work on ``left`` until it is empty or a worker dies."""
    waiting: deque[tuple[Task, Future[Outcome]]] = deque()
    pool = ProcessPoolExecutor(
        workers,
        multiprocessing.get_context("spawn"),
        _start,
        (load,),
        max_tasks_per_child=papers,
    )
    try:
        while left or waiting:
            while left and len(waiting) < AHEAD * workers:
                waiting.append((left[0], pool.submit(_work, left[0], job)))
                left.popleft()
            yield waiting[0][1].result()
            waiting.popleft()
    except BrokenProcessPool:
        for task, future in waiting:
            if future.done() and not future.exception():
                yield future.result()
                continue
            problem, cure = "its worker died", "try it again with --resume"
            yield Outcome(task, error=PapertagError(problem, cure, str(task.name)))
    finally:
        pool.shutdown(cancel_futures=True)


def _start(load: Loader) -> None:
    """Make this process a worker: one thread, and Ctrl-C is for the one that asked."""
    global _loader  # noqa: PLW0603 (what a process of the pool keeps)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    os.environ["OMP_NUM_THREADS"] = "1"
    os.environ["TOKENIZERS_PARALLELISM"] = "false"
    _loader = load
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    """End this process when the one that asked is killed, which nobody tells it."""
    parent = multiprocessing.parent_process()
    assert parent is not None
    parent.join()
    os._exit(1)


def _work(task: Task, job: Work) -> Outcome:
    global _tagger  # noqa: PLW0603
    try:
        if _tagger is None:
            assert _loader is not None
            _tagger = _loader()
    except PapertagError as error:
        return Outcome(task, error=error)
    return job.run(task, _tagger)
