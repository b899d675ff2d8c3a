"""The page ``docs/strategies.md``."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.record import Budget, Result, Table
from benchmarks.strategies import aims, figures, tables
from benchmarks.strategies.aims import Branched
from benchmarks.strategies.contests import CONTESTS, Contest, Standing, standing
from benchmarks.strategies.kept import Run
from benchmarks.strategies.knobs import KINDS, Kind
from benchmarks.strategies.statistics import RESAMPLES
from benchmarks.strategies.tasks import names

_HOW = f"""\
# Samplers and schedules beside their peers

`make bench-strategies` computes our regrets anew, sets them beside those of the peers, and writes this page. A regret
depends on version, task and seed alone (but for the last digits of a processor's arithmetic, which a model may take
another way from), so the peers' are computed once (`--peers`) and kept in the files `strategies-peers-*.csv`; ours are
in `strategies-ours-*.csv`. Everybody runs with one worker and with the package's defaults; syne-tune's evolution has a
population of 10 and samples of 3, which suit so few evaluations better than its defaults do, and all ladders begin at
one epoch.

**What counts.** After so many evaluations: the regret of the best configuration so far, that is its distance to the
best value known. On fidelity tasks the cost is the sum of all epochs trained, in full trainings; what goes on from a
checkpoint pays for its new epochs only. The incumbent is the best of those that have reached the highest budget
that anyone has reached, by their values there, and the regret is that of its value at the full budget.

**Ranks.** In each pair of task and seed the methods of one table are ranked, 1 for the best; regrets below a thousandth
of the task's range (from the best value known to the median of 1,000 random configurations) are all the same, and
equal ones share their ranks. Mean ranks are over the tasks of a kind, each counting the same. The intervals of 95 % are
of the paired difference, ours minus theirs, by {RESAMPLES:,} bootstrap draws of the seeds of each task. "Ahead" means
that the whole interval lies below 0, "behind" that it lies above. A method with few seeds is ranked on these alone.

**Tasks.** The conditional tasks `mirage` and `orchard` were made for this page: in `mirage` a wrong branch looks
good at first, and `orchard` is nested two levels deep. The BBOB functions are the first of each of the suite's five
groups (1, 6, 10, 15, 20), in five dimensions, instance 1, so that nobody has picked. Axes of a table that are numbers
in an order are given to Optuna and scikit-optimize by their position, so that they know the order as we do.
"""

_RANKS = "Our mean ranks minus the peers'"


@dataclass(frozen=True, slots=True)
class Findings:
    """All that the page is made of.

    Attributes
    ----------
    runs : mapping of kind to sequence of Run
        Ours, with "our " before the methods' names, and the peers'.
    spans : mapping of kind to mapping of task to float
        The tasks' ranges.
    branched : sequence of Branched
        The conditional tasks.
    timing : mapping of method to mapping of int to float
        Milliseconds for a suggestion.
    """

    runs: Mapping[Kind, Sequence[Run]]
    spans: Mapping[Kind, Mapping[str, float]]
    branched: Sequence[Branched]
    timing: Mapping[str, Mapping[int, float]]


def write(folder: Path, found: Findings, note: str) -> list[Budget]:
    """Write the page and its figures; return what was to be reached.

    Parameters
    ----------
    folder : Path
        Where.
    found : Findings
        What.
    note : str
        How it was taken: machine, versions, seeds.
    """
    stands = _standings(found)
    reached = _aims(found, stands)
    every = [each for rows in stands.values() for each in rows]
    parts = [_HOW, f"*{note}*\n", "## Aims\n", render(_aim_table(reached))]
    if every:
        last = [rows[-1] for rows in stands.values()]
        parts.append(figures.write(folder, "ranks", figures.of_ranks(last), _RANKS))
    parts += ["## Mean ranks\n", *_contests(stands)]
    parts += [
        "## Wrong branches\n",
        render(tables.of_branches(_of(found, "conditional"), found.branched, _methods(_of(found, "conditional")))),
    ]
    parts += _timing(folder, found)
    parts += _medians(found)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "strategies.md").write_text("\n".join(parts), encoding="utf-8")
    return reached


def result(reached: Sequence[Budget]) -> Result:
    """Return what stands on the page of all benchmarks: the aims, the figure, and where the rest is."""
    how = (
        "Regrets of our samplers and schedules beside those of their peers, as mean ranks over the tasks of a kind "
        "with paired bootstrap intervals of 95 % (left of 0 ours is better); how it was taken, the mean ranks after "
        "other numbers of evaluations, the medians with their quartiles and the time for a suggestion are in "
        f"[strategies.md](strategies.md).\n\n![{_RANKS}](strategies-ranks.svg)\n\n"
        "([The same as a Plotly figure](strategies-ranks.json))"
    )
    return Result("Samplers and schedules beside their peers", how, (), tuple(reached), {})


def _standings(found: Findings) -> dict[tuple[Contest, Kind], list[Standing]]:
    stands: dict[tuple[Contest, Kind], list[Standing]] = {}
    for contest in CONTESTS:
        for kind, checkpoints in contest.at.items():
            each = [standing(contest, kind, at, _of(found, kind), found.spans.get(kind, {})) for at in checkpoints]
            if rows := [one for one in each if one is not None]:
                stands[contest, kind] = rows
    return stands


def _aims(found: Findings, stands: Mapping[tuple[Contest, Kind], Sequence[Standing]]) -> list[Budget]:
    conditional = _of(found, "conditional")
    every = [each for rows in stands.values() for each in rows if _is_aim(each)]
    reached = [aims.of_standing(each) for each in every if not each.contest.group]
    groups: dict[tuple[str, Kind, int], list[Standing]] = {}
    for each in every:
        if each.contest.group:
            groups.setdefault((each.contest.group, each.kind, each.at), []).append(each)
    reached += [aims.of_group(members) for members in groups.values()]
    reached += aims.of_conditional(conditional, found.branched, ("Optuna GP", "Optuna TPE"), 50)
    return [*reached, *aims.of_branches(conditional, found.branched, "our gp"), *aims.of_timing(found.timing)]


def _is_aim(stands: Standing) -> bool:
    """Whether a rival has run at that checkpoint; 40 is there for Keras Tuner's sake alone."""
    there = {row[0] for row in stands.rows}
    extra = stands.kind != "fidelity" and stands.at == 40  # noqa: PLR2004 - the checkpoint named above
    return not extra and any(name in there for name in stands.contest.rivals)


def _contests(stands: Mapping[tuple[Contest, Kind], Sequence[Standing]]) -> list[str]:
    parts, title = [], ""
    for (contest, kind), rows in stands.items():
        if contest.title != title:
            title = contest.title
            parts.append(f"### {_heading(title)}\n")
        main = rows[0].ours
        parts.append(f"{kind}: {len(main.tasks)} tasks ({', '.join(main.tasks)}), {main.seeds} seeds at least.\n")
        parts.append(render(tables.of_contest(rows)))
    return parts


def _timing(folder: Path, found: Findings) -> list[str]:
    if not found.timing:
        return []
    how = (
        "Six numbers, one thread, ours and Optuna's in turn in one run, warm: the median of five suggestions. From 100 "
        "results on gp fits its hyperparameters anew with 5 % more results only; a suggestion with such a fit takes up "
        "to four times as long, and one where nothing is left to gain up to twice.\n"
    )
    drawn = figures.write(folder, "timing", figures.of_timing(found.timing), "Milliseconds for a suggestion")
    return ["## Time for a suggestion\n", how, render(tables.of_timing(found.timing)), drawn]


def _medians(found: Findings) -> list[str]:
    parts = ["## Median regrets\n\nWith the quartiles in brackets.\n"]
    for kind in KINDS:
        runs = _of(found, kind)
        made = tables.of_medians(runs, kind, names(kind), _methods(runs))
        if made:
            parts.append(f"### {kind[0].upper()}{kind[1:]}\n")
            parts += [render(each) for each in made]
    return parts


def _of(found: Findings, kind: Kind) -> Sequence[Run]:
    return found.runs.get(kind, ())


def _methods(runs: Sequence[Run]) -> list[str]:
    """Return the methods that have run, ours first."""
    there = dict.fromkeys(run.method for run in runs)
    return sorted(there, key=lambda name: (not name.startswith("our "), name))


def _aim_table(reached: Sequence[Budget]) -> Table:
    rows = tuple((each.what, each.wanted, each.found, "✓" if each.held else "✗ **not reached**") for each in reached)
    return Table(("what", "aim", "found", ""), rows)


def render(table: Table) -> str:
    """Return a table in Markdown."""
    head = f"| {' | '.join(table.columns)} |\n|{' --- |' * len(table.columns)}\n"
    return head + "".join(f"| {' | '.join(row)} |\n" for row in table.rows)


def _heading(title: str) -> str:
    """Return a title with its first word as a heading has it: names that are initials in capitals."""
    first, _, rest = title.partition(" ")
    return f"{first.upper() if first in ('gp', 'tpe', 'asha') else first.capitalize()} {rest}"
