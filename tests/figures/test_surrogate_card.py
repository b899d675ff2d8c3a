"""The card Surrogate: what can be chosen, and what is drawn of it."""

from dataclasses import replace

import numpy as np
import pytest
from histories import empty_history, full_history, hyperband_history

from tunewidgets.analysis.landscape import landscape
from tunewidgets.analysis.surrogate import Surrogate
from tunewidgets.figures import NotYet, draw
from tunewidgets.figures.palette import NEXT
from tunewidgets.figures.surrogate_maps import draw_maps
from tunewidgets.history import Ended, Goal, History, Limits, Opened, Place, Reported, Started
from tunewidgets.samplers import GP, Random, generator_for
from tunewidgets.space import Choice, Float, Space

GOAL = Goal("score", "max")
SPACE = Space(
    rate=Float(1e-4, 1.0, sampling="log"), x=Float(-1.0, 1.0), kind=Choice(["a", "b"]), flag=Choice(["u", "v"])
)


def value(config):
    return -((np.log10(config["rate"]) + 2) ** 2) - config["x"] ** 2 - (config["kind"] == "b")


@pytest.fixture(scope="module")
def history():
    return searched(GP(), 12)


def searched(sampler, trials, goals=(GOAL,)):
    history, proposer = History(), sampler.begin()
    for event in events(proposer, sampler, trials, goals):
        history.append(event)
        proposer.apply(event)
    return history


def events(proposer, sampler, trials, goals):
    yield Opened(1, SPACE, Limits(), goals, {"sampler": sampler.to_json()})
    for number in range(trials):
        ((config, notes),) = proposer.suggest(SPACE, generator_for(1, number))
        yield Started(number, config, Place(0, 0, None), "sampler", notes)
        yield Reported(number, 1, 1, value(config), {"time": config["x"]})
        yield Ended(number, 1, "completed", Place(0, 0, None), value(config))


def card(history, **asked):
    return draw("surrogate", history, asked={name.replace("_", " "): text for name, text in asked.items()})


def chosen(answer):
    return {option.name: option.value for option in answer.options}


def named(answer, name):
    return [trace for trace in answer.figure["data"] if trace.get("name") == name]


def test_two_numbers_are_maps_of_the_mean_and_of_the_acquisition(history):
    answer = card(history)
    assert chosen(answer) == {
        "goal": "score", "across": "rate", "up": "x", "show": "EI", "as": "maps",
        "at kind": str(history.incumbent.config["kind"]), "at flag": str(history.incumbent.config["flag"]),
    }  # fmt: skip
    mean, gain = (trace for trace in answer.figure["data"] if trace["type"] == "contour")
    assert mean["z"].shape == (len(mean["y"]), len(mean["x"])) == gain["z"].shape
    assert answer.figure["layout"]["xaxis"]["type"] == "log"
    assert "type" not in answer.figure["layout"]["yaxis"]
    assert mean["colorscale"][-1][1] == "#fde725", "more is better, and bright"
    texts = [note["text"] for note in answer.figure["layout"]["annotations"]]
    assert texts == ["predicted score", "acquisition: EI"]
    assert answer.note.startswith("The sampler's own model, from 12 results.")
    assert f"as in trial {history.incumbent.number}, the best" in answer.note


def test_less_is_bright_where_it_is_better():
    down = card(searched(Random(), 6, goals=(Goal("loss", "min"),)))
    assert down.figure["data"][0]["colorscale"][0] == [0.0, "#fde725"]


def test_the_next_suggestion_is_marked_where_it_is(history):
    marks = named(card(history), "next")
    config = Surrogate(history).next(history)
    assert [(mark["x"].tolist(), mark["y"].tolist()) for mark in marks] == [([config["rate"]], [config["x"]])] * 2
    assert marks[0]["marker"]["color"] == NEXT.color
    assert marks[0]["customdata"].tolist() == [-1], "it is no trial yet"
    assert not named(card(searched(Random(), 6)), "next")


def test_every_trial_is_a_mark_once_a_map(history):
    answer = card(history)
    shown = [trace for trace in answer.figure["data"] if "customdata" in trace and trace["xaxis"] == "x"]
    numbers = sorted(number for trace in shown for number in trace["customdata"].tolist() if number >= 0)
    assert numbers == list(range(12))
    assert named(answer, "best")[0]["customdata"].tolist() == [history.incumbent.number]


def test_a_map_of_which_most_is_dark_is_drawn_in_decades(history):
    seen = landscape(history, Surrogate(history), ["rate", "x"], acquisition="EI")
    peaked = np.zeros_like(seen.acquisition)
    peaked[3, 4], peaked[3, 5] = 1e-2, 1e-4
    peaked[0, 0] = np.nan
    _, gain = (
        t for t in draw_maps(replace(seen, acquisition=peaked), GOAL, "EI", None)["data"] if t["type"] == "contour"
    )
    assert gain["colorbar"]["tickprefix"] == "10<sup>"
    assert (gain["z"][3, 4], gain["z"][3, 5], gain["z"][5, 5]) == pytest.approx((-2.0, -4.0, -6.0))
    assert np.isnan(gain["z"][0, 0])
    flat = draw_maps(replace(seen, acquisition=np.ones_like(peaked)), GOAL, "EI", None)["data"]
    assert "tickprefix" not in next(t for t in flat if t["type"] == "contour" and t["xaxis"] == "x2")["colorbar"]


def test_the_uncertainty_can_stand_beside_the_mean(history):
    answer = card(history, show="uncertainty")
    assert [note["text"] for note in answer.figure["layout"]["annotations"]][1] == "half of the 68 % band"
    _, unsure = (trace for trace in answer.figure["data"] if trace["type"] == "contour")
    assert (unsure["z"] > 0).all()


def test_maps_can_be_surfaces(history):
    answer = card(history, **{"as": "surfaces"})
    assert [trace["type"] for trace in answer.figure["data"]].count("surface") == 2
    assert answer.figure["layout"]["scene"]["xaxis"]["type"] == "log"


def test_one_parameter_is_a_slice_with_its_band_and_the_acquisition_below(history):
    answer = card(history, across="x", up="the value", show="PI")
    (mean,), (band,), (gain,) = named(answer, "predicted"), named(answer, "68 % band"), named(answer, "PI")
    assert (band["fill"], gain["yaxis"]) == ("toself", "y2")
    assert np.isfinite(mean["y"]).all()
    assert answer.figure["layout"]["yaxis2"]["domain"][1] < answer.figure["layout"]["yaxis"]["domain"][0]
    assert "uncertainty" not in next(option.choices for option in answer.options if option.name == "show")


def test_a_category_is_a_mark_with_a_bar_each(history):
    answer = card(history, across="kind", up="the value")
    assert answer.figure["layout"]["xaxis2"]["ticktext"] == ["a", "b"]
    (mean,) = named(answer, "predicted")
    assert mean["mode"] == "markers"
    assert mean["y"][0] > mean["y"][1], "b costs one"


@pytest.mark.parametrize(("across", "up"), [("x", "kind"), ("kind", "x")])
def test_a_number_and_a_category_are_slices_side_by_side(history, across, up):
    answer = card(history, across=across, up=up)
    assert [note["text"] for note in answer.figure["layout"]["annotations"]] == ["kind a", "kind b"]
    assert len(named(answer, "predicted")) == 2
    assert {trace["xaxis"] for trace in named(answer, "predicted")} == {"x", "x3"}
    shown = [
        n for name in ("other trials", "results near by", "best") for t in named(answer, name) for n in t["customdata"]
    ]
    assert sorted(shown) == list(range(12)), "each trial in the slice of its category"


def test_two_categories_are_cells(history):
    answer = card(history, across="kind", up="flag")
    assert answer.figure["data"][0]["type"] == "heatmap"
    assert answer.figure["data"][0]["z"].shape == (2, 2)
    assert sum(note["text"].startswith("EI ") for note in answer.figure["layout"]["annotations"]) == 4


def test_the_other_parameters_have_sliders(history):
    answer = card(history, across="rate", up="kind")
    sliders = {option.label: option for option in answer.options if option.slides}
    assert set(sliders) == {"x", "flag"}
    steps = [float(choice) for choice in sliders["x"].choices]
    assert steps == sorted(steps)
    assert float(sliders["x"].value) == pytest.approx(history.incumbent.config["x"], rel=1e-3)
    moved = card(history, across="rate", up="kind", at_x=sliders["x"].choices[0])
    assert chosen(moved)["at x"] == sliders["x"].choices[0] == "-1"
    assert moved.figure["data"][1]["y"].max() < answer.figure["data"][1]["y"].max() - 0.5, "x = -1 costs one"
    assert "as you have set them" in moved.note
    assert chosen(card(history, at_kind="nonsense"))["at kind"] == chosen(card(history))["at kind"]


def test_calibration_shows_each_result_against_what_is_predicted_without_it(history):
    answer = card(history, show="calibration")
    inside, outside = named(answer, "inside its band"), named(answer, "outside")
    numbers = [n for trace in inside + outside for n in trace["customdata"].tolist()]
    assert sorted(numbers) == list(range(12))
    assert "of the results lie in their bands" in answer.note
    assert chosen(answer) == {"goal": "score", "show": "calibration"}


def test_of_several_goals_one_is_chosen():
    history = searched(Random(), 8, goals=(Goal("score", "max"), Goal("time", "min")))
    answer = card(history, goal="time")
    assert answer.figure["layout"]["annotations"][0]["text"] == "predicted time"
    assert chosen(answer)["show"] == "EHVI"
    assert "fitted to look at this search" in answer.note


@pytest.mark.parametrize("asked", [{}, {"up": "the value"}, {"up": "momentum"}, {"across": "optimizer", "up": "units"}])
def test_it_works_for_every_search(asked):
    answer = card(hyperband_history(), **asked)
    assert "results at" in answer.note
    assert answer.figure["data"]


def test_before_there_are_results_it_says_when_it_comes():
    assert isinstance(card(empty_history()), NotYet)
    waiting = card(full_history(3, running=2))
    assert isinstance(waiting, NotYet)
    assert waiting.why.endswith("is drawn from 3 on")
    over = card(full_history(2))
    assert "is drawn" not in over.why, "nothing more is to come"


def test_sliders_tell_values_apart_that_lie_close_together():
    space = Space(x=Float(0.0, 1.0), near=Float(1000.0, 1001.0), y=Float(0.0, 1.0))
    history = History()
    history.append(Opened(1, space, Limits(), (GOAL,), {"sampler": {"name": "random"}}))
    for number in range(6):
        config = space.sample(np.random.default_rng(number))
        history.append(Started(number, config, Place(0, 0, None)))
        history.append(Reported(number, 1, 1, config["near"]))
        history.append(Ended(number, 1, "completed", Place(0, 0, None), config["near"]))
    slider = next(option for option in card(history, across="x", up="y").options if option.label == "near")
    assert len(set(slider.choices)) == len(slider.choices) > 20
    for choice in (slider.choices[0], slider.choices[-1]):
        assert chosen(card(history, across="x", up="y", at_near=choice))["at near"] == choice


def test_trials_that_stand_in_for_results_are_not_counted_as_such():
    answer = card(full_history(12))
    assert "from 11 results, and 1 that failed or were stopped, taken to be bad" in answer.note


def test_next_to_nothing_is_said_and_not_coloured(history):
    seen = landscape(history, Surrogate(history), ["rate", "x"], acquisition="EI")
    tiny = replace(seen, acquisition=np.full_like(seen.acquisition, 1e-12))
    drawn = draw_maps(tiny, GOAL, "EI", None, spread=1.0)
    assert drawn["layout"]["annotations"][1]["text"] == "acquisition: EI, next to nothing anywhere"
    mean, gain = (trace for trace in drawn["data"] if trace["type"] == "contour")
    assert not gain["z"].any()
    values = [trial.value for trial in history.trials.values()]
    room = 0.06 * (max(values) - min(values))
    assert min(values) - room <= mean["z"].min() <= mean["z"].max() <= max(values) + room


def test_powers_of_ten_are_written_as_other_numbers_are(history):
    axis = card(history, across="rate", up="the value").figure["layout"]["xaxis2"]
    assert axis["ticktext"] == ["10⁻⁴", "0.001", "0.01", "0.1", "1"]
    narrow = card(history, across="rate", up="kind").figure["layout"]["xaxis2"]
    assert narrow["tickvals"][0] > 1e-4, "no label at an end, where the next part begins"
