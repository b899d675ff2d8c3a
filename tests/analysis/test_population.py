"""The family tree of an evolution: who lives, whom the best one comes from, which mutations helped."""

import pytest
from families import SAMPLERS, add, child, drawn, evolved, family, opened
from histories import full_history
from hypothesis import given
from hypothesis import strategies as st

from tunewidgets.analysis.population import Mutations, family_tree, has_parents, sampler_name
from tunewidgets.history import Constraint, Goal, History
from tunewidgets.samplers import CMAES, GP, Evolution, Genetic, generator_for


def living(record):
    return [member.birth.number for member in record.members if member.alive]


def test_the_way_of_the_best_and_its_numbers():
    history = family(
        (drawn(), 0.5), (drawn(), 0.6), (child(0, rate=(0.5, 0.6)), 0.4), (child(1, rate=(0.5, 0.1)), 0.7),
        (child(2, kind=("a", "b")), 0.3), (child(2, kind=("a", "c")), 0.45),
    )  # fmt: skip
    record = family_tree(history)
    assert record.lineage == (0, 2, 4)
    assert record.generations == 2
    assert (record.children, record.improved) == (4, 2)
    assert record.mutations == (Mutations("kind", 2, 1), Mutations("rate", 2, 1))
    assert [member.value for member in record.members] == [0.5, 0.6, 0.4, 0.7, 0.3, 0.45]
    assert (record.metric, record.direction, record.goals) == ("loss", "min", 1)


def test_of_two_parents_the_way_takes_the_one_that_was_better_then():
    rows = [(drawn(), 0.6), (drawn(), 0.5)]
    assert family_tree(family(*rows, (child(0, 1, ranks=[2, 1]), 0.1))).lineage == (1, 2)
    assert family_tree(family(*rows, (child(0, 1, ranks=[1, 1]), 0.1))).lineage == (0, 2)


def test_the_way_ends_at_a_result_known_before_and_there_is_none_before_a_result():
    known = (({"rate": 0.1, "kind": "a"}, (0.9,), None),)
    history = opened(known=known)
    assert family_tree(history).lineage == ()
    add(history, child(-1), 0.5)
    add(history, child(0), 0.4)
    assert family_tree(history).lineage == (0, 1)


def test_a_mutation_that_failed_was_tried_and_did_not_help():
    history = family((drawn(), 0.5), (child(0, rate=(0.5, 0.6)), None), (child(0, rate=(0.5, 0.4)), 0.4))
    record = family_tree(history)
    assert record.mutations == (Mutations("rate", 2, 1),)
    assert record.members[1].value is None


def test_mutations_are_ordered_by_how_often_they_improved_then_by_how_often_they_were_tried():
    rows = [(child(0, **{name: (0, 1)}), value) for name, value in zip("aabbbc", [1, 9, 9, 9, 1, 9], strict=True)]
    found = family_tree(family((drawn(), 5.0), *rows)).mutations
    assert [(each.parameter, each.tried, each.improved) for each in found] == [("b", 3, 1), ("a", 2, 1), ("c", 1, 0)]


def test_the_oldest_makes_room_in_an_aging_population():
    history = opened(sampler=Evolution(population=2, sample=1))
    for value in (0.1, 0.5, 0.4, 0.9):
        add(history, drawn(), value, config={"rate": value, "kind": "a"})
    record = family_tree(history)
    assert living(record) == [2, 3]
    assert (record.size, record.alive) == (2, 2)


def test_an_elite_does_not_age():
    history = opened(sampler=Genetic(population=2, elite=1))
    for value in (0.1, 0.5, 0.4, 0.9):
        add(history, drawn(), value, config={"rate": value, "kind": "a"})
    assert living(family_tree(history)) == [0, 3]


def test_results_known_before_live_too_and_failed_trials_do_not():
    known = (({"rate": 0.1, "kind": "a"}, (0.9,), None),)
    history = opened(known=known, sampler=Evolution(population=3, sample=1))
    add(history, drawn(), 0.5)
    add(history, drawn(), None)
    record = family_tree(history)
    assert (living(record), record.alive, record.size) == ([0], 2, 3)


def test_notes_say_how_many_there_are_where_settings_are_not_written_down():
    history = family((drawn(), 0.5), (drawn(), 0.4), (child(0), 0.3))
    assert sampler_name(history) is None
    assert (family_tree(history).size, living(family_tree(history))) == (2, [1, 2])


def test_a_sampler_of_ones_own_may_write_parents_too():
    history = family(({"kind": "mine"}, 0.5), ({"kind": "mine", "parents": [0]}, 0.4))
    assert has_parents(history)
    record = family_tree(history)
    assert (record.size, record.alive, record.lineage, record.mutations) == (None, 0, (0, 1), ())


def test_whether_there_are_parents():
    assert not has_parents(History())
    assert not has_parents(full_history(5))
    assert has_parents(opened(sampler=Evolution()))
    assert not any(has_parents(opened(sampler=sampler)) for sampler in (GP(), CMAES()))


def test_before_anything_happened():
    assert family_tree(History()).members == ()
    assert family_tree(opened(sampler=Evolution())).lineage == ()


def test_the_best_by_the_first_goal_is_the_one_whose_way_is_told():
    history = opened((Goal("loss", "min"), Goal("size", "min")))
    add(history, drawn(), 0.5, metrics={"size": 1.0})
    add(history, child(0), 0.4, metrics={"size": 9.0})
    record = family_tree(history)
    assert (record.goals, record.lineage, record.improved) == (2, (0, 1), 0)
    assert family_tree(family((drawn(), 0.5), constraints=(Constraint("ms", 1.0),))).lineage == ()


@pytest.mark.parametrize("name", SAMPLERS)
def test_those_who_live_are_those_of_whom_the_next_children_come(name):
    history = evolved(name, fail=0.1)
    record = family_tree(history)
    assert record.size == record.alive == 6
    proposer = SAMPLERS[name].begin()
    for event in history:
        proposer.apply(event)
    parents = set()
    for number in range(100, 160):
        (found,) = proposer.suggest(history.space, generator_for(3, number))
        if not found.notes.get("again"):  # what was born again has made somebody die meanwhile
            parents |= set(found.notes["parents"])
    assert parents <= set(living(record))
    assert len(parents) > 2


@pytest.mark.parametrize("name", SAMPLERS)
def test_a_real_search_has_a_way_from_the_first_population_to_the_best(name):
    history = evolved(name)
    record = family_tree(history)
    assert record.lineage[-1] == history.incumbent.number
    assert record.members[record.lineage[0]].birth.kind == "random"
    for parent, number in zip(record.lineage, record.lineage[1:], strict=False):
        assert parent in record.members[number].birth.parents
    assert sum(each.tried for each in record.mutations) > 20


@given(
    st.lists(st.tuples(st.integers(0, 10), st.sampled_from(["rate", "kind", ""])), min_size=1, max_size=15), st.data()
)
def test_the_numbers_agree_with_each_other(rows, data):
    trials = []
    for number, (value, name) in enumerate(rows):
        parent = data.draw(st.integers(0, number - 1)) if number and name else None
        trials.append((drawn() if parent is None else child(parent, **{name: (0, 1)}), float(value)))
    record = family_tree(family(*trials))
    assert record.improved <= record.children == sum(bool(notes["parents"]) for notes, _ in trials)
    assert sum(each.tried for each in record.mutations) == record.children
    assert sum(each.improved for each in record.mutations) == record.improved
    depths = [record.members[number].birth.generation for number in record.lineage]
    assert depths == list(range(len(depths)))
    assert record.members[record.lineage[-1]].value == min(value for _, value in trials)
    assert record.alive <= record.size
