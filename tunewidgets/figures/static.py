"""A search as it stands, without kernel, browser or script: as HTML that a saved notebook keeps, and as one line."""

import html
from collections.abc import Iterable, Mapping
from typing import Any

from tunewidgets.analysis.progress import Best, Progress, Span, search_progress
from tunewidgets.analysis.table import ranked
from tunewidgets.analysis.trials import trained, unit
from tunewidgets.figures.answers import Drawn
from tunewidgets.figures.cards import CARDS, draw
from tunewidgets.figures.layout import short
from tunewidgets.figures.palette import STATES
from tunewidgets.figures.svg import described, to_svg
from tunewidgets.figures.svg_axes import number
from tunewidgets.figures.theme import Theme
from tunewidgets.history import History, Plan, Trial, amount, sentence

_PICTURES = ("trials", "brackets")
_TOP = 5
_ENDED = ("finished", "stopped", "failed")
"""Nothing more is to come, unless the user resumes the search."""
_LONGEST = 80
"""A parameter's value is cut to so many letters."""

_BOX = "font-family:system-ui,sans-serif;font-size:13px;line-height:1.45;color:inherit;background:transparent;"
_BOX += "max-width:900px"
_CELL = "padding:2px 10px 2px 0;text-align:left;vertical-align:top;border:none;border-bottom:1px solid "
_CELL += "rgba(128,128,128,0.3);color:inherit;background:transparent"
_NARROW, _SHORT = ";white-space:nowrap", 4
_MESSAGE = "margin:6px 0;padding:6px 10px;border-left:3px solid #c9590a;background:rgba(201,89,10,0.1);color:inherit"


def to_html(
    history: History, plan: Plan | None = None, name: str = "", message: str = "", *, theme: Theme = "page"
) -> str:
    """Return the search as self-contained HTML.

    Parameters
    ----------
    history : History
        What has happened.
    plan : Plan or None
        What the schedule will do, where it can tell.
    name : str
        The search's name.
    message : str
        A sentence for the user where something is wrong, else empty: why a search has failed is said all the same.
    theme : {"page", "light", "dark"}
        The pictures' colours; "page" suits light and dark pages.

    Returns
    -------
    str
        One ``div`` with inline styles: status, best configuration, the best trials, pictures of the trials and of the
        brackets. No script, nothing loaded from anywhere; all text of the user is escaped.
    """
    record = search_progress(history, plan)
    message = message or _failure(record)
    parts = [
        f'<div style="margin-bottom:4px"><b>{_text(name or "search")}</b>: {_text(status_line(record))}</div>',
        f'<div style="{_MESSAGE}">{_text(message)}</div>' if message else "",
        _best(record),
        *(_picture(card, history, plan, theme) for card in _PICTURES),
        _table(history),
    ]
    return f'<div style="{_BOX}">{"".join(parts)}</div>'


def to_text(history: History, name: str = "", plan: Plan | None = None) -> str:
    """Return the search as one line.

    Parameters
    ----------
    history : History
        What has happened.
    name : str
        The search's name.
    plan : Plan or None
        What the schedule will do, where it can tell.

    Returns
    -------
    str
        Such as ``digits: running, 12 of 22 trials, best val_accuracy 0.962 (trial 7: units=96, dropout=0.2)``. That
        of a failed search ends with the reason.
    """
    record = search_progress(history, plan)
    line, failure = status_line(record, best=True), _failure(record)
    return " ".join(f"{name or 'search'}: {line}{': ' if failure else ''}{failure}".split())


def status_line(record: Progress, *, best: bool = False) -> str:
    """Return a search's progress in words, with or without the best configuration.

    Examples
    --------
    >>> status_line(search_progress(History()))
    'starting, no trial yet'
    """
    facts: list[str] = [record.status, _trials(record)]
    if best and record.front:
        facts.append(_trade_offs(record))
    elif best and record.best is not None:
        value, config = number(record.best.value), _config(record.best.config)
        facts.append(f"best {record.metric} {value} (trial {record.best.trial}{': ' if config else ''}{config})")
    if record.status == "running" and record.busy:
        facts.append(f"{record.busy} running")
    if failed := record.counts.get("failed"):
        facts.append(f"{failed} failed")
    if not best and record.elapsed >= 1:
        facts.append(duration(record.elapsed))
    return ", ".join(facts)


def duration(seconds: float) -> str:
    """Return a time in words that fit a status line.

    Examples
    --------
    >>> duration(59), duration(3599), duration(7300)
    ('59 s', '60 min', '2 h 2 min')
    """
    if seconds < 60:  # noqa: PLR2004 - a minute
        return f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    hours, rest = divmod(minutes, 60)
    if hours < 2:  # noqa: PLR2004 - '90 min' is read faster than '1 h 30 min'
        return f"{minutes} min"
    return f"{hours} h {rest} min" if rest else f"{hours} h"


def _failure(record: Progress) -> str:
    return record.ending if record.status == "failed" else ""


def _yet(record: Progress) -> str:
    return "" if record.status in _ENDED else " yet"


def _trials(record: Progress) -> str:
    if not record.started:
        return f"no trial{_yet(record)}" if record.trials is None else f"0 of {record.trials:,} trials"
    word = "trial" if (record.trials or record.finished) == 1 else "trials"
    if record.trials is None:
        return f"{record.finished:,} {word} done"
    return f"{record.finished:,} of {record.trials:,} {word}"


def _config(config: Mapping[str, Any]) -> str:
    return ", ".join(f"{name}={_value(value)}" for name, value in config.items())


def _value(value: Any) -> str:
    return short(f"{value:.4g}" if isinstance(value, float) else str(value), _LONGEST)


def _text(value: str) -> str:
    return html.escape(value)


def _best(record: Progress) -> str:
    if record.front:
        return f"<div>Best: {_text(_trade_offs(record))}</div>"
    if record.best is None:
        kept = f" that keeps {_text(' and '.join(record.bounds))}" if record.bounds else ""
        return f"<div>No trial has come to rest with a value{kept}{_yet(record)}.</div>"
    return f"<div>{_best_words(record.best, record)}</div>"


def _trade_offs(record: Progress) -> str:
    count = f"{record.trade_offs:,} best trade-off{'' if record.trade_offs == 1 else 's'}"
    return ", ".join([count, *(_span(span) for span in record.front)])


def _span(span: Span) -> str:
    best, worst = number(span.best), number(span.worst)
    return f"{short(span.metric, 40)} {best}" + (f" to {worst}" if worst != best else "")


def _best_words(best: Best, record: Progress) -> str:
    after = f" after {amount(best.budget, record.unit)}" if best.budget else ""
    value = f"<b>{_text(short(record.metric, 40))} {number(best.value)}</b>"
    return f"Best: {value}{_text(after)}, trial {best.trial}: <code>{_text(_config(best.config))}</code>"


def _picture(name: str, history: History, plan: Plan | None, theme: Theme) -> str:
    answer = draw(name, history, plan=plan)
    if not isinstance(answer, Drawn):  # a card that has nothing to show is no news in a saved notebook
        return ""
    return f'<div style="margin:8px 0">{described(to_svg(answer.figure, theme=theme), CARDS[name].sentence)}</div>'


def _table(history: History) -> str:
    best = ranked(history, _TOP)
    if not best:
        return ""
    unit_name = unit(history)
    head = _row("th", ["trial", "state", history.goal.metric, f"{unit_name}s", "configuration", "why"])
    rows = (_row("td", _cells(trial, unit_name), STATES[trial.state].color) for trial in best)
    left = len(history.trials) - len(best)
    more = f'<div style="opacity:0.7">and {left:,} more</div>' if left else ""
    style = "border-collapse:collapse;margin-top:6px;color:inherit;background:transparent;font-size:12px"
    return f'<table style="{style}"><thead>{head}</thead><tbody>{"".join(rows)}</tbody></table>{more}'


def _cells(trial: Trial, unit_name: str) -> list[str]:
    value = "" if trial.value is None else number(trial.value)
    why = sentence(trial.reason, unit_name)
    return [str(trial.number), trial.state, value, f"{trained(trial):,}", _config(trial.config), short(why, 120)]


def _row(tag: str, cells: Iterable[str], color: str = "") -> str:
    dot = f'<span style="color:{color}">●</span> ' if color else ""
    written = (
        f'<{tag} style="{_CELL}{_NARROW if index < _SHORT else ""}">{dot if index == 1 else ""}{_text(cell)}</{tag}>'
        for index, cell in enumerate(cells)
    )
    return f"<tr>{''.join(written)}</tr>"
