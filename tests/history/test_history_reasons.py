"""Every kind of reason as the sentence that people read."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tunewidgets.history import amount, sentence

RUNG = {"kind": "rung", "rung": 1, "budget": 9, "value": 0.87123, "rank": 7, "of": 9, "places": 3}

SENTENCES = [
    ({"kind": "budget", "budget": 27}, "trained to its full budget of 27 epochs"),
    ({"kind": "budget", "budget": 1}, "trained to its full budget of 1 epoch"),
    ({"kind": "returned", "step": 4}, "the objective returned after 4 epochs"),
    ({"kind": "returned", "step": 0}, "the objective returned"),
    ({"kind": "error", "type": "ValueError", "message": "no good"}, "ValueError: no good"),
    ({"kind": "error", "type": "StrategyError", "text": "too large"}, "StrategyError: too large"),
    ({"kind": "error", "message": "no good"}, "no good"),
    ({"kind": "error", "type": "KeyboardInterrupt", "message": ""}, "KeyboardInterrupt"),
    ({"kind": "error"}, ""),
    ({"kind": "plan", "text": "all is done"}, "all is done"),
    ({"kind": "timeout"}, ""),
    ({"kind": "timeout", "seconds": "many", "message": "too long"}, "too long"),
    ({"kind": "memory", "text": "took too much"}, "took too much"),
    ({"kind": "grid", "index": None, "text": "a point"}, "a point"),
    ({"kind": "rung", "rung": 1, "text": "ranks 7"}, "ranks 7"),
    ({"kind": "timeout", "seconds": 1.5}, "took longer than trial_timeout=1.5 s and was ended"),
    ({"kind": "timeout", "seconds": 60.0}, "took longer than trial_timeout=60 s and was ended"),
    ({"kind": "crash", "message": "it ended itself with exit code 3"}, "it ended itself with exit code 3"),
    ({"kind": "value", "message": "the value is nan"}, "the value is nan"),
    ({"kind": "memory", "message": "took more than 2 GB"}, "took more than 2 GB"),
    ({"kind": "lost", "why": "coordinator"}, "its process was lost: the coordinator ended"),
    ({"kind": "lost", "why": "stopped"}, "its process was lost: the search was stopped"),
    ({"kind": "lost", "why": "worker"}, "its process was lost: worker"),
    ({"kind": "lost", "times": 3, "why": "gone"}, "its process was lost 3 times: gone"),
    ({"kind": "user"}, "stopped by you"),
    ({"kind": "user", "text": "stopped by the teacher"}, "stopped by the teacher"),
    ({"kind": "enqueued"}, "added by you"),
    ({"kind": "random"}, "drawn at random from the space"),
    ({"kind": "grid", "index": 4}, "point 5 of the grid"),
    ({"kind": "grid", "index": 4, "of": 12}, "point 5 of the grid of 12"),
    ({"kind": "grid", "index": 4, "of": 12, "order": "shuffled"}, "point 5 of the shuffled grid of 12"),
    ({"kind": "sobol", "index": 0}, "point 1 of a Sobol sequence: it fills the widest gap"),
    (
        {"kind": "rung", "verdict": "reached", "rung": 0, "budget": 1, "places": 3, "value": 0.5},
        "paused at rung 0 (1 epoch) until the others have come: the best 3 go on",
    ),
    (RUNG | {"verdict": "out"}, "pruned at rung 1 (9 epochs): 0.8712 ranks 7 of 9, the best 3 go on"),
    (RUNG | {"verdict": "promoted", "rank": 1},
     "promoted from rung 1 (9 epochs): 0.8712 ranks 1 of 9, the best 3 go on"),
    (
        RUNG | {"verdict": "promoted", "rank": 1, "so_far": 7},
        "promoted from rung 1 (9 epochs): 0.8712 ranks 1 of 7 so far, 2 still to come, the best 3 go on",
    ),
    (RUNG | {"verdict": "out", "so_far": 9, "places": 1}, (
        "pruned at rung 1 (9 epochs): 0.8712 ranks 7 of 9, the best one goes on"
    )),
    ({"kind": "of the future", "text": "as its text says"}, "as its text says"),
    ({"kind": "of the future"}, ""),
    ({}, ""),
]  # fmt: skip


@pytest.mark.parametrize(("reason", "expected"), SENTENCES, ids=lambda value: str(value)[:40])
def test_sentences(reason, expected):
    assert sentence(reason, "epoch") == expected


def test_the_unit_is_steps_where_nobody_says():
    assert sentence({"kind": "budget", "budget": 2}) == "trained to its full budget of 2 steps"


@given(
    st.dictionaries(
        st.sampled_from(
            ["kind", "text", "message", "type", "seconds", "index", "of", "so_far", "rank", "why", "times"]
        ),
        st.none() | st.integers() | st.text(max_size=4) | st.sampled_from(["rung", "lost", "grid", "error", "timeout"]),
    )
)
def test_whatever_a_history_holds_can_be_said(reason):
    assert isinstance(sentence(reason), str)


def test_amounts():
    found = [amount(number, "tree") for number in (None, 0, 1, 2, 1000)]
    assert found == ["as long as it takes", "0 trees", "1 tree", "2 trees", "1000 trees"]


def test_every_sentence_is_one_line_without_a_full_stop():
    for reason, _ in SENTENCES:
        text = sentence(reason, "epoch")
        assert "\n" not in text
        assert not text.endswith(".")
