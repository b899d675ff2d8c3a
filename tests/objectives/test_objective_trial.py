import math
import tempfile
import threading
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scripted import make_trial

from tunewidgets.errors import ObjectiveError, StoreError
from tunewidgets.objectives import LegEnd
from tunewidgets.objectives.checkpoint import NAME, WAITING, Checkpoint
from tunewidgets.objectives.values import to_float


def train(trial):
    """Train as users do: load, go on, save, report."""
    total = trial.load(default=0)
    for step in trial.steps():
        total += step
        trial.save(total)
        trial.report(step, total)
    return total


def test_steps_count_to_the_budget_and_reports_arrive_in_order(tmp_path):
    trial = make_trial(tmp_path, budget=3)
    assert train(trial) == 6
    assert trial.channel.reports == [(1, 1.0, {}), (2, 3.0, {}), (3, 6.0, {})]


@pytest.mark.parametrize("answer", ["pause", "stop", "complete"])
def test_the_loop_ends_after_the_turn_that_was_told_to(tmp_path, answer):
    trial = make_trial(tmp_path, "continue", answer, budget=9)
    after_report = []
    for step in trial.steps():
        trial.report(step, 0.5)
        after_report.append(step)
    assert after_report == [1, 2]
    assert trial.answer == answer
    assert list(trial.steps()) == []


def test_a_later_leg_goes_on_after_the_saved_step(tmp_path):
    train(make_trial(tmp_path, "continue", "pause", budget=3))
    later = make_trial(tmp_path, budget=4, attempt=2)
    assert later.saved_step == 2
    assert train(later) == 10
    assert [step for step, _, _ in later.channel.reports] == [3, 4]


def test_without_a_saved_state_a_later_leg_begins_anew(tmp_path):
    list(make_trial(tmp_path, budget=3).steps())
    assert list(make_trial(tmp_path, budget=3, attempt=2).steps()) == [1, 2, 3]


def test_a_state_counts_only_once_its_step_was_reported(tmp_path):
    trial = make_trial(tmp_path, budget=3)
    for step in trial.steps():
        trial.save(f"after {step}")
        assert trial.load() == f"after {step}"
        if step == 2:
            break  # the process is lost here: step 2 was never reported
        trial.report(step, 0.0)
    later = make_trial(tmp_path, budget=3, attempt=2)
    assert later.load() == "after 1"
    assert list(later.steps()) == [2, 3]


def test_a_state_counts_as_soon_as_its_report_is_answered(tmp_path):
    trial = make_trial(tmp_path, budget=3)
    turns = trial.steps()
    trial.save("after 1", step=next(turns))
    assert make_trial(tmp_path).saved_step == 0
    trial.report(1, 0.0)
    assert make_trial(tmp_path).load() == "after 1"


def test_a_turn_without_a_report_still_lets_its_state_count(tmp_path):
    trial = make_trial(tmp_path, budget=2)
    for step in trial.steps():
        trial.save(step)
    assert make_trial(tmp_path).saved_step == 2


def test_a_state_saved_after_its_report_counts_at_once(tmp_path):
    trial = make_trial(tmp_path, budget=2)
    for step in trial.steps():
        trial.report(step, 0.0)
        trial.save(step)
        assert make_trial(tmp_path).saved_step == step


def test_settle_lets_the_last_state_count(tmp_path):
    trial = make_trial(tmp_path, budget=3)
    for _ in trial.steps():
        trial.save("kept")
        break
    trial.settle()
    assert make_trial(tmp_path).load() == "kept"


def test_outside_steps_a_report_ends_the_leg_at_once(tmp_path):
    trial = make_trial(tmp_path, "continue", "stop")
    trial.report(1, 0.5)
    with pytest.raises(LegEnd) as caught:
        trial.report(2, 0.6)
    assert caught.value.action == "stop"
    assert not isinstance(caught.value, Exception)


def test_reporting_after_the_end_was_told_ends_the_leg_and_sends_nothing(tmp_path):
    trial = make_trial(tmp_path, "pause", budget=5)
    turns = trial.steps()
    trial.report(next(turns), 0.5)
    with pytest.raises(LegEnd):
        trial.report(2, 0.5)
    assert len(trial.channel.reports) == 1


def test_outside_steps_the_last_reported_step_is_saved(tmp_path):
    trial = make_trial(tmp_path)
    trial.save("early")
    assert make_trial(tmp_path).saved_step == 0
    trial.report(4, 0.5)
    trial.save("late")
    later = make_trial(tmp_path, budget=6)
    assert (later.saved_step, later.load(), list(later.steps())) == (4, "late", [5, 6])


def test_a_step_can_be_named(tmp_path):
    make_trial(tmp_path).save("state", step=np.int64(11))
    assert make_trial(tmp_path).saved_step == 11


def test_budgets_may_be_passed_by_reports_and_states(tmp_path):
    trial = make_trial(tmp_path, budget=2)
    trial.report(5, 0.5)
    trial.save("state")
    later = make_trial(tmp_path, budget=2)
    assert list(later.steps()) == []


def test_steps_without_a_budget_say_the_cure(tmp_path):
    with pytest.raises(ObjectiveError, match="max_budget=27"):
        make_trial(tmp_path).steps()


def test_the_configuration_is_the_trials_own(tmp_path):
    config = {"x": 1}
    trial = make_trial(tmp_path, config=config)
    trial.config["x"] = 2
    assert config == {"x": 1}


def test_the_checkpoint_folder_is_made_when_it_is_asked_for(tmp_path):
    trial = make_trial(tmp_path / "00003")
    assert trial.load("none") == "none"
    assert not trial.folder.exists()
    assert trial.checkpoint_dir == tmp_path / "00003" / "checkpoint"
    assert trial.checkpoint_dir.is_dir()


@pytest.mark.parametrize(
    ("value", "number"),
    [
        (1, 1.0),
        (np.float32(0.5), 0.5),
        (np.int8(3), 3.0),
        (np.array(2.5), 2.5),
        (Fraction(1, 4), 0.25),
        (Decimal(2), 2),
    ],
)
def test_every_kind_of_number_is_taken(tmp_path, value, number):
    trial = make_trial(tmp_path)
    trial.report(np.int64(1), value, other=value)
    assert trial.channel.reports == [(1, number, {"other": number})]
    assert type(trial.channel.reports[0][1]) is float


class Tensor:
    shape = ()

    def __init__(self, dtype):
        self.dtype = dtype

    def __float__(self):
        return 0.25


def test_tensors_without_dimensions_are_numbers():
    assert to_float(Tensor("float32"), "it", "none") == 0.25
    with pytest.raises(ObjectiveError):
        to_float(Tensor("bool"), "it", "none")


def test_nan_and_infinity_are_passed_on(tmp_path):
    trial = make_trial(tmp_path)
    trial.report(1, math.nan, up=math.inf)
    (_, value, metrics) = trial.channel.reports[0]
    assert math.isnan(value)
    assert metrics == {"up": math.inf}


@pytest.mark.parametrize(
    ("value", "came"),
    [
        (None, "None came"),
        ("0.5", "str '0.5' came"),
        (True, "bool True came"),
        (np.bool_(1), "bool"),
        (1j, "complex 1j came"),
        (np.complex64(1), "complex64"),
        ([0.5], r"list \[0.5\] came"),
        (np.zeros(1), r"an array of shape \(1,\) and dtype float64 came"),
        (np.array(1, dtype=bool), "bool"),
    ],
)
def test_what_is_no_number_is_refused_with_what_came_and_the_cure(tmp_path, value, came):
    trial = make_trial(tmp_path)
    with pytest.raises(ObjectiveError, match=f"the value reported at step 1 .*{came}.*Cure: report a float"):
        trial.report(1, value)
    with pytest.raises(ObjectiveError, match=f"the metric 'loss' reported at step 1 .*{came}"):
        trial.report(1, 0.5, loss=value)
    assert trial.channel.reports == []


def test_a_number_too_large_for_a_float_is_refused(tmp_path):
    with pytest.raises(ObjectiveError, match="fits a float"):
        make_trial(tmp_path).report(1, 10**400)


@pytest.mark.parametrize("step", [0, -1, 1.0, "1", None, True])
def test_a_step_must_be_an_integer_from_1(tmp_path, step):
    with pytest.raises(ObjectiveError, match="an integer of at least 1"):
        make_trial(tmp_path).report(step, 0.5)


@pytest.mark.parametrize("step", [1, 2])
def test_steps_must_grow(tmp_path, step):
    trial = make_trial(tmp_path)
    trial.report(2, 0.5)
    with pytest.raises(ObjectiveError, match=f"step {step} came after step 2"):
        trial.report(step, 0.5)


@pytest.mark.parametrize("step", [-1, 1.5, "1", True])
def test_a_saved_step_must_be_an_integer(tmp_path, step):
    with pytest.raises(ObjectiveError, match="an integer of at least 0"):
        make_trial(tmp_path).save("state", step=step)


def test_what_does_not_pickle_is_refused_and_the_state_before_is_kept(tmp_path):
    trial = make_trial(tmp_path)
    trial.save("good")
    with pytest.raises(ObjectiveError, match=r"a lock, cannot be pickled.*Cure: save what it takes"):
        trial.save(threading.Lock())
    assert make_trial(tmp_path).load() == "good"
    assert [path.name for path in trial.checkpoint_dir.iterdir()] == [NAME]


def test_functions_of_a_notebook_can_be_saved(tmp_path):
    offset = 3
    make_trial(tmp_path).save(lambda x: x + offset)
    assert make_trial(tmp_path).load()(4) == 7


DAMAGES = {
    "empty": lambda whole: b"",
    "cut": lambda whole: whole[:-1],
    "flipped": lambda whole: whole.replace(b"aaa", b"bbb", 1),
    "foreign": lambda whole: b"\x80\x04K\x01.",
    "list": lambda whole: b"[1]\n",
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_state_counts_as_none_and_says_why(tmp_path, damage):
    trial = make_trial(tmp_path)
    trial.save(b"a" * 100, step=5)
    file = trial.checkpoint_dir / NAME
    file.write_bytes(DAMAGES[damage](file.read_bytes()))
    later = make_trial(tmp_path, budget=2)
    assert later.load("default") == "default"
    assert later.problem
    assert later.saved_step == 0
    assert list(later.steps()) == [1, 2]
    later.save("new", step=1)
    assert later.problem is None
    assert later.load() == "new"


class Vanished:
    """A class whose code has changed when it is read."""

    def __getstate__(self):
        return {"a": 1}

    def __setstate__(self, state):
        raise ImportError("no module of that name")


def test_a_state_whose_code_is_gone_begins_the_loop_anew(tmp_path):
    make_trial(tmp_path).save(Vanished(), step=4)
    later = make_trial(tmp_path, budget=2)
    assert later.load("default") == "default"
    assert "ImportError: no module of that name" in later.problem
    assert list(later.steps()) == [1, 2]


def test_a_folder_that_cannot_be_written_is_told(tmp_path):
    (tmp_path / "checkpoint").write_text("in the way")
    with pytest.raises(StoreError, match=r"cannot write .*state.pkl"):
        make_trial(tmp_path).save(1)


def test_a_waiting_state_of_a_later_step_is_not_confirmed_by_an_earlier_one(tmp_path):
    checkpoint = Checkpoint(tmp_path)
    checkpoint.write("five", 5, waits=True)
    checkpoint.confirm(4)
    assert (tmp_path / WAITING).exists()
    assert Checkpoint(tmp_path).step == 0
    checkpoint.confirm(5)
    assert not (tmp_path / WAITING).exists()
    assert Checkpoint(tmp_path).step == 5


STATES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text() | st.binary(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4) | st.tuples(inner, inner),
    max_leaves=12,
)


@settings(max_examples=50, deadline=None)
@given(state=STATES, step=st.integers(0, 10**9))
def test_what_is_saved_is_what_is_loaded(state, step):
    with tempfile.TemporaryDirectory() as folder:
        make_trial(folder).save(state, step=step)
        later = make_trial(folder)
        assert later.load(default=object()) == state
        assert later.saved_step == step


class Gone(BaseException):
    """The leg's process is lost."""


PLACES = st.tuples(st.integers(1, 6), st.sampled_from(["trained", "saved", "reported"]))


@settings(max_examples=60, deadline=None)
@given(budget=st.integers(1, 6), losses=st.lists(PLACES, max_size=6))
def test_however_often_legs_are_lost_every_step_is_in_the_state_once_and_reported(budget, losses):
    def leg(trial, lost_at):
        trained = trial.load(default=())
        for step in trial.steps():
            trained = (*trained, step)
            lose(step, "trained", lost_at)
            trial.save(trained)
            lose(step, "saved", lost_at)
            trial.report(step, 0.0)
            reported.add(step)
            lose(step, "reported", lost_at)

    def lose(step, place, lost_at):
        if lost_at == (step, place):
            raise Gone

    reported = set()
    with tempfile.TemporaryDirectory() as folder:
        for attempt, lost_at in enumerate([*losses, None], start=1):
            try:
                leg(make_trial(folder, budget=budget, attempt=attempt), lost_at)
            except Gone:
                continue
        assert make_trial(folder).load() == tuple(range(1, budget + 1))
    assert reported == set(range(1, budget + 1))
