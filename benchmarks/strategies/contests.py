"""Who is compared with whom, on which tasks, after how many evaluations, and what is to be reached."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from benchmarks.strategies.kept import Run
from benchmarks.strategies.knobs import Kind
from benchmarks.strategies.statistics import Difference, Ranking, cells, ranking
from benchmarks.strategies.tasks import LCBENCH

Aim = Literal["ahead", "not behind", "level"]
_WANTED: Mapping[Aim, frozenset[str]] = {
    "ahead": frozenset({"ahead"}),
    "not behind": frozenset({"ahead", "level"}),
    "level": frozenset({"level"}),
}

OURS = "our "
"""What stands before the names of our methods wherever they meet others."""

_COVERED = 0.8


@dataclass(frozen=True, slots=True, eq=False)
class Contest:
    """One of our methods beside others.

    Attributes
    ----------
    title : str
        A heading.
    ours : str
        Our method, with `OURS` before its name.
    rivals : tuple of str
        Those that the aim is about.
    aim : {"ahead", "not behind", "level"}
        "ahead": the interval of the difference of mean ranks lies below 0. "not behind": it does not lie above 0.
        "level": it holds 0.
    at : mapping of kind to tuple of int
        The kinds of tasks, and the checkpoints of each.
    others : tuple of str
        Shown and ranked beside them.
    only : tuple of str
        Of each kind these tasks only; all, where there are none.
    group : str
        Of the contests of one group it is enough that one reaches the aim.
    """

    title: str
    ours: str
    rivals: tuple[str, ...]
    aim: Aim
    at: Mapping[Kind, tuple[int, ...]]
    others: tuple[str, ...] = ()
    only: tuple[str, ...] = ()
    group: str = ""


_SHORT: Mapping[Kind, tuple[int, ...]] = {"numeric": (25, 40, 50), "tables": (25, 40, 50), "conditional": (25, 40, 50)}
_LONG: Mapping[Kind, tuple[int, ...]] = {
    "numeric": (25, 50, 100),
    "tables": (25, 50, 100),
    "conditional": (25, 50, 100),
    "nas": (50, 100, 200),
}
_MIDDLE: Mapping[Kind, tuple[int, ...]] = {"numeric": (50,), "tables": (50,), "conditional": (50,), "nas": (100,)}
_COSTS: Mapping[Kind, tuple[int, ...]] = {"fidelity": (10, 20, 40)}
_OPTUNA = tuple(f"Optuna {ladder} + {sampler}" for ladder in ("halving", "Hyperband") for sampler in ("random", "tpe"))
_SYNE_TUNE = ("syne-tune ASHA", "syne-tune Hyperband", "syne-tune BOHB")
LADDERS = ("hyperband", "asha (promotion)", "asha (stopping)")

CONTESTS = (
    Contest(
        "gp beside the peers' models",
        "our gp",
        ("Optuna GP", "scikit-optimize GP", "Optuna TPE"),
        "ahead",
        _SHORT,
        ("Keras Tuner BO", "random"),
    ),
    Contest("tpe beside Optuna's", "our tpe", ("Optuna TPE",), "not behind", _LONG, ("random",)),
    Contest(
        "evolution beside syne-tune's",
        "our evolution",
        ("syne-tune evolution",),
        "not behind",
        {"nas": (100, 200)},
        ("our genetic", "Optuna TPE", "random"),
    ),
    *(
        Contest(
            f"{ladder} beside the peers' ladders",
            f"our {ladder} + random",
            (*_OPTUNA, *_SYNE_TUNE),
            "not behind",
            _COSTS,
        )
        for ladder in LADDERS
    ),
    *(
        Contest(
            f"{ladder} + {model} beside its halves",
            f"our {ladder} + {model}",
            (f"our {model}, full", f"our {ladder} + random"),
            "ahead",
            _COSTS,
            only=LCBENCH,
            group="a model under a ladder beside the model alone and the ladder over random",
        )
        for ladder in LADDERS
        for model in ("tpe", "gp")
    ),
    Contest("random beside random, a check on the harness", "our random", ("random",), "level", _MIDDLE),
)


@dataclass(frozen=True, slots=True)
class Standing:
    """A contest on one kind of tasks at one checkpoint.

    Attributes
    ----------
    contest : Contest
        Which.
    kind, at
        Where.
    ours : Ranking
        Of those that have run everything.
    rows : tuple
        For each of the others: name, mean rank, difference, and on how many seeds.
    """

    contest: Contest
    kind: Kind
    at: int
    ours: Ranking
    rows: tuple[tuple[str, float, Difference, int], ...]

    @property
    def reached(self) -> bool:
        """Whether the aim is reached against every rival that has run."""
        rivals = [row for row in self.rows if row[0] in self.contest.rivals]
        return bool(rivals) and all(difference.verdict in _WANTED[self.contest.aim] for _, _, difference, _ in rivals)


def standing(contest: Contest, kind: Kind, at: int, runs: Iterable[Run], spans: Mapping[str, float]) -> Standing | None:
    """Return how a contest stands; None where ours, or all the others, have not run.

    Methods that have few runs only, because they are slow, are ranked by themselves among the others on these few.
    """
    chosen = [run for run in runs if not contest.only or run.task in contest.only]
    counts = {
        name: sum(run.method == name and at in run.regrets for run in chosen)
        for name in (contest.ours, *contest.rivals, *contest.others)
    }
    there = [name for name, count in counts.items() if count]
    if contest.ours not in there or len(there) == 1:
        return None
    # Ours, or others, may have more seeds where something is wanted more exactly: what is ranked is what all have run.
    enough = _COVERED * min(counts[contest.ours], max(counts[name] for name in there[1:]))
    whole = [name for name in there if name == contest.ours or counts[name] >= enough]
    main = ranking(cells(chosen, whole, at), whole, spans)
    rows = []
    for name in there[1:]:
        methods = whole if name in whole else [*whole, name]
        found = main if name in whole else ranking(cells(chosen, methods, at), methods, spans)
        if found is not None:
            rows.append(_row(found, methods, name))
    return None if main is None or not rows else Standing(contest, kind, at, main, tuple(rows))


def _row(found: Ranking, methods: Sequence[str], name: str) -> tuple[str, float, Difference, int]:
    place = methods.index(name)
    return name, found.ranks[place], found.differences[place - 1], found.seeds
