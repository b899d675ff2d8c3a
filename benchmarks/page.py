"""The page ``docs/benchmarks.md``, drawn from the raw figures beside it."""

import json
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from benchmarks.machine import Machine
from benchmarks.record import Budget, Result, Table

FORMAT = 1
ORDER = (
    "trials",
    "legs",
    "kernel",
    "models",
    "pixels",
    "steering",
    "browser",
    "driver",
    "import",
    "hyperband",
    "accuracy",
    "strategies",
)
"""The names of the benchmarks, as they stand on the page."""

INTRODUCTION = """\
# Benchmarks

`make bench` takes every figure of this page but those of samplers and schedules and of memory over a long time, and
writes the page; it lasts about twenty minutes and wants a machine that has nothing else to do. One section is taken by
`python -m benchmarks NAME`, such as `browser`. `make bench-strategies` takes those of samplers and schedules, in hours,
and `make soak` those of memory, in one (`MINUTES=15` is the least that is written here). Where libraries are compared,
they take turns in one run. Figures are medians, with the quartiles in brackets; all raw figures are in
[benchmarks.json](benchmarks.json).
"""


def keep(file: Path, name: str, taken: Mapping[str, Any]) -> None:
    """Put one benchmark's figures into the JSON file, in place of its former ones."""
    data = read(file)
    data["taken"][name] = dict(taken)
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(_compact(data) + "\n", encoding="utf-8")


def read(file: Path) -> dict[str, Any]:
    """Return the JSON file's contents, or an empty one."""
    if not file.exists():
        return {"format": FORMAT, "taken": {}}
    found: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    return found


def _compact(data: dict[str, Any]) -> str:
    """Return JSON with indents, but with a list of numbers on one line."""
    raws: list[str] = []
    plain = json.loads(json.dumps(data))
    for taken in plain["taken"].values():
        for what, values in taken["result"]["raw"].items():
            raws.append(json.dumps(values))
            taken["result"]["raw"][what] = f"@{len(raws) - 1}@"
    text = json.dumps(plain, indent=1, ensure_ascii=False)
    for index, values in enumerate(raws):
        text = text.replace(f'"@{index}@"', values, 1)
    return text


def write(file: Path, data: Mapping[str, Any]) -> None:
    """Draw the page.

    Parameters
    ----------
    file : Path
        The page.
    data : mapping
        What `read` returns.
    """
    taken = [data["taken"][name] for name in ORDER if name in data["taken"]]
    results = [Result.from_json(each["result"]) for each in taken]
    machines = [Machine(**each["machine"]) for each in taken]
    parts = [INTRODUCTION, _summary(results)]
    alike = all(machine == machines[0] for machine in machines)
    if alike and machines:
        parts.append(f"Taken on: {machines[0].text()}.\n")
    for each, result, machine in zip(taken, results, machines, strict=True):
        parts.append(_section(each, result, None if alike else machine))
    file.write_text("\n".join(parts), encoding="utf-8")


def _summary(results: list[Result]) -> str:
    return "## Budgets\n\n" + _table(_budgets([budget for result in results for budget in result.budgets]))


def _budgets(budgets: list[Budget]) -> Table:
    rows = tuple((each.what, each.wanted, each.found, "held" if each.held else "**missed**") for each in budgets)
    return Table(("what", "budget", "found", ""), rows)


def _section(taken: Mapping[str, Any], result: Result, machine: Machine | None) -> str:
    where = f" On: {machine.text()}." if machine else ""
    when = f"Taken on {taken['at']} in {taken['seconds']:.0f} s; load average before it {taken['load']:.2f}.{where}"
    parts = [f"## {result.title}\n", f"{result.how}\n", f"*{when}*\n"]
    parts += [_table(table) for table in result.tables]
    parts.append(_table(_budgets(list(result.budgets))))
    parts += [f"- {note}" for note in result.notes]
    return "\n".join(parts) + ("\n" if result.notes else "")


def _table(table: Table) -> str:
    head = f"| {' | '.join(table.columns)} |\n|{' --- |' * len(table.columns)}\n"
    return head + "".join(f"| {' | '.join(row)} |\n" for row in table.rows)


def as_taken(result: Result, machine: Machine, *, at: str, seconds: float, load: float) -> dict[str, Any]:
    """Return a result with what it was taken on and when, as plain data."""
    facts = {"at": at, "seconds": seconds, "load": load, "machine": asdict(machine)}
    return facts | {"result": result.to_json()}
