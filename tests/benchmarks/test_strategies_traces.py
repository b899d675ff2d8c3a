"""What is kept of a run, by the one rule, and as CSV."""

import math

import pytest

from benchmarks.strategies import kept
from benchmarks.strategies.kept import Run
from benchmarks.strategies.knobs import Knob, Problem
from benchmarks.strategies.traces import Trace

X = (Knob("x", "float", 0.0, 100.0),)
LINE = Problem("line", "numeric", X, lambda c, _b: c["x"], best=1.0)
# At low budgets large values look good; the final value is x itself.
CURVE = Problem("curve", "fidelity", X, lambda c, b: c["x"] if b in (None, 4) else 100 - c["x"], 0.0, epochs=4)


def _evaluate(problem, values):
    trace = Trace(problem)
    for number, value in enumerate(values):
        trace.report(number, {"x": value}, problem.loss({"x": value}), problem.epochs or 1)
    trace.finish()
    return trace


def test_the_best_so_far_counts_at_each_checkpoint():
    trace = _evaluate(LINE, [50.0] * 9 + [7.0] + [20.0] * 14 + [3.0] + [1.0])
    assert trace.regrets == {10: 6.0, 25: 2.0}
    assert trace.cost == 26


def test_full_trainings_cost_one_each():
    assert _evaluate(CURVE, [9.0] * 10 + [5.0] * 10).regrets == {10: 9.0, 20: 5.0}


def test_the_incumbent_is_the_best_at_the_highest_budget_reached():
    trace = Trace(CURVE)
    for number in range(19):
        trace.report(number, {"x": number}, 100 - number, 2)  # 38 epochs: nobody has reached 4
    trace.report(19, {"x": 2.0}, 98.0, 1)
    trace.report(20, {"x": 99.0}, 1.0, 1)  # good, but only after one epoch
    assert trace.regrets == {10: 18.0}  # of the 19 at two epochs the last looked best; its final value is 18


def test_going_on_costs_the_new_epochs_only():
    trace = Trace(CURVE)
    for epoch in (1, 2, 4):
        trace.report(0, {"x": 5.0}, 5.0, epoch)
    assert trace.cost == 1.0


def test_a_checkpoint_inside_a_leg_sees_what_was_known_before_it():
    trace = Trace(CURVE)
    for number in range(9):
        trace.report(number, {"x": 50.0}, 50.0, 4)
    trace.report(9, {"x": 60.0}, 40.0, 2)
    trace.report(10, {"x": 1.0}, 1.0, 4)  # ends at cost 10.5
    assert trace.regrets == {10: 50.0}


def test_nothing_known_is_an_infinite_regret():
    trace = Trace(CURVE)
    trace.report(0, {"x": 1.0}, 1.0, 41)
    assert trace.regrets == {10: math.inf}


def test_the_branch_is_noted_after_fifty_evaluations():
    knobs = (Knob("way", "choice", choices=("l", "r")), Knob("x", "float", 0.0, 9.0, when=("way", ("r",))))
    problem = Problem("fork", "conditional", knobs, lambda c, _b: c.get("x", 5.0), 0.0, branch=("r",))
    trace = Trace(problem)
    for number in range(50):
        trace.report(number, {"way": "l"}, 5.0)
    trace.report(50, {"way": "r", "x": 0.0}, 0.0)
    trace.finish()
    assert trace.branch == "l"


def test_a_shorter_run_notes_the_branch_at_its_end():
    problem = Problem("fork", "conditional", X, lambda c, _b: c["x"], 0.0, branch=("r",))
    trace = _evaluate(problem, [3.0])
    assert trace.branch == ""
    assert _evaluate(LINE, [3.0]).branch == ""


def test_a_run_that_has_tried_everything_stands_where_it_ended():
    trace = Trace(CURVE)
    trace.report(0, {"x": 5.0}, 5.0, 4)
    trace.finish(20)
    assert trace.regrets == {10: 5.0, 20: 5.0}


def test_runs_are_written_and_read_back(tmp_path):
    file = kept.file_of(tmp_path, "numeric", "peers")
    assert file.name == "strategies-peers-numeric.csv"
    assert kept.read(file) == []
    first = Run("branin", "Optuna TPE", "5.0.0", 3, {10: 1.5, 25: 0.123456789}, "")
    kept.append(file, "numeric", first)
    kept.append(file, "numeric", Run("ackley5", "random, full", "-", 0, {10: math.inf}, "a/b"))
    again = kept.read(file)
    assert again[0].regrets == {10: 1.5, 25: 0.123457}
    assert again[1] == Run("ackley5", "random, full", "-", 0, {10: math.inf}, "a/b")


def test_a_line_cut_short_is_left_out(tmp_path):
    file = tmp_path / "cut.csv"
    kept.append(file, "nas", Run("t", "m", "1", 0, {25: 1.0, 50: 1.0, 100: 1.0, 200: 1.0}))
    with file.open("a", encoding="utf-8") as lines:
        lines.write("t,m,1,1,0.5")
    assert [run.seed for run in kept.read(file)] == [0]


def test_files_are_written_in_order(tmp_path):
    file = tmp_path / "ordered.csv"
    kept.write(
        file, "fidelity", [Run("b", "m", "1", 0, {10: 1.0}), Run("a", "m", "1", 1, {}), Run("a", "m", "1", 0, {})]
    )
    assert [(run.task, run.seed) for run in kept.read(file)] == [("a", 0), ("a", 1), ("b", 0)]
    assert file.read_text().splitlines()[0] == "task,method,version,seed,10,20,40,branch"


@pytest.mark.parametrize("budget", [None, 4])
def test_the_curve_used_here_misleads_at_low_budgets(budget):
    assert CURVE.loss({"x": 90.0}, 1) < CURVE.loss({"x": 10.0}, 1)
    assert CURVE.loss({"x": 90.0}, budget) > CURVE.loss({"x": 10.0}, budget)
