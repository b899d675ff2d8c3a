"""Ranks, ties, bootstrap intervals, and what is made of them."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from benchmarks.strategies import aims, figures, statistics, tables
from benchmarks.strategies.aims import Branched
from benchmarks.strategies.contests import CONTESTS, Contest, standing
from benchmarks.strategies.kept import Run
from benchmarks.strategies.page import render
from benchmarks.strategies.statistics import Difference, cells, difference, ranking, ranks, wrong_branches

SPANS = {"t": 1.0, "u": 1.0}


def runs(method, values, task="t", at=50):
    return [Run(task, method, "1", seed, {at: value}) for seed, value in enumerate(values)]


def test_regrets_below_a_thousandth_of_the_range_are_ties():
    regrets = np.array([[1e-9, 9e-4, 2e-3, 0.5], [0.2, 0.2, 0.1, 0.3]])
    assert ranks(regrets, 1.0).tolist() == [[1.5, 1.5, 3.0, 4.0], [2.5, 2.5, 1.0, 4.0]]
    assert ranks(regrets, 1000.0).tolist() == [[2.5, 2.5, 2.5, 2.5]] * 2


@given(arrays(np.float64, (5, 3), elements=st.floats(0, 10)))
def test_ranks_of_a_row_always_add_up(regrets):
    assert ranks(regrets, 1.0).sum(axis=1) == pytest.approx(6.0)


def test_only_seeds_that_all_have_run_count():
    table = cells([*runs("a", [1.0, 2.0, 3.0]), *runs("b", [4.0, 5.0]), *runs("a", [1.0], "u")], ["b", "a"], 50)
    assert list(table) == ["t"]
    assert table["t"].tolist() == [[4.0, 1.0], [5.0, 2.0]]


def test_every_task_counts_the_same():
    table = {"t": np.array([[0.1, 0.2]] * 9), "u": np.array([[0.4, 0.3]])}
    found = ranking(table, ["a", "b"], SPANS)
    assert found.ranks == (1.5, 1.5)
    assert found.differences[0].mean == 0.0
    assert found.seeds == 1


def test_the_interval_of_a_certain_difference_is_a_point():
    assert difference([np.full(30, -1.0)]) == Difference(-1.0, -1.0, -1.0)


def test_the_interval_is_that_of_the_mean():
    signs = np.tile([1.0, -1.0], 50)
    found = difference([signs])
    assert found.mean == 0.0
    assert found.low == pytest.approx(-1.96 / 10, abs=0.03)
    assert found.high == pytest.approx(1.96 / 10, abs=0.03)
    assert difference([signs]) == found


def test_two_tasks_halve_the_variance():
    signs = np.tile([1.0, -1.0], 50)
    found = difference([signs, signs])
    assert found.high == pytest.approx(1.96 / 10 / 2**0.5, abs=0.03)


@pytest.mark.parametrize(
    ("low", "high", "verdict"),
    [(-2, -1, "ahead"), (-1, 0, "level"), (-1, 1, "level"), (0, 1, "level"), (1, 2, "behind")],
)
def test_a_verdict_wants_the_whole_interval(low, high, verdict):
    assert Difference((low + high) / 2, low, high).verdict == verdict


CONTEST = Contest("c", "our gp", ("Peer", "Slow"), "ahead", {"numeric": (50,)}, ("other",))


def stand(*parts):
    return standing(CONTEST, "numeric", 50, [run for part in parts for run in part], SPANS)


def test_a_contest_is_reached_where_every_rival_is_beaten():
    ours, others = runs("our gp", [0.1] * 20), runs("Peer", [0.2] * 20)
    assert stand(ours, others).reached
    assert not stand(ours, others, runs("Slow", [0.05] * 20)).reached
    assert stand(ours, others, runs("other", [0.05] * 20)).reached
    assert stand(ours) is None
    assert stand(others) is None


def test_one_of_a_group_is_enough():
    good = stand(runs("our gp", [0.1] * 20), runs("Peer", [0.2] * 20))
    bad = stand(runs("our gp", [0.3] * 20), runs("Peer", [0.2] * 20))
    assert aims.of_group([bad, good]).held
    assert aims.of_group([bad, good]).found == "our gp: -1.00 (-1.00 to -1.00) Peer"
    assert not aims.of_group([bad]).held


def test_a_slow_method_is_ranked_on_its_seeds_alone():
    found = stand(runs("our gp", [0.1] * 20), runs("Peer", [0.2] * 20), runs("Slow", [0.3, 0.05, 0.3]))
    assert found.ours.methods == ("our gp", "Peer")
    assert found.ours.seeds == 20
    name, rank, _, seeds = found.rows[1]
    assert (name, rank, seeds) == ("Slow", pytest.approx(7 / 3), 3)
    cell = tables.of_contest([found]).rows[2][1]
    assert cell.startswith("2.33; -1.00 (")
    assert cell.endswith("[3 seeds]")


def test_more_seeds_of_ours_leave_the_others_in_the_table():
    found = stand(runs("our gp", [0.1] * 100), runs("Peer", [0.2] * 20), runs("Slow", [0.3] * 3))
    assert found.ours.methods == ("our gp", "Peer")
    assert found.ours.seeds == 20


def test_contests_name_methods_that_are_run():
    from benchmarks.strategies.ours import METHODS
    from benchmarks.strategies.peers import PEERS

    known = {f"our {method.name}" for method in METHODS} | {peer.name for peer in PEERS}
    named = {name for each in CONTESTS for name in (each.ours, *each.rivals, *each.others)}
    assert named <= known


def test_checkpoints_of_contests_are_kept():
    from benchmarks.strategies.traces import CHECKPOINTS

    assert all(set(at) <= set(CHECKPOINTS[kind]) for each in CONTESTS for kind, at in each.at.items())
    assert all(set(at) <= set(CHECKPOINTS[kind]) for kind, at in tables.SHOWN.items())


BRANCHED = [Branched("t", "a/b", 1.0)]


def test_wrong_branches_are_counted():
    ended = [Run("t", "our gp", "1", seed, {}, branch) for seed, branch in enumerate(["a/b", "a/b", "a", "", "c"])]
    assert wrong_branches(ended, "t", "our gp", "a/b") == (2, 4)
    assert [each.held for each in aims.of_branches(ended, BRANCHED, "our gp")] == [False]
    assert tables.of_branches(ended, BRANCHED, ["our gp", "none"]).rows == (("our gp", "2 of 4"),)


def test_an_order_of_magnitude_is_of_the_medians_with_ties_set_to_their_limit():
    found = aims.of_conditional(
        [*runs("our gp", [1e-9] * 3), *runs("Peer", [0.02] * 3)], BRANCHED, ["Peer", "gone"], 50
    )
    assert len(found) == 1
    assert found[0].held
    assert found[0].found == "20.0x"


def test_the_time_of_a_suggestion_is_judged():
    held = [each.held for each in aims.of_timing({"our gp": {100: 50.0, 500: 500.0}, "Optuna GP": {100: 40.0}})]
    assert held == [True, False, False]


def test_medians_have_a_table_for_each_task():
    made = tables.of_medians(runs("our gp", [0.1, 0.2, 0.3]), "numeric", ["t", "u"], ["our gp", "gone"])
    assert [table.columns[0] for table in made] == ["t"]
    assert made[0].rows == (("our gp", "-", "0.2 (0.15 to 0.25)", "-"),)
    assert "| our gp | - | 0.2 (0.15 to 0.25) | - |" in render(made[0])


def test_figures_are_drawn(tmp_path):
    found = stand(runs("our gp", [0.1] * 20), runs("Peer", [0.2] * 20))
    line = figures.write(tmp_path, "ranks", figures.of_ranks([found]), "Ranks")
    assert line.startswith("![Ranks](strategies-ranks.svg)")
    assert "our gp / Peer, numeric, 50" in (tmp_path / "strategies-ranks.svg").read_text()
    figures.write(tmp_path, "timing", figures.of_timing({"our gp": {10: 1.0, 100: 9.0}}), "Times")
    assert "our gp" in (tmp_path / "strategies-timing.svg").read_text()


def test_quartiles_are_of_one_task_and_method():
    found = statistics.quartiles([*runs("a", [1.0, 2.0, 3.0]), *runs("a", [9.0], "u")], "t", "a", 50)
    assert found == (1.5, 2.0, 2.5)
    assert statistics.quartiles([], "t", "a", 50) is None
