"""The card Population: children and their parents, who lives, the best one's way, and which mutations helped."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from tunewidgets.analysis.parallel import goals_of
from tunewidgets.analysis.population import FamilyTree, Member, family_tree, has_parents, sampler_name
from tunewidgets.analysis.timeline import starts_of_trials
from tunewidgets.figures.answers import Answer, Asked, Drawn, NotYet, option
from tunewidgets.figures.layout import (
    beyond,
    gapped,
    kind,
    layout,
    number_axis,
    plain,
    scales,
    short,
    thinned,
    time_unit,
    title,
    value_axis,
)
from tunewidgets.figures.palette import BLUE, BROWN, CLEAR, GREEN, GREY, INCUMBENT, INDIGO, Mark
from tunewidgets.history import NOTHING, History

_BIRTHS: dict[str, tuple[str, Mark]] = {
    "random": ("drawn at random", Mark(GREY, "circle", 0.85)),
    "mutation": ("child of one", Mark(BLUE, "circle")),
    "crossover": ("child of two", Mark(INDIGO, "diamond")),
    "user": ("added by you", Mark(BROWN, "square")),
}

_HEIGHT, _ALONE = 500, 380
"""The figure's height in pixels, with bars and without."""

_BETWEEN, _ROW = 0.19, 0.05
"""What stands between the tree and the bars, and a bar's row, as shares of the figure's height: it is 320 pixels on a
dashboard, and then a row still holds a line of text."""

_BARS = 5
"""The bars of more parameters than this are left out: those that helped least."""

_CROWD = 400
"""More points than this get smaller marks."""

_INK_OF_EDGES = 60.0
"""So many edges are drawn at full strength; more are fainter, so that together they are never a black mass."""

_Place = Callable[[Member], float]


def draw_population(history: History, asked: Asked = NOTHING) -> Answer:
    """Draw the card.

    Parameters
    ----------
    history : History
        What has happened.
    asked : mapping of str to str
        "goal" (which of several), "up" ("value" or "generation"), "against" ("number" or "time") and, for values,
        "scale".

    Returns
    -------
    Drawn or NotYet
        One trace for all edges, one for each kind of birth, one for who lives, one for the incumbent's way, and the
        bars of the parameters that have mutated; at most about 2,000 points.
    """
    if history.trials and not has_parents(history):
        return NotYet(_why_none(sampler_name(history)), expected=False)
    if not history.trials:
        name = sampler_name(history)
        return NotYet(_why_none(name), expected=False) if name and not has_parents(history) else NotYet(_NONE_YET)
    goal = option("goal", "goal", [each.metric for each in goals_of(history)], asked)
    record = family_tree(history, goal.value)
    up = option("up", "up", ("value", "generation"), asked)
    against = option("against", "against", ("number", "time"), asked)
    shown = _in_sight(record, by_value=up.value == "value")
    values = [member.value for member in shown if member.value is not None]
    scale = option("scale", "scale", scales(values, record.direction), asked)
    options = (goal, up, against, scale) if up.value == "value" else (goal, up, against)
    if not shown:
        return NotYet("no trial has a value yet: each is drawn when it has", options)
    across, x_axis = _across(history, record, against.value)
    traces = [*_tree(record, shown, across, _height if up.value == "value" else _generation), *_bars(record)]
    y_axis = (
        value_axis(values, record.metric, record.direction, scale.value)
        if up.value == "value"
        else {**number_axis(0, max(1, record.generations), "generation"), "tickformat": ",d"}
    )
    x_axis["title"] = title(" · ".join([x_axis["title"], *_caption(record, len(shown))]))
    figure = _layout(record, x_axis, y_axis)
    if up.value == "value":
        figure["annotations"] = beyond(y_axis, values, foot=figure["yaxis"].get("domain", [0.0])[0])
    return Drawn({"data": traces, "layout": figure}, options)


_NONE_YET = "no trial has started yet: each is drawn when it does"


def _why_none(name: str | None) -> str:
    if name == "cmaes":
        return (
            "cmaes draws each generation from a cloud that follows the better half: its points have no parents. "
            "This card is for the samplers evolution, genetic and nsga2"
        )
    whose = f"this search's sampler, {plain(name)}, breeds" if name else "this search's sampler breeds"
    return f"{whose} no population: trials have parents under the samplers evolution, genetic and nsga2"


# --- the tree ------------------------------------------------------------------------------------------------------


def _in_sight(record: FamilyTree, *, by_value: bool) -> list[Member]:
    found = [member for member in record.members if member.value is not None or not by_value]
    kept = set(record.lineage)
    certain = {at for at, member in enumerate(found) if member.alive or member.birth.number in kept}
    return [found[at] for at in thinned(len(found), certain)]


def _height(member: Member) -> float:
    return np.nan if member.value is None else member.value


def _generation(member: Member) -> float:
    return float(member.birth.generation)


def _across(history: History, record: FamilyTree, against: str) -> tuple[_Place, dict[str, Any]]:
    """Return where members stand from left to right, and the axis; its title is a text, to be made longer."""
    if against == "number":
        axis = number_axis(0, record.members[-1].birth.number, "")
        return lambda member: float(member.birth.number), {**axis, "title": "trial"}
    starts = starts_of_trials(history)
    last = max(starts.values())
    unit, size = time_unit(last)
    span = last / size or 1.0
    axis = {"title": f"{unit} since the start, at its birth", "range": [-0.02 * span, 1.02 * span]}
    return lambda member: starts[member.birth.number] / size, axis


def _tree(record: FamilyTree, shown: Sequence[Member], across: _Place, up: _Place) -> list[dict[str, Any]]:
    drawn, size = kind(len(shown)), 7.0 if len(shown) <= _CROWD else 5.0
    traces = _edges(shown, across, up, drawn)
    for birth, (name, mark) in _BIRTHS.items():
        found = [member for member in shown if member.birth.kind == birth]
        if found:
            traces.append(_marks(name, mark, found, (across, up), size) | {"type": drawn})
    living = [member for member in shown if member.alive]
    if living:
        traces.append(_rings(living, across, up, size) | {"type": drawn})
    return [*traces, *_way(record, shown, across, up, drawn)]


def _edges(shown: Sequence[Member], across: _Place, up: _Place, drawn: str) -> list[dict[str, Any]]:
    at = {member.birth.number: (across(member), up(member)) for member in shown}
    pairs = [
        (at[parent], at[member.birth.number]) for member in shown for parent in member.birth.parents if parent in at
    ]
    if not pairs:
        return []
    return [
        {
            "type": drawn,
            "mode": "lines",
            "name": "parent to child",
            "x": gapped([np.array([parent[0], child[0]]) for parent, child in pairs]),
            "y": gapped([np.array([parent[1], child[1]]) for parent, child in pairs]),
            "connectgaps": False,
            "opacity": round(float(np.clip(0.6 * (_INK_OF_EDGES / len(pairs)) ** 0.5, 0.12, 0.5)), 2),
            "line": {"color": GREY, "width": 1},
            "hoverinfo": "skip",
        }
    ]


def _marks(
    name: str, mark: Mark, members: Sequence[Member], places: tuple[_Place, _Place], size: float
) -> dict[str, Any]:
    return {
        "mode": "markers",
        "name": name,
        "x": _array(members, places[0]),
        "y": _array(members, places[1]),
        "customdata": np.array([member.birth.number for member in members]),
        "marker": {"color": mark.color, "symbol": mark.symbol, "size": size, "opacity": mark.opacity},
        "hoverinfo": "none",
    }


def _rings(living: Sequence[Member], across: _Place, up: _Place, size: float) -> dict[str, Any]:
    return {
        "mode": "markers",
        "name": "in the population now",
        "x": _array(living, across),
        "y": _array(living, up),
        "marker": {
            "color": GREEN, "symbol": "circle-open", "size": size + 6.0, "opacity": 1.0,
            "line": {"width": 2, "color": GREEN},
        },
        "hoverinfo": "skip",
    }  # fmt: skip


def _way(record: FamilyTree, shown: Sequence[Member], across: _Place, up: _Place, drawn: str) -> list[dict[str, Any]]:
    by_number = {member.birth.number: member for member in shown}
    way = [by_number[number] for number in record.lineage if number in by_number]
    if not way:
        return []
    name = (
        "the best one's ancestors"
        if record.goals == 1
        else f"ancestors of the best by {plain(short(record.metric, 30))}"
    )
    shared = {"type": drawn, "legendgroup": "best", "hoverinfo": "none"}
    line = {
        "mode": "lines+markers",
        "name": name,
        "x": _array(way, across),
        "y": _array(way, up),
        "customdata": np.array([member.birth.number for member in way]),
        "line": {"color": INCUMBENT.color, "width": 2.5},
        "marker": {"color": INCUMBENT.color, "symbol": "circle", "size": 7},
    }
    best = way[-1:]
    star = {
        "mode": "markers",
        "name": "best",
        "showlegend": False,
        "x": _array(best, across),
        "y": _array(best, up),
        "customdata": np.array([best[0].birth.number]),
        "marker": {"color": INCUMBENT.color, "symbol": INCUMBENT.symbol, "size": 15},
    }
    return [shared | line, shared | star]


def _array(members: Sequence[Member], place: _Place) -> npt.NDArray[np.float64]:
    return np.array([place(member) for member in members], float)


def _caption(record: FamilyTree, shown: int) -> list[str]:
    parts = [f"{record.generations:,} generation{'' if record.generations == 1 else 's'}"]
    if record.size is not None:
        alive = f" ({record.alive:,} so far)" if record.alive < record.size else ""
        parts.insert(0, f"population of {record.size:,}{alive}")
    if shown < len(record.members):
        parts.append(f"{shown:,} of {len(record.members):,} drawn")
    return parts


# --- the mutations -------------------------------------------------------------------------------------------------


def _bars(record: FamilyTree) -> list[dict[str, Any]]:
    found = record.mutations[:_BARS]
    if not found:
        return []
    rows = np.arange(len(found), dtype=float)
    tried = np.array([each.tried for each in found], float)
    improved = np.array([each.improved for each in found], float)
    shared = {
        "type": "bar", "orientation": "h", "base": np.zeros(len(found)), "y": rows, "xaxis": "x2", "yaxis": "y2",
        "hoverinfo": "skip",
    }  # fmt: skip
    texts = [f" {each.improved:,} of {each.tried:,} ({_percent(each.improved / each.tried)})" for each in found]
    return [
        shared
        | {
            "name": "mutated", "x": tried, "width": np.full(len(found), 0.62),
            "marker": {"color": CLEAR, "line": {"width": 1.5, "color": GREY}},
        },
        shared
        | {
            "name": "and better than its parents", "x": improved, "width": np.full(len(found), 0.62),
            "marker": {"color": GREEN, "opacity": 0.85, "line": {"width": 0, "color": GREEN}},
        },
        {
            "type": "scatter", "mode": "text", "name": "shares", "showlegend": False, "x": tried, "y": rows,
            "text": texts, "textposition": "middle right", "textfont": {"size": 11}, "xaxis": "x2", "yaxis": "y2",
            "hoverinfo": "skip", "cliponaxis": False,
        },
    ]  # fmt: skip


def _layout(record: FamilyTree, x_axis: dict[str, Any], y_axis: dict[str, Any]) -> dict[str, Any]:
    found = record.mutations[:_BARS]
    if not found:
        return layout(height=_ALONE, xaxis=x_axis, yaxis=y_axis)
    bars = _ROW * len(found) + 0.02
    return layout(
        height=_HEIGHT,
        xaxis={**x_axis, "anchor": "y"},
        yaxis={**y_axis, "domain": [bars + _BETWEEN, 1.0]},
        xaxis2={
            **number_axis(0, 1.3 * max(each.tried for each in found), ""),
            "title": title(_share(record)), "range": [0.0, 1.3 * max(each.tried for each in found)], "anchor": "y2",
            "automargin": True, "zeroline": False,
        },
        yaxis2={
            "domain": [0.0, bars], "range": [len(found) - 0.4, -0.6], "anchor": "x2", "showgrid": False,
            "zeroline": False, "fixedrange": True, "automargin": True,
            "tickvals": list(range(len(found))), "ticktext": [plain(short(each.parameter, 24)) for each in found],
        },
        barmode="overlay",
    )  # fmt: skip


def _share(record: FamilyTree) -> str:
    left = len(record.mutations) - _BARS
    more = f" · {left:,} more parameter{'' if left == 1 else 's'}" if left > 0 else ""
    verb = "is" if record.improved == 1 else "are"
    of = f"{record.improved:,} of {record.children:,} {verb} better than their parents"
    return f"children · {of} ({_percent(record.improved / record.children)}){more}"


def _percent(share: float) -> str:
    return "under 1 %" if 0.0 < share < 0.01 else f"{100 * share:.0f} %"  # noqa: PLR2004 - nought would be none
