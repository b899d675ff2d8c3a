"""The sentences of the samplers that breed."""

import pytest

from tunewidgets.history import sentence

CHILD = {"changed": {}, "gained": {}, "lost": []}


@pytest.mark.parametrize(
    ("notes", "said"),
    [
        (
            {"kind": "evolution", "parents": [12], **CHILD, "changed": {"learning_rate": [0.001, 0.003]}},
            "child of trial 12: learning_rate 0.001 → 0.003",
        ),
        (
            {
                "kind": "evolution",
                "parents": [0],
                **CHILD,
                "changed": {"optimizer": ["sgd", "adam"]},
                "lost": ["momentum"],
            },
            "child of trial 0: optimizer sgd → adam, without momentum",
        ),
        (
            {
                "kind": "genetic",
                "parents": [3, 12],
                "taken": {"3": ["units"], "12": ["kind", "depth"]},
                "between": ["rate"],
                **CHILD,
                "changed": {"dropout": [0.1, 0.2]},
            },
            "child of trials 3 and 12: units from 3; kind, depth from 12; rate from both; mutated dropout 0.1 → 0.2",
        ),
        (
            {
                "kind": "nsga2",
                "parents": [3, -2],
                "ranks": [1, 2],
                "taken": {"3": [], "-2": ["a"]},
                "between": [],
                **CHILD,
            },
            "child of trial 3 and result 2 known before of fronts 1 and 2: a from known 2",
        ),
        (
            {"kind": "nsga2", "parents": [-1, -2], "ranks": [1, 1], "taken": {}, **CHILD},
            "child of results 1 and 2 known before of front 1: as it was",
        ),
        (
            {"kind": "genetic", "parents": [7], **CHILD, "changed": {f"p{number}": [0, 1] for number in range(7)}},
            "child of trial 7: p0 0 → 1, p1 0 → 1, p2 0 → 1, p3 0 → 1, 3 more",
        ),
        (
            {"kind": "nsga2", "parents": [], "phase": "first", "population": 10, "number": 9, "results": 2},
            "one of the first 10, drawn before the evolution begins",
        ),
        (
            {"kind": "genetic", "parents": [], "phase": "first", "population": 10, "number": 10, "results": 1},
            "drawn at random: 1 result so far, the evolution begins with 10",
        ),
        (
            {"kind": "genetic", "parents": [], "phase": "left", "population": 10},
            "drawn at random from what is left: all children that came up were tried before",
        ),
        (
            {"kind": "genetic", "parents": [1, 2], "taken": {"1": ["a"]}, **CHILD, "gained": {"momentum": 0.9}},
            "child of trials 1 and 2: a from 1; with momentum 0.9",
        ),
        ({"kind": "evolution"}, ""),
        ({"kind": "cmaes", "phase": "point"}, ""),
    ],
)
def test_what_is_said_of_a_suggestion(notes, said):
    assert sentence(notes) == said
