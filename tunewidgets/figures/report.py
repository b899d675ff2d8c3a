"""A search as one HTML file: all cards, the best configuration, every trial; nothing is loaded from anywhere.

With scripts off there are pictures and tables. With scripts on the pictures give way to figures that can be zoomed;
plotly.js is in the file, compressed.
"""

import base64
import html
import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from tunewidgets.analysis.progress import search_progress
from tunewidgets.analysis.table import Row, Table, trial_table
from tunewidgets.figures import plotlyjs
from tunewidgets.figures.answers import Drawn
from tunewidgets.figures.card import Card
from tunewidgets.figures.cards import draw
from tunewidgets.figures.static import status_line
from tunewidgets.figures.svg import described, to_svg
from tunewidgets.figures.svg_axes import number
from tunewidgets.figures.theme import THEMES, themed
from tunewidgets.history import History, Plan, sentence

_HERE = Path(__file__).parent
_WIDTH = 900
_PICTURED = ("scatter", "scattergl", "bar", "heatmap", "contour", "parcoords")
_FAILURES = 20
"""So many tracebacks stand in it at most."""
_TOLD = 6
"""So many parameters stand in the words on a trial that is pointed at."""


def to_report(
    history: History,
    cards: Iterable[Card],
    *,
    plan: Plan | None = None,
    name: str = "search",
    source: str = "",
    facts: Sequence[tuple[str, str]] = (),
) -> str:
    """Return a search as an HTML page.

    Parameters
    ----------
    history : History
        What has happened.
    cards : iterable of Card
        What is drawn; those that have nothing to show are left out, but for a line that says why.
    plan : Plan or None
        What the schedule will do.
    name : str
        The search's name.
    source : str
        Python that starts such a search.
    facts : sequence of (str, str)
        What else is worth knowing to do it again: names and values.

    Returns
    -------
    str
        A whole page. All text of the user is escaped.
    """
    record, table = search_progress(history, plan), trial_table(history)
    parts = [
        f"<h1>{_text(name)}</h1><p>{_text(status_line(record))}</p>",
        _best(history, table),
        *(_card(card, history, plan) for card in cards if card.name != "table"),
        _trials(table),
        _failures(history),
        _again(source, facts),
    ]
    return _page(name, "".join(parts), _told(table))


def _page(name: str, body: str, told: Mapping[int, str]) -> str:
    style = (_HERE / "report.css").read_text(encoding="utf-8")
    script = (_HERE / "report.js").read_text(encoding="utf-8")
    packed = base64.b64encode(plotlyjs.compressed()).decode()
    colors = THEMES["light"]
    data = "".join(
        f'<script type="application/{kind}" id="tw-{which}">{text}</script>'
        for which, kind, text in (
            ("colours", "json", _json({"color": colors.text, "family": "system-ui, sans-serif"})),
            ("trials", "json", _json(told)),
            ("plotly", "octet-stream", packed),
        )
    )
    head = f'<meta charset="utf-8"><title>{_text(name)}</title><style>{style}</style>'
    return (
        f'<!doctype html><html lang="en"><head>{head}</head><body>{body}{data}<script>{script}</script></body></html>'
    )


def _best(history: History, table: Table) -> str:
    rows = [row for row in table.rows if row.number in table.best]
    if not rows:
        return "<p>No trial has come to rest with a value.</p>"
    words = "".join(
        f'<pre>{_text(_assigned(row.config))}</pre><p class="muted">{_text(_named(row, table))}</p>' for row in rows[:3]
    )
    title = "Best configuration" if len(history.opened.goals if history.opened else ()) < 2 else "Best trade-offs"  # noqa: PLR2004 - one goal
    return f"<h2>{title}</h2>{words}"


def _named(row: Row, table: Table) -> str:
    why = f"; {row.suggested}" if row.suggested else ""
    return f"trial {row.number}: {_values(row, table)}{why}"


def _assigned(config: Mapping[str, Any]) -> str:
    lines = [f"    {name!r}: {value!r}," for name, value in config.items()]
    return "\n".join(["best = {", *lines, "}"])


def _values(row: Row, table: Table) -> str:
    values = [(table.metric, row.value), *row.further.items()]
    return ", ".join(f"{name} {number(value)}" for name, value in values if value is not None)


def _card(card: Card, history: History, plan: Plan | None) -> str:
    head = f'<h2>{_text(card.title)}</h2><p class="muted">{_text(card.sentence)}</p>'
    answer = draw(card, history, plan=plan)
    if not isinstance(answer, Drawn):
        why = str(getattr(answer, "why", "") or getattr(answer, "message", ""))
        return f'{head}<p class="muted">{_text(why[:1].upper() + why[1:])}.</p>'
    note = f'<p class="muted">{_text(answer.note)}</p>' if answer.note else ""
    help_ = f'<details class="muted"><summary>How to read it</summary>{_text(card.help)}</details>'
    figure = themed(answer.figure, "light")
    pictured = all(trace.get("type", "scatter") in _PICTURED for trace in figure["data"])
    picture = described(to_svg(answer.figure, _WIDTH), card.sentence) if pictured else "A picture needs scripts."
    spec = f'<script type="application/json" class="spec">{_json(figure)}</script>'
    return f'{head}{note}<div class="picture">{picture}</div>{spec}{help_}'


def _trials(table: Table) -> str:
    further = list(table.further)
    unit = f"{table.unit}s"
    head = ["trial", "state", table.metric, *further, unit, *table.parameters, "why", "tried because"]
    rows = "".join(_row(row, table, further) for row in table.rows)
    cells = "".join(f"<th>{_text(each)}</th>" for each in head)
    return (
        f'<h2>Trials</h2><p class="muted">All {table.total:,}</p><div class="scroll"><table><thead><tr>{cells}</tr>'
        f"</thead><tbody>{rows}</tbody></table></div>"
    )


def _row(row: Row, table: Table, further: Sequence[str]) -> str:
    values = [row.value, *(row.further.get(name) for name in further)]
    cells = [
        f"{'★ ' if row.number in table.best else ''}{row.number}",
        row.state,
        *("" if value is None else number(value) for value in values),
        "" if row.budget is None else f"{row.budget:,}",
        *(_value(row.config.get(name)) for name in table.parameters),
        "; ".join(filter(None, (row.broken, row.reason))),
        row.suggested,
    ]
    return f'<tr id="trial-{row.number}">{"".join(f"<td>{_text(cell)}</td>" for cell in cells)}</tr>'


def _failures(history: History) -> str:
    """Return the tracebacks of the trials that failed last: what they printed would make the file a large one."""
    failed = [trial for trial in history.trials.values() if trial.state == "failed" and trial.reason.get("traceback")]
    if not failed:
        return ""
    newest = failed[::-1][:_FAILURES]
    more = f'<p class="muted">The newest {_FAILURES} of {len(failed):,}</p>' if len(failed) > _FAILURES else ""
    return (
        "<h2>Failures</h2>"
        + more
        + "".join(
            f"<details><summary>Trial {trial.number}: {_text(sentence(trial.reason))}</summary>"
            f"<pre>{_text(str(trial.reason['traceback']))}</pre></details>"
            for trial in newest
        )
    )


def _again(source: str, facts: Sequence[tuple[str, str]]) -> str:
    if not source and not facts:
        return ""
    lines = "".join(f"<p>{_text(name)}: {_text(value)}</p>" for name, value in facts)
    return f"<h2>To do it again</h2><pre>{_text(source)}</pre>{lines}"


def _told(table: Table) -> dict[int, str]:
    """Return what is said of each trial that is pointed at."""
    return {
        row.number: "\n".join(
            [
                f"Trial {row.number} {row.state}",
                _values(row, table),
                *filter(None, (row.broken, row.reason, row.suggested)),
                *(f"{name} {_value(value)}" for name, value in list(row.config.items())[:_TOLD]),
            ]
        )
        for row in table.rows
    }


def _value(value: Any) -> str:
    return "" if value is None else number(value) if isinstance(value, float) else str(value)


def _text(value: str) -> str:
    return html.escape(value)


def _json(value: Any) -> str:
    """Return JSON that may stand between script tags; numbers that are none become null."""
    return json.dumps(_plain(value), allow_nan=False).replace("<", "\\u003c")


def _plain(value: Any) -> Any:
    if isinstance(value, np.ndarray):
        return _plain(value.tolist())
    if isinstance(value, Mapping):
        return {str(name): _plain(item) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if isinstance(value, float | np.floating):
        return float(value) if np.isfinite(value) else None
    return value.item() if isinstance(value, np.generic) else value
