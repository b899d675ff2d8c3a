"""What was to be reached beside what was found."""

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

import numpy as np

from benchmarks.record import Budget, at_least, at_most
from benchmarks.strategies.contests import Standing
from benchmarks.strategies.kept import Run
from benchmarks.strategies.statistics import TIE, Difference, quartiles, wrong_branches
from benchmarks.strategies.timing import Milliseconds

WRONG = 0.05
_MS = {100: 60.0, 500: 400.0}
_RATIO = 10.0


class Branched(NamedTuple):
    """A conditional task: its name, the text of the branch that holds the best configuration, and the task's range."""

    task: str
    right: str
    span: float


def of_standing(stands: Standing) -> Budget:
    """Return the aim of a contest on one kind of tasks at one checkpoint."""
    contest = stands.contest
    rivals = [row for row in stands.rows if row[0] in contest.rivals]
    found = "; ".join(f"{interval(difference)} {name}" for name, _, difference, _ in rivals) or "no rival has run"
    what = f"{contest.ours.removeprefix('our ')}, {where(stands)}"
    return Budget(what, f"{contest.aim} in the mean rank", found, held=stands.reached)


def of_group(stands: Sequence[Standing]) -> Budget:
    """Return the aim of a group of contests at one checkpoint: those that reach it, else how each one stands."""
    first = stands[0]
    there = [each for each in stands if each.reached] or stands
    found = "; ".join(
        f"{each.contest.ours}: {', '.join(f'{interval(row[2])} {row[0]}' for row in each.rows)}" for each in there
    )
    held = any(each.reached for each in stands)
    return Budget(f"{first.contest.group}, {where(first)}", "one of them ahead in the mean rank", found, held=held)


def where(stands: Standing) -> str:
    """Return the kind and the checkpoint as a person says them."""
    unit = "full trainings" if stands.kind == "fidelity" else "evaluations"
    kind = f"{stands.kind}, lcbench only" if stands.contest.only else stands.kind
    return f"{kind}, {stands.at} {unit}"


def interval(difference: Difference) -> str:
    """Return a difference of mean ranks with its interval."""
    return f"{difference.mean:+.2f} ({difference.low:+.2f} to {difference.high:+.2f})"


def of_branches(runs: Iterable[Run], tasks: Sequence[Branched], method: str) -> list[Budget]:
    """Return how often a method of ours ends in a wrong branch."""
    found, kept = [], list(runs)
    for task in tasks:
        wrong, count = wrong_branches(kept, task.task, method, task.right)
        if count:
            found.append(at_most(f"share of runs in a wrong branch, gp, {task.task}", WRONG, wrong / count))
    return found


def of_conditional(runs: Iterable[Run], tasks: Sequence[Branched], rivals: Sequence[str], at: int) -> list[Budget]:
    """Return by how much gp's median regret is below each rival's, as the geometric mean over the conditional tasks.

    Medians below the limit of ties are set to it.
    """
    kept, found = list(runs), []
    for rival in rivals:
        ratios = [ratio for task in tasks if (ratio := _ratio(kept, task, rival, at)) is not None]
        if ratios:
            what = f"{rival}'s median regret beside gp's, conditional, {at} evaluations"
            found.append(at_least(what, _RATIO, math.exp(float(np.mean(np.log(ratios)))), "x"))
    return found


def _ratio(runs: list[Run], task: Branched, rival: str, at: int) -> float | None:
    theirs, ours = quartiles(runs, task.task, rival, at), quartiles(runs, task.task, "our gp", at)
    if theirs is None or ours is None:
        return None
    return max(theirs[1], TIE * task.span) / max(ours[1], TIE * task.span)


def of_timing(taken: Mapping[str, Mapping[int, float]] | Milliseconds) -> list[Budget]:
    """Return the aims on the time of a suggestion."""
    ours, theirs = taken.get("our gp", {}), taken.get("Optuna GP", {})
    found = [
        at_most(f"gp, a suggestion after {n} results", most, ours[n], " ms") for n, most in _MS.items() if n in ours
    ]
    both = [n for n in ours if n in theirs]
    if both:
        worst = max(ours[n] / theirs[n] for n in both)
        found.append(at_most(f"gp's time beside Optuna GP's, the worst of {len(both)} lengths", 1.0, worst, "x"))
    return found
