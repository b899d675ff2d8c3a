"""The cards that there are, with their words."""

import json
from collections.abc import Mapping
from types import MappingProxyType

from tunewidgets.analysis.brush import inside
from tunewidgets.analysis.table import trial_table
from tunewidgets.figures.answers import Answer, Asked, NotYet, Tabled
from tunewidgets.figures.brackets import draw_brackets
from tunewidgets.figures.card import Card
from tunewidgets.figures.curves import draw_curves
from tunewidgets.figures.effects import draw_effects
from tunewidgets.figures.importance import draw_importance
from tunewidgets.figures.parallel import draw_parallel
from tunewidgets.figures.pareto import draw_pareto
from tunewidgets.figures.population import draw_population
from tunewidgets.figures.surrogate import draw_surrogate
from tunewidgets.figures.timeline import draw_timeline
from tunewidgets.figures.trials import draw_trials
from tunewidgets.history import History, Plan

_MANY = 2000
"""Trials from which on cards take more than a twentieth of a second that are drawn of all events, and not of a few."""

ROWS_IN_SIGHT = 1000
"""A table of more rows than this keeps the best, the active and the newest; the record says how many there are."""


def _brushed(history: History, asked: Asked) -> frozenset[int] | None:
    """Return the trials that are brushed; None where nothing is."""
    return inside(history, json.loads(asked["brushed"])) if asked.get("brushed") else None


def _draw_table(history: History, _plan: Plan | None, _asked: Asked) -> Answer:
    if not history.trials:
        return NotYet("no trial has started yet: each gets a row when it does")
    return Tabled(trial_table(history, at_most=ROWS_IN_SIGHT))


_ALL = (
    Card(
        "trials",
        "Trials",
        "Every trial's value, and the best so far",
        "Each mark is a trial at its number and its value; its shape and colour say its state, and a larger mark was "
        "trained further. The line is the best value so far among the trials of the highest budget reached. Trials "
        "that have no value, such as failed ones, stand on the rail below. Where there are constraints, a trial that "
        "exceeds a bound is marked so, and the line passes it by. How many values lie far beyond the axis is said at "
        "its end. With several goals, stars are the trials that none beats in all of them, and the line is the best "
        "value of the goal that is shown.",
        lambda history, _plan, asked: draw_trials(history, asked),
    ),
    Card(
        "curves",
        "Curves",
        "Every trial's reports against the budget it has used",
        "Each line is a trial's learning curve. Pruned trials are thin and grey, the best one is drawn strongest, and "
        "dotted lines are the rungs at which trials are compared.",
        draw_curves,
    ),
    Card(
        "brackets",
        "Brackets",
        "The schedule's plan, and how far it has come",
        "Each row is a bracket, each column a rung: so many configurations at so large a budget. Outlines are planned "
        "and still to come. At a rung the trials are compared; the best are promoted to the right, the others are "
        "pruned. A number is a value at the rung itself: the best epoch of the trial may have been better. Below "
        "stands how well the ranks at neighbouring rungs agree; where it is little, a low budget misleads. As ranks, a "
        "line is a trial of one bracket, from its place at a rung to its place at the next; lines that cross have "
        "changed.",
        draw_brackets,
    ),
    Card(
        "surrogate",
        "Surrogate",
        "What a model believes of the objective, and where most is expected of the next trial",
        "A surrogate is a model of the objective, fitted to the results so far: cheap to ask where a trial is dear. It "
        "says for every configuration what value it expects, and how sure it is. Here it is seen along one or two "
        "parameters, all others being held; the sliders move them. The acquisition is the score by which a sampler "
        "chooses: large where the surrogate expects good values, or where it is unsure. EI is the improvement to be "
        "expected, PI the probability of any, LCB and UCB the hopeful end of a band. Full marks are results whose "
        "other parameters lie near by, so that they tell of what is seen; faded ones lie elsewhere. Calibration shows "
        "how good the surrogate is: each result against what is predicted without it.",
        lambda history, _plan, asked: draw_surrogate(history, asked),
        heavy_from=0,
        wide=True,
    ),
    Card(
        "parallel",
        "Parallel coordinates",
        "Every trial as a line across its parameters to its value",
        "Each line is a trial: it crosses each axis at the trial's value of that parameter, and the last ones at its "
        "values of the goals. Its colour runs from blue, the worst, to orange, the best; grey lines have no value, as "
        "those of failed trials. A gap is a parameter that is inactive in that trial. Drag along an axis to brush an "
        "interval, drag it or its ends to change it, and click beside it to clear it; several intervals hold together. "
        "Every card then fades the trials outside, and the table leaves them out. By keyboard: Tab goes to an axis, "
        "the arrows up and down move its interval, with Shift they stretch it, Delete clears it, and Escape clears "
        "all. Drag an axis by its name to move it, or press Shift with an arrow to the side; a double click on a name, "
        "or Home, puts all back.",
        lambda history, _plan, asked: draw_parallel(history, asked),
        wide=True,
    ),
    Card(
        "effects",
        "Effects",
        "What each parameter does to the objective, all others averaged over",
        "Each curve is a parameter's partial dependence: the value that the surrogate expects, on average over the "
        "other parameters, where this one has the value below. The band holds the curve with a probability of 68 %; it "
        "is wide where few trials tell of it. All have the same scale, the parameter that reaches furthest first. An "
        "average hides what depends on another parameter: the card Surrogate shows two together. A parameter that is "
        "active under a condition is averaged over configurations in which it is.",
        lambda history, _plan, asked: draw_effects(history, asked),
        heavy_from=0,
        wide=True,
    ),
    Card(
        "importance",
        "Importance",
        "Which parameters the results depend on, alone and in pairs",
        "A bar is a share of the variance of the results: how much of what differs between configurations goes back to "
        "this parameter alone, averaged over all others in the whole space; with two names, to both together, beyond "
        "what each does alone. What is missing to 100 % takes three or more. A random forest is grown on the trials "
        "and taken apart (functional ANOVA); between the ends of a whisker lie four of five of its trees. A parameter "
        "under a condition is looked at where it is active, and counts as much as that happens. Trials without a value "
        "at this budget, such as failed ones, are left out. Below stands how much the forest explains of trials that "
        "it has not seen: where that is little, the bars say little. A long bar means that a parameter matters in this "
        "space, not where its good values lie; a short one may be due to a narrow range.",
        lambda history, _plan, asked: draw_importance(history, asked, trials=_brushed(history, asked)),
        heavy_from=0,
        brushes=True,
    ),
    Card(
        "pareto",
        "Pareto",
        "What one goal costs in another, and the trials that none beats",
        "For searches with several goals. Each mark is a trial at its values of the first two; a star is one that no "
        "other beats in all goals at once, and the line is the border of what the stars rule out. Where there are "
        "constraints, a trial that exceeds a bound is marked so, and is no star. Below, the hypervolume: of the box "
        "between a corner beyond the worst values and the best value of every goal, the share that the stars rule out. "
        "A level line says that no better trade-offs are found any more. Click a star to see its configuration.",
        lambda history, _plan, asked: draw_pareto(history, asked),
    ),
    Card(
        "population",
        "Population",
        "Who descends from whom, who lives, and which mutations helped",
        "For searches that breed: evolution, genetic and nsga2. Each mark is a trial at its value, or at its "
        "generation; its shape and colour say whether it was drawn at random or is the child of one trial or of two, "
        "and thin lines lead from parents to children. Rings are those that could be parents now. The strong line "
        "leads from the first ancestor of the best trial to the best trial; of two parents it takes the better one. "
        "Below, a bar for each parameter: in how many children it was mutated, and how many of these are better than "
        "their parents. A child is compared with a parent as far as both were trained; with several goals it is better "
        "where it is no worse in any and better in one, and the strong line is that of the goal that is shown. Where "
        "several parameters changed at once, or two parents were crossed, nobody knows which of it helped.",
        lambda history, _plan, asked: draw_population(history, asked),
        heavy_from=_MANY,
    ),
    Card(
        "timeline",
        "Timeline",
        "When each leg ran, and where workers stood idle",
        "Each bar is a leg: one go of a trial in a process of its own, from its start to where it was paused, pruned, "
        "ended or lost; its colour says which. Rows are legs that ran at once, so what is white between bars while the "
        "search was at work is a worker that had nothing to do. Pauses and rests are left out of the time; a dotted "
        "line marks them.",
        lambda history, _plan, _asked: draw_timeline(history),
        heavy_from=_MANY,
    ),
    Card(
        "table",
        "Table",
        "Every trial with its configuration, why it was tried, and the reason for its state",
        "A row is a trial. Sort by a column, filter by a word, select a row to see the trial in all cards.",
        _draw_table,
        wide=True,
    ),
)

CARDS: Mapping[str, Card] = MappingProxyType({card.name: card for card in _ALL})
"""The cards in the order in which a dashboard shows them."""
