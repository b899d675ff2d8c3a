"""Another number of threads for later legs, while others are under way."""

import os
from contextlib import closing

import pytest
from processes import is_gone, search

from tunewidgets.runner.executor import LegReturned
from tunewidgets.runner.process import ProcessExecutor

pytestmark = pytest.mark.process


def look(trial):
    facts = {"threads": float(os.environ["OMP_NUM_THREADS"]), "parent": float(os.getppid())}
    trial.report(1, 0.0, **facts)
    trial.report(2, 0.0, **facts)


@pytest.mark.parametrize("start_method", ["forkserver", "spawn"])
def test_later_legs_use_another_number_of_threads(tmp_path, start_method):
    with search(look, tmp_path, threads=2, start_method=start_method) as session:
        session.answer = lambda report: None if (report.trial, report.step) == (0, 1) else "continue"
        session.launch(0)
        session.until(lambda: session.reports(0))
        first = session.executor._launcher
        zygote = first.zygote
        session.executor.set_threads(1)
        assert session.executor._launcher is not first
        session.launch(1)
        assert session.closing(1) == LegReturned(1, 1)
        assert session.of(1)[0].metrics["threads"] == 1.0
        # The leg that was under way is still heard, and the process it was forked from is still there for it.
        session.reply(0, "continue")
        assert session.closing(0) == LegReturned(0, 1)
        assert [report.metrics["threads"] for report in session.of(0)[:2]] == [2.0, 2.0]
        session.until(lambda: not session.executor._retired)
        if start_method == "forkserver":
            assert session.of(0)[1].metrics["parent"] == zygote
            assert session.of(1)[0].metrics["parent"] == session.executor._launcher.zygote != zygote
            assert is_gone(zygote)


def test_the_same_number_changes_nothing_and_an_unused_zygote_is_not_kept(tmp_path):
    with closing(ProcessExecutor(tmp_path, threads=2)) as executor:
        launcher = executor._launcher
        executor.set_threads(2)
        assert executor._launcher is launcher
        executor.set_threads(3)
        assert (executor.threads, executor._retired) == (3, [])
        assert executor._launcher is not launcher


def test_closing_ends_the_legs_of_every_number(tmp_path):
    with search(look, tmp_path, threads=2) as session:
        session.answer = lambda _report: None
        session.launch(0)
        session.until(lambda: session.reports(0))
        session.executor.set_threads(1)
        session.launch(1)
        session.until(lambda: session.reports(1))
        zygotes = [int(session.of(trial)[0].metrics["parent"]) for trial in (0, 1)]
        session.executor.close()
        assert all(map(is_gone, zygotes))
