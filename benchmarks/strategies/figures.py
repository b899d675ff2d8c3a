"""The two figures of the page: as Plotly specs, and drawn as SVG by the kit itself."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from benchmarks.strategies.contests import Standing
from tunewidgets.figures.svg import described, to_svg

_INK = {"ahead": "#1a7f37", "level": "#8c6d1f", "behind": "#cf222e"}
_LINES = ("#0969da", "#1a7f37", "#8250df", "#57606a", "#cf222e", "#bc4c00")

Figure = dict[str, Any]


def of_ranks(stands: Sequence[Standing]) -> Figure:
    """Return how far our mean rank is from each of the others': a dot with its interval; left of 0 we are better."""
    rows = [(each, row) for each in stands for row in each.rows]
    labels = [f"{each.contest.ours} / {row[0]}, {each.kind}, {each.at}" for each, row in rows]
    data: list[Figure] = []
    for verdict, color in _INK.items():
        places = [(index, row[2]) for index, (_, row) in enumerate(rows) if row[2].verdict == verdict]
        y = [-index for index, _ in places]
        between: dict[str, list[float | None]] = {"x": [], "y": []}
        for index, found in places:
            between["x"] += [found.low, found.high, None]
            between["y"] += [-index, -index, None]
        line = {"color": color, "width": 2}
        data.append({"type": "scatter", "mode": "lines", **between, "line": line, "showlegend": False})
        marker = {"color": color, "size": 8, "symbol": "circle"}
        x = [found.mean for _, found in places]
        data.append({"type": "scatter", "mode": "markers", "x": x, "y": y, "marker": marker, "name": verdict})
    zero = {
        "type": "line",
        "x0": 0,
        "x1": 0,
        "y0": 0,
        "y1": 1,
        "yref": "paper",
        "line": {"color": "#8c8c8c", "width": 1},
    }
    axis = {"tickvals": [-index for index in range(len(rows))], "ticktext": labels, "range": [-len(rows) + 0.4, 0.6]}
    across = {"title": {"text": "our mean rank minus theirs, 95 % interval (left of 0: ours is better)"}}
    layout = {"height": 90 + 20 * len(rows), "xaxis": across, "yaxis": axis, "shapes": [zero], "showlegend": True}
    return {"data": data, "layout": layout}


def of_timing(taken: Mapping[str, Mapping[int, float]]) -> Figure:
    """Return milliseconds for a suggestion against the length of the history, both axes logarithmic."""
    data = [
        {
            "type": "scatter",
            "mode": "lines+markers",
            "name": name,
            "x": sorted(each),
            "y": [each[length] for length in sorted(each)],
            "line": {"color": color, "width": 2, "dash": "solid" if name.startswith("our ") else "dot"},
            "marker": {"color": color, "size": 6, "symbol": "circle"},
        }
        for (name, each), color in zip(taken.items(), _LINES, strict=False)
    ]
    xaxis = {"type": "log", "title": {"text": "results in the history"}}
    yaxis = {"type": "log", "title": {"text": "milliseconds for a suggestion"}}
    return {"data": data, "layout": {"height": 420, "xaxis": xaxis, "yaxis": yaxis, "showlegend": True}}


def write(folder: Path, name: str, figure: Figure, description: str) -> str:
    """Write a figure as JSON and as SVG, and return the line of Markdown that shows it."""
    file = folder / f"strategies-{name}"
    file.with_suffix(".json").write_text(json.dumps(figure, separators=(",", ":")) + "\n", encoding="utf-8")
    picture = described(to_svg(figure, 900), description)
    file.with_suffix(".svg").write_text(picture + "\n", encoding="utf-8")
    return f"![{description}]({file.name}.svg)\n\n([The same as a Plotly figure]({file.name}.json))\n"
