"""The tables of the page."""

from collections.abc import Iterable, Mapping, Sequence

from benchmarks.record import Table, number
from benchmarks.strategies.aims import Branched, interval
from benchmarks.strategies.contests import Standing
from benchmarks.strategies.kept import Run
from benchmarks.strategies.knobs import Kind
from benchmarks.strategies.statistics import quartiles, wrong_branches

SHOWN: Mapping[Kind, tuple[int, ...]] = {
    "numeric": (25, 50, 100),
    "tables": (25, 50, 100),
    "conditional": (25, 50, 100),
    "nas": (100, 200),
    "fidelity": (10, 20, 40),
}
"""The checkpoints of the tables of medians."""


def of_contest(stands: Sequence[Standing]) -> Table:
    """Return the mean ranks of one contest on one kind of tasks, a column for each checkpoint."""
    names = list(dict.fromkeys(row[0] for each in stands for row in each.rows))
    head = ("mean rank; ours minus theirs (95 %)", *(f"after {each.at}" for each in stands))
    first = tuple(f"**{each.ours.ranks[0]:.2f}**" for each in stands)
    rows = [(f"**{stands[0].ours.methods[0]}**", *first)]
    rows += [(name, *(_cell(each, name) for each in stands)) for name in names]
    return Table(head, tuple(rows))


def _cell(stands: Standing, name: str) -> str:
    for other, rank, difference, seeds in stands.rows:
        if other == name:
            few = "" if seeds == stands.ours.seeds else f" [{seeds} seeds]"
            return f"{rank:.2f}; {interval(difference)} {difference.verdict}{few}"
    return "-"


def of_medians(runs: Iterable[Run], kind: Kind, tasks: Sequence[str], methods: Sequence[str]) -> list[Table]:
    """Return a table for each task: medians with quartiles, a row for each method that has run."""
    kept = list(runs)
    found = []
    for task in tasks:
        rows = [(name, *(_spread(kept, task, name, at) for at in SHOWN[kind])) for name in methods]
        rows = [row for row in rows if set(row[1:]) != {"-"}]
        if rows:
            found.append(Table((task, *(f"after {at}" for at in SHOWN[kind])), tuple(rows)))
    return found


def _spread(runs: list[Run], task: str, method: str, at: int) -> str:
    found = quartiles(runs, task, method, at)
    if found is None:
        return "-"
    low, median, high = (f"{each:.3g}" for each in found)
    return f"{median} ({low} to {high})"


def of_branches(runs: Iterable[Run], tasks: Sequence[Branched], methods: Sequence[str]) -> Table:
    """Return how many runs ended in a wrong branch."""
    kept, rows = list(runs), []
    for name in methods:
        counts = [wrong_branches(kept, task.task, name, task.right) for task in tasks]
        if any(count for _, count in counts):
            rows.append((name, *(f"{wrong} of {count}" if count else "-" for wrong, count in counts)))
    return Table(("in a wrong branch after 50", *(task.task for task in tasks)), tuple(rows))


def of_timing(taken: Mapping[str, Mapping[int, float]]) -> Table:
    """Return milliseconds by method and length of the history."""
    lengths = sorted({length for each in taken.values() for length in each})
    rows = [
        (name, *(number(each[length]) if length in each else "-" for length in lengths)) for name, each in taken.items()
    ]
    return Table(("ms a suggestion, after", *(f"{length:,}" for length in lengths)), tuple(rows))
