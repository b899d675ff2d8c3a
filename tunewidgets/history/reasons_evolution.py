"""Sentences about evolution: who descends from whom, what was changed, and which cloud of points a point comes from."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from tunewidgets.history.events import Data
from tunewidgets.history.words import number

_MOST = 4  # of forty parameters that changed, a sentence names so many


def _lineage(r: Data, _unit: str) -> str:
    if not r["parents"]:
        return _drawn(r)
    between = "; " if len(r["parents"]) > 1 else ", "  # what comes from one of two is a list of its own
    return (
        f"child of {_parents(r['parents'])}{_fronts(r)}: {between.join([*_inherited(r), *_mutated(r)]) or 'as it was'}"
    )


def _drawn(r: Data) -> str:
    if r["phase"] == "left":
        return "drawn at random from what is left: all children that came up were tried before"
    if r["number"] < r["population"]:
        return f"one of the first {r['population']}, drawn before the evolution begins"
    results = f"{r['results']} result" if r["results"] == 1 else f"{r['results']} results"
    return f"drawn at random: {results} so far, the evolution begins with {r['population']}"


def _parents(parents: Sequence[int]) -> str:
    trials = [f"{trial}" for trial in parents if trial >= 0]
    known = [f"{-trial}" for trial in parents if trial < 0]
    words = []
    if trials:
        words.append(f"{'trials' if len(trials) > 1 else 'trial'} {' and '.join(trials)}")
    if known:
        words.append(f"{'results' if len(known) > 1 else 'result'} {' and '.join(known)} known before")
    return " and ".join(words)


def _fronts(r: Data) -> str:
    if r["kind"] != "nsga2":
        return ""
    fronts = list(dict.fromkeys(r["ranks"]))
    return f" of {'fronts' if len(fronts) > 1 else 'front'} {' and '.join(map(str, fronts))}"


def _inherited(r: Data) -> list[str]:
    taken: Mapping[str, Sequence[str]] = r.get("taken", {})
    parts = [f"{_list(names)} from {_short(int(parent))}" for parent, names in taken.items() if names]
    if r.get("between"):
        parts.append(f"{_list(r['between'])} from both")
    return parts


def _mutated(r: Data) -> list[str]:
    word = "mutated " if len(r["parents"]) > 1 else ""
    changes = [f"{name} {number(old)} → {number(new)}" for name, (old, new) in r["changed"].items()]
    parts = [f"{word}{_list(changes)}"] if changes else []
    if r.get("gained"):
        parts.append(f"with {_list([f'{name} {number(value)}' for name, value in r['gained'].items()])}")
    if r.get("lost"):
        parts.append(f"without {_list(r['lost'])}")
    return parts


def _short(parent: int) -> str:
    return str(parent) if parent >= 0 else f"known {-parent}"


def _list(words: Sequence[Any]) -> str:
    shown = [str(word) for word in words[:_MOST]]
    return ", ".join([*shown, f"{len(words) - _MOST} more"] if len(words) > _MOST else shown)


def _cmaes(r: Data, _unit: str) -> str:
    if r["phase"] == "left":
        return "drawn at random from what is left: all points that came up were tried before"
    again = f", restart {r['restart']}" if r["restart"] else ""
    point = f"point {r['point']} of {r['population']}"
    if r["point"] > r["population"]:
        point = f"point {r['point']}, while results of the {r['population']} are still to come"
    centre = _list([f"{name} {number(value)}" for name, value in r["centre"].items()])
    return f"generation {r['generation']}{again}, {point}: step size {r['sigma']:.2g} around {centre}"


SAY: dict[str, Callable[[Data, str], str]] = {
    "evolution": _lineage,
    "genetic": _lineage,
    "nsga2": _lineage,
    "cmaes": _cmaes,
}
