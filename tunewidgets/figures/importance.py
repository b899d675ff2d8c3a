"""The card Importance: a bar for each parameter and for the strongest pairs, and how far the trees disagree."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

import numpy as np

from tunewidgets.analysis.importance import Importance, Share, parameter_importance
from tunewidgets.figures.answers import Answer, Asked, Drawn, NotYet, Option, option
from tunewidgets.figures.layout import gapped, layout, plain, short, title
from tunewidgets.figures.palette import BLUE, PURPLE, faint
from tunewidgets.history import NOTHING, History, amount

_MOST_BARS = 12
"""More bars than this have no room in a card."""

_LITTLE = 0.3
"""A forest that explains less than this of trials that it has not seen is hardly to be relied on."""

_ROW, _THICK, _CAP = 24, 0.62, 0.16
"""A row's height in pixels; a bar's thickness and half that of a whisker's end, as shares of its row's."""

_KINDS = {"one parameter": BLUE, "two together": PURPLE}

_TIMES = " \N{MULTIPLICATION SIGN} "

_SHOWN = ("all", "single", "pairs")


def draw_importance(history: History, asked: Asked = NOTHING, trials: Collection[int] | None = None) -> Answer:
    """Draw the card.

    Parameters
    ----------
    history : History
        What has happened.
    asked : mapping of str to str
        "show": bars of single parameters, of pairs, or both; "goal", where there are several; "budget", where several
        have enough results: "9 epochs".
    trials : collection of int, optional
        Only these count: a selection.

    Returns
    -------
    Drawn or NotYet
        At most twelve bars, the largest.
    """
    goals = history.opened.goals if history.opened else ()
    record = parameter_importance(history, goal=asked.get("goal"), budget=_number(asked.get("budget")), trials=trials)
    metrics = [each.metric for each in goals] or [record.goal.metric]
    budgets = [amount(each, record.unit) for each in record.budgets] or ["any"]
    options = (
        option("show", "show", _SHOWN, asked),
        option("goal", "goal", metrics, {"goal": record.goal.metric}),
        option("budget", "at", budgets, {"budget": amount(record.budget, record.unit)}),
    )
    if record.missing is not None:
        return NotYet(_why(record), options)
    return _drawn(record, options)


def _drawn(record: Importance, options: tuple[Option, ...]) -> Answer:
    shown = {"single": record.parameters, "pairs": record.pairs, "all": (*record.parameters, *record.pairs)}
    found = sorted(shown[options[0].value], key=lambda each: -each.share)
    if not found:
        return NotYet("there is no pair: only one parameter varies among these trials", options)
    bars = found[:_MOST_BARS]
    rows = {share.names: row for row, share in enumerate(bars)}
    parts = zip(_KINDS.items(), (1, 2), strict=True)
    traces = [
        trace
        for (name, color), size in parts
        if (mine := [share for share in bars if len(share.names) == size])
        for trace in (_bars(name, color, mine, rows), _whiskers(color, mine, rows))
    ]
    return Drawn(
        {"data": [*traces, _figures(bars)], "layout": _layout(record, bars, len(found))}, options, _note(record)
    )


def _number(budget: str | None) -> int | None:
    """Return the budget that an option's choice stands for: '9 epochs'."""
    first = (budget or "").split(" ")[0]
    return int(first) if first.isdecimal() else None


def _why(record: Importance) -> str:
    if record.missing == "parameters":
        return "no parameter has more than one value among these trials, so there is nothing that could matter"
    if record.missing == "differences":
        return "all of these trials have the same value: there is nothing to explain"
    at = f" at {amount(record.budget, record.unit)}" if record.budget else ""
    have = amount(record.trials, "trial")
    verb = "has" if record.trials == 1 else "have"
    known = f"{have} {verb} a value{at}" if record.trials else "no trial has a value yet"
    return f"{known}; what matters can be told from {record.needed} on"


def _bars(name: str, color: str, shares: Sequence[Share], rows: Mapping[tuple[str, ...], int]) -> dict[str, Any]:
    return {
        "type": "bar",
        "orientation": "h",
        "name": name,
        "base": np.zeros(len(shares)),
        "x": np.array([100 * each.share for each in shares]),
        "y": np.array([rows[each.names] for each in shares], float),
        "width": np.full(len(shares), _THICK),
        "marker": {"color": faint(color, 0.5), "line": {"width": 1, "color": color}},
        "hoverinfo": "skip",
    }


def _whiskers(color: str, shares: Sequence[Share], rows: Mapping[tuple[str, ...], int]) -> dict[str, Any]:
    """Return a line for each bar from low to high, with short strokes across its ends."""
    x = [np.array([each.low] * 3 + [each.high] * 3) * 100 for each in shares]
    strokes = np.array([-_CAP, _CAP, 0.0, 0.0, -_CAP, _CAP])
    return {
        "type": "scatter",
        "mode": "lines",
        "name": "spread",
        "showlegend": False,
        "x": gapped(x),
        "y": gapped([rows[each.names] + strokes for each in shares]),
        "connectgaps": False,
        "line": {"color": color, "width": 2},
        "hoverinfo": "skip",
    }


def _figures(bars: Sequence[Share]) -> dict[str, Any]:
    """Return the numbers behind the bars."""
    return {
        "type": "scatter",
        "mode": "text",
        "name": "shares",
        "showlegend": False,
        "x": np.array([100 * each.high for each in bars]),
        "y": np.arange(len(bars), dtype=float),
        "text": [f"  {_percent(each.share)}" for each in bars],
        "textposition": "middle right",
        "textfont": {"size": 11},
        "cliponaxis": False,
        "hoverinfo": "skip",
    }


def _percent(share: float) -> str:
    return f"{share:.0%}".replace("%", " %") if share >= 0.005 else "< 1 %"  # noqa: PLR2004 - what rounds to nothing


def _layout(record: Importance, bars: Sequence[Share], total: int) -> dict[str, Any]:
    longest = 100 * max(each.high for each in bars)
    return layout(
        height=150 + _ROW * max(3, len(bars)),
        xaxis={"title": title(_caption(record, len(bars), total)), "range": [0.0, 1.12 * longest], "fixedrange": True},
        yaxis={
            "range": [len(bars) - 0.5, -0.5], "showgrid": False, "fixedrange": True,
            "tickvals": list(range(len(bars))), "ticktext": [_label(each.names) for each in bars],
        },
        barmode="overlay",
    )  # fmt: skip


def _label(names: tuple[str, ...]) -> str:
    most = 28 if len(names) == 1 else 16
    return plain(_TIMES.join(short(name, most) for name in names))


def _doubt(record: Importance) -> str:
    if record.explained is None or record.explained >= _LITTLE:
        return ""
    return "The forest explains little of trials that it has not seen: these shares are hardly more than noise."


def _note(record: Importance) -> str:
    """Say why the bars are to be doubted, and what they cannot show of trials that were held back."""
    return " ".join(filter(None, [_doubt(record), _held_back(record)]))


def _held_back(record: Importance) -> str:
    if not record.strays:
        return ""
    are = "1 trial that is" if record.strays == 1 else f"{record.strays:,} trials that are"
    return (
        f"Of {are} far worse than all others little is seen here: what made them so may matter more than the bars say."
    )


def _caption(record: Importance, drawn: int, total: int) -> str:
    """Say what the shares are of, what they rest on, and what is left out."""
    at = f" at {plain(amount(record.budget, record.unit))}" if record.budget else ""
    used = f"{record.used:,} of {record.trials:,} trials" if record.used < record.trials else f"{record.used:,} trials"
    explained = f"the forest explains {_percent(max(0.0, record.explained or 0.0))}"
    left_out = [
        f"{record.strays:,} far worse held back" if record.strays else "",
        f"{amount(len(record.constant), 'parameter')} of one value left out" if record.constant else "",
        f"the {drawn} longest of {total:,} bars" if drawn < total else "",
    ]
    of = f"% of the variance of {plain(short(record.goal.metric, 40))}"
    return "<br>".join(filter(None, [of, f"{used}{at} · {explained}", " · ".join(filter(None, left_out))]))
