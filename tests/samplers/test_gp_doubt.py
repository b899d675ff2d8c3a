"""Where a model sees nothing to gain anywhere, it is doubted."""

import math

import numpy as np
import pytest
from test_gp import LINE, search, starts

from tunewidgets.history import sentence
from tunewidgets.samplers import gp_round
from tunewidgets.samplers.gp import GP
from tunewidgets.samplers.gp_criteria import acquire, doubted

MEAN, SD = np.array([0.3, 1.0, -0.2]), np.array([0.1, 0.5, 0.2])


def wavy(config):
    """The function of Forrester, Sobester, Keane 2008: its minimum, at 0.757, is soon found to many digits."""
    return (6.0 * config["x"] - 2.0) ** 2 * math.sin(12.0 * config["x"] - 4.0)


def test_a_doubted_acquisition_is_that_of_a_wider_distribution():
    plain = acquire("log_ei", 0.0, 0.0, 0.0)
    found = doubted(plain, 3.0)
    assert found(MEAN, SD) == pytest.approx(plain(MEAN, 3.0 * SD))
    sloped = found(MEAN, SD, gradient=True)
    assert sloped.value == pytest.approx(found(MEAN, SD))
    assert sloped.by_mean == pytest.approx((found(MEAN + 1e-6, SD) - found(MEAN - 1e-6, SD)) / 2e-6, rel=1e-4)
    assert sloped.by_sd == pytest.approx((found(MEAN, SD + 1e-7) - found(MEAN, SD - 1e-7)) / 2e-7, rel=1e-4)


def test_where_nothing_is_left_to_gain_a_search_looks_elsewhere(monkeypatch):
    found = starts(search(GP(), LINE, wavy, 18))
    doubts = [start for start in found if start.notes.get("acquisition") == "doubt"]
    assert all(start.notes["doubt"] == 3.0 for start in doubts)
    assert "if the model is 3 times as unsure as it says, as it sees nothing to gain anywhere: " in sentence(
        doubts[0].notes
    )
    first = doubts[0].trial
    monkeypatch.setattr(gp_round, "_NOTHING", 0.0)
    other = starts(search(GP(), LINE, wavy, 18))
    assert other[first - 1].config == found[first - 1].config
    gone = [sum(abs(start.config["x"] - 0.757) > 0.05 for start in each[first:]) for each in (found, other)]
    assert gone[0] > gone[1]


def test_what_a_doubted_model_promises_is_told():
    found = starts(search(GP(), LINE, wavy, 18))
    for start in found:
        if start.notes.get("acquisition") == "doubt":
            assert start.notes["score"] > 0.0
            assert start.notes["best"] <= start.notes["mean"] + 1e-3
