"""The card Population of searches that run for real."""

import pytest

import tunewidgets as tw
from tunewidgets.analysis.population import family_tree

SPACE = tw.Space(x=tw.Int(0, 40), kind=tw.Choice(["a", "b", "c"]), y=tw.Float(0.0, 1.0).when(kind="b"))


def bowl(config):
    return abs(config["x"] - 13) + "abc".index(config["kind"]) + config.get("y", 0.5)


def search(runs, sampler, **options):
    made = tw.tune(
        bowl, SPACE, sampler=sampler, direction="min", trials=30, workers=1, seed=2, executor="inline", directory=runs,
        show=False, **options,
    )  # fmt: skip
    return made.wait()


@pytest.mark.parametrize(
    ("sampler", "size"), [(tw.Evolution(), 10), (tw.Genetic(population=8, elite=3), 8), (tw.NSGA2(population=5), 5)]
)
def test_the_settings_of_the_search_say_who_lives(runs, sampler, size):
    found = search(runs, sampler)
    record = family_tree(found.history)
    assert (record.size, record.alive) == (size, size)
    elite = sorted(found.history.trials.values(), key=lambda trial: trial.value)[:3]
    if isinstance(sampler, tw.Genetic):
        assert all(record.members[trial.number].alive for trial in elite)
    figure = found.figure("population", up="generation")
    assert {"in the population now", "the best one's ancestors"} <= {trace.name for trace in figure.data}


def test_a_search_that_begins_with_what_is_known_has_parents_from_before(runs):
    known = [({"x": x, "kind": "a"}, abs(x - 13.0)) for x in (10, 11, 12, 20, 30)]
    found = search(runs, tw.Evolution(population=4, sample=4), warm_start=known, name="warm")
    record = family_tree(found.history)
    assert any(parent < 0 for member in record.members for parent in member.birth.parents)
    assert record.lineage[-1] == found.best.number
    assert found.figure("population").data


def test_other_searches_say_why_there_is_nothing(runs):
    with pytest.raises(tw.TuneError, match="this search's sampler, random, breeds no population"):
        search(runs, "random").figure("population")
