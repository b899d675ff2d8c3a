"""What was asked of a search, as the event that opens it."""

from tunewidgets.history import Known
from tunewidgets.runner.spec import Spec
from tunewidgets.samplers import TPE
from tunewidgets.schedules import Full
from tunewidgets.space import Int, Space


def spec(**settings):
    return Spec(
        name="s",
        fingerprint="f",
        sampler=TPE().to_json(),
        schedule=Full().to_json(),
        goals=(("loss", "min"),),
        limits={"trials": 3},
        workers=1,
        seed=0,
        space=None,
        unit="epoch",
        value="best",
        executor="inline",
        threads=1,
        trial_timeout=None,
        cwd=".",
        path=(),
        preload=(),
        **settings,
    )


def test_known_results_that_do_not_fit_a_space_found_later_are_left_out_and_counted():
    known = (({"x": 3}, (0.5,), None), ({"x": 12}, (0.4,), None), ({"y": 3}, (0.3,), None))
    opened = spec(known=known).opened(Space(x=Int(1, 9)), ("perhaps.",))
    assert opened.known == (Known({"x": 3}, (0.5,), None),)
    told = ["perhaps.", "Of the known results 2 of 3 did not fit it: left out."]
    assert opened.strategy["doubts"] == told
    assert spec(known=known[:1]).opened(Space(x=Int(1, 9))).strategy["doubts"] == []


def test_nothing_is_left_out_of_a_space_that_is_not_found_yet():
    opened = spec(known=(({"x": 3}, (0.5,), None),)).opened(Space())
    assert opened.known == (Known({"x": 3}, (0.5,), None),)
    assert opened.strategy["doubts"] == []
