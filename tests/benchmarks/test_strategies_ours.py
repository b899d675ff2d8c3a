"""Our searches through the real driver, and the order in which the peers' are computed."""

import pytest

from benchmarks.strategies import ours, peers
from benchmarks.strategies.conditional import mirage
from benchmarks.strategies.knobs import Knob, Problem
from benchmarks.strategies.ours import METHODS, Method, run

CURVE = Problem(
    "curve",
    "fidelity",
    (Knob("x", "float", 0.0, 1.0),),
    lambda c, b: c["x"] + 1 / (b or 9),
    1 / 9,
    epochs=9,
)


def method(name):
    return next(each for each in METHODS if each.name == name)


def test_a_search_is_the_same_every_time():
    first, again = (run(mirage(), method("random"), 3) for _ in range(2))
    assert first.regrets == again.regrets
    assert first.branch == again.branch != ""
    assert list(first.regrets) == [10, 25, 40, 50, 100]
    assert run(mirage(), method("random"), 4).regrets != first.regrets


def test_a_shorter_search_is_the_beginning_of_a_longer_one():
    short = Method("short", ("conditional",), {"name": "random"}, evaluations=50)
    found = run(mirage(), short, 3).regrets
    assert found == {at: regret for at, regret in run(mirage(), method("random"), 3).regrets.items() if at <= 50}


@pytest.mark.parametrize("name", ["random, full", "hyperband + random"])
def test_a_ladder_ends_when_the_cost_is_spent(name):
    trace = run(CURVE, method(name), 0)
    assert trace.cost == 40.0
    assert list(trace.regrets) == [10, 20, 40]
    assert sorted(trace.regrets.values(), reverse=True) == list(trace.regrets.values())


def test_a_space_that_is_exhausted_ends_a_search_that_counts_all_the_same():
    problem = Problem("few", "fidelity", (Knob("n", "int", 0, 4),), lambda c, _b: float(c["n"]), 0.0, epochs=9)
    trace = run(problem, method("random, full"), 0)
    assert trace.cost == 5.0
    assert trace.regrets == {10: 0.0, 20: 0.0, 40: 0.0}


def test_a_ladder_sees_more_configurations_than_full_training():
    full, ladder = run(CURVE, method("random, full"), 0), run(CURVE, method("hyperband + random"), 0)
    assert len(ladder._at) > 1.5 * len(full._at) == 60


def test_what_the_kit_does_not_have_is_left_out_by_name(folder, caplog, monkeypatch):
    absent = Method("nobody", ("numeric",), {"name": "nobody"})
    monkeypatch.setattr(ours, "METHODS", (method("random"), absent))
    works = ours.plan(folder, ["numeric"], 2)
    assert {work.method.name for work in works} == {"random"}
    assert "nobody" in caplog.text
    assert [work.seed for work in works] == sorted(work.seed for work in works)


def test_a_failing_run_is_told_of(folder):
    broken = Method("broken", ("numeric",), {"name": "nobody"})
    assert "sampler must be one of" in ours.make(ours.Work(folder, "numeric", "branin", broken, 0))


def test_peers_are_balanced_over_tasks_when_stopped_early():
    order = peers.jobs(peers.SEEDS)
    assert len(set(order)) == len(order)
    first = [job for job in order if job.peer.name == "Optuna GP"]
    assert [job.seed for job in first] == sorted(job.seed for job in first)
    block = [job for job in order[:100] if job.seed > 0 and job.peer.rank == 0]
    assert {job.kind for job in block} == {"numeric", "tables", "conditional"}


def test_what_matters_most_comes_first_within_a_block_of_seeds():
    jobs = peers.jobs(peers.SEEDS)
    order = [(job.seed // peers.BLOCK, job.peer.rank) for job in jobs if job.peer.rank < 3]
    assert order == sorted(order)
    assert {job.peer.name for job in jobs[len(order) :]} == {"scikit-optimize GP", "Keras Tuner BO"}


def test_two_processes_share_the_work():
    order = peers.jobs(3)
    parts = [[job for job in order if peers._share(job, part, 2)] for part in range(2)]
    assert min(map(len, parts)) > len(order) / 3
    assert len(parts[0]) + len(parts[1]) == len(order)
