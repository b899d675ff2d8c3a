"""When hyperparameters are fitted, and from where."""

import json
from dataclasses import replace

import numpy as np
import pytest

from tunewidgets.surrogate import model
from tunewidgets.surrogate.kernel import Kernel
from tunewidgets.surrogate.layout import Column, Layout
from tunewidgets.surrogate.model import Start, fit
from tunewidgets.surrogate.warp import NONE, Form

SQUARE = Kernel(Layout((Column(), Column())))
POINTS = np.random.default_rng(0).random((130, 2))
VALUES = np.sin(6.0 * POINTS[:, 0]) + POINTS[:, 1] ** 2
OTHER = Start((0.0, 0.0, 0.0, -8.0), NONE, (100,))


def fitted(count, start=None, transforms=(NONE,)):
    return fit(SQUARE, POINTS[:count], VALUES[:count], start=start, transforms=transforms).start


@pytest.mark.parametrize("count", [100, 104, 105])
def test_from_100_results_on_hyperparameters_are_kept_until_there_are_5_percent_more(count):
    assert fitted(count, OTHER) == OTHER


@pytest.mark.parametrize(
    ("count", "start"),
    [
        (106, OTHER),
        (99, OTHER),  # fewer than it was fitted to: the space was edited
        (104, replace(OTHER, counts=(99,))),
        (104, replace(OTHER, counts=())),
        (104, replace(OTHER, counts=(90, 12))),  # of other kinds
        (104, replace(OTHER, transform=Form("log", 1.0))),  # not among those that are asked for
    ],
)
def test_otherwise_they_are_fitted(count, start):
    found = fitted(count, start)
    assert found.counts == (count,)
    assert found.theta != start.theta


def test_what_is_kept_predicts_from_all_results():
    start = fitted(100)
    found = fit(SQUARE, POINTS[:104], VALUES[:104], start=start, transforms=(NONE,))
    assert len(found.posterior.fitted) == 104
    assert found.outlook(POINTS[110:]).median == pytest.approx(VALUES[110:], abs=0.05)


def test_a_start_is_json_and_an_older_one_begins_a_fit():
    assert Start.from_json(json.loads(json.dumps(OTHER.to_json())), 4) == OTHER
    older = {"theta": list(OTHER.theta), "transform": "none"}
    assert Start.from_json(older, 4) == replace(OTHER, counts=())


def test_few_results_of_one_kind_grow_fast():
    start = replace(OTHER, counts=(12, 300))
    for counts, kept in (((12, 310), True), ((13, 300), False), ((12, 320), False), ((11, 300), False)):
        found = fit(SQUARE, POINTS[:104], VALUES[:104], start=start, transforms=(NONE,), counts=counts)
        assert (found.start == start) == kept
        assert found.counts == (start.counts if kept else counts)


def test_a_first_fit_to_many_is_one_to_all_of_them(monkeypatch):
    rows = []
    tuned = model._Fit._tuned
    monkeypatch.setattr(model._Fit, "_tuned", lambda self, *args: rows.append(len(args[0])) or tuned(self, *args))
    assert fitted(130).counts == (130,)
    assert rows == [99, 130]
