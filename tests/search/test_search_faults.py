"""What a trial can do to itself, each in one search with trials that do nothing of the kind."""

import ctypes
import os
import time

import pytest
from scenes import legs, lives, wait_until

import tunewidgets as tw

pytestmark = pytest.mark.process


def behave(config):
    kind = config["kind"]
    if kind == "segfault":
        ctypes.string_at(0)
    if kind == "exit":
        os._exit(3)
    if kind == "raise":
        raise ValueError("no such layer")
    if kind == "hang":
        time.sleep(600)
    if kind == "grow":
        raise MemoryError
    print(f"this is {kind}")  # noqa: T201 - a user's function prints
    return {"none": None, "string": "0.9", "nan": float("nan"), "infinity": float("inf")}.get(kind, 0.5)


def search_of(kinds, runs, **options):
    space = tw.Space(kind=tw.Choice(kinds))
    return tw.tune(behave, space, sampler="grid", direction="max", directory=runs, show=False, **options)


def test_every_fault_fails_its_trial_alone_with_its_reason(runs):
    kinds = ["first", "segfault", "exit", "raise", "hang", "grow", "last"]
    search = search_of(kinds, runs, workers=2, trial_timeout=1.0, max_consecutive_failures=None).wait(60)
    assert search.status == "finished"
    trials = search.trials.set_index("param_kind")
    assert trials["state"].to_dict() == {
        "first": "completed",
        "segfault": "failed",
        "exit": "failed",
        "raise": "failed",
        "hang": "failed",
        "grow": "failed",
        "last": "completed",
    }
    errors = {
        "segfault": "the process crashed: segmentation fault (SIGSEGV)",
        "exit": "the process ended itself with exit code 3",
        "raise": "ValueError: no such layer",
        "hang": "took longer than trial_timeout=1 s and was ended",
        "grow": "MemoryError",
    }
    assert trials["error"].dropna().to_dict() == errors
    assert trials["reason"][list(errors)].to_dict() == errors
    assert trials["value"].dropna().to_dict() == {"first": 0.5, "last": 0.5}
    assert search.best.config["kind"] == "first"
    assert search.history.counts == {"completed": 2, "failed": 5}
    assert legs(search) == []
    assert "in behave" in search.history.why(3)["traceback"]
    assert "Segmentation fault" in search.log(1)
    assert search.log(3) == search.history.why(3)["traceback"] + "\n"
    assert search.log(3).startswith("Traceback (most recent call last):")
    assert search.log(3).endswith("ValueError: no such layer\n")
    assert [search.log(number) for number in (0, 6)] == ["this is first\n", "this is last\n"]


def test_a_value_that_is_no_number_fails_its_trial_and_the_message_says_the_cure(runs):
    kinds = ["none", "string", "nan", "infinity", "number"]
    search = search_of(kinds, runs, workers=1, seed=0).wait(60)
    assert search.status == "finished"
    errors = search.trials.set_index("param_kind")["error"]
    assert errors["none"] == (
        "ObjectiveError: the value that behave returned must be a number; None came. "
        "Cure: return a float; is a `return` missing?"
    )
    assert errors["string"] == (
        "ObjectiveError: the value that behave returned must be a number; str '0.9' came. Cure: return a float."
    )
    for kind, value in (("nan", "nan"), ("infinity", "inf")):
        assert errors[kind] == (
            f"the value is {value} after 1 evaluation; a finite number was expected, as others cannot be compared. "
            "Cure: where the objective diverges, narrow the space; else return a finite penalty."
        )
    assert search.best_value == 0.5
    assert search.history.counts == {"failed": 4, "completed": 1}


def test_failures_in_a_row_end_the_search_and_wait_says_so(runs):
    search = search_of(["raise", "exit", "none", "first", "last"], runs, workers=1, max_consecutive_failures=3)
    with pytest.raises(tw.SearchFailed, match=r"the search 'behave' failed: 3 trials in a row failed"):
        search.wait(60)
    assert search.status == "failed"
    said = (
        "3 trials in a row failed, the last with ObjectiveError: the value that behave returned must be a number; None"
    )
    assert search.message.startswith(said)
    assert search.history.counts == {"failed": 3}
    assert repr(search).startswith(f"behave: failed, 3 trials done, 3 failed: {said}")
    search.resume().wait(60)  # the user has seen it, and wants to go on all the same
    assert search.history.counts == {"failed": 3, "completed": 2}
    assert search.status == "finished"


def test_failures_with_successes_between_them_end_nothing(runs):
    search = search_of(["raise", "none", "a", "exit", "nan", "b"], runs, workers=1, max_consecutive_failures=3).wait(60)
    assert search.history.counts == {"failed": 4, "completed": 2}


def test_what_cannot_even_be_loaded_fails_the_search_before_its_first_trial(runs):
    class Unloadable:
        def __reduce__(self):
            return _refuse, ()

    thing = Unloadable()
    search = tw.tune(lambda _config: thing, tw.Space(x=tw.Int(1, 9)), direction="min", directory=runs, show=False)
    with pytest.raises(tw.SearchFailed, match="this cannot be opened here"):
        search.wait(60)
    assert search.status == "failed"
    assert dict(search.history.trials) == {}
    wait_until(lambda: not lives(search))


def _refuse():
    raise RuntimeError("this cannot be opened here")
