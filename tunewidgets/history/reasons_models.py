"""Sentences about surrogates: Gaussian processes, Parzen estimators, covariance matrices."""

import math
from collections.abc import Callable, Sequence

from tunewidgets.history.events import Data
from tunewidgets.history.words import amount, number

_MOST_PLACES, _LARGE = 6, 1e7  # digits behind the point, and from where numbers are written with an exponent

SAY: dict[str, Callable[[Data, str], str]] = {}

# --- Gaussian processes ----------------------------------------------------------------------------------------------


def _gp(r: Data, unit: str) -> str:
    if "design" in r:
        return _gp_design(r)
    if r.get("rest"):
        return "one of the last configurations that were not tried"
    if "random" in r:
        return f"drawn at random, as {r['random']:.0%} are: low budgets may mislead the model"
    parts = [_gp_score(r)]
    if "feasible" in r and r["acquisition"] != "feasibility":
        parts.append(f"feasible with probability {r['feasible']:.2g}")
    if "new" in r:
        parts.append(f"repeats no result beside it with probability {r['new']:.2f}")
    if r.get("far"):
        parts.append(f"far from all tried in {_listed(r['far'])}")
    if r.get("budget") is not None:
        results = "1 result" if r["results"] == 1 else f"{r['results']} results"
        others = f" and {r['others']} at other budgets" if r.get("others") else ""
        parts.append(f"from {results} at {amount(r['budget'], unit)}{others}")
    if "thinned" in r:
        parts.append(f"fitted to {r['thinned']} of {r['results']} results")
    return "; ".join(parts)


def _gp_design(r: Data) -> str:
    if r.get("waiting"):
        return "spread over the space while the model waits for results"
    return f"one of the first {r['of']}, spread over the space before the model begins"


def _gp_score(r: Data) -> str:
    if r["acquisition"] == "feasibility":
        hope = f"feasible with probability {r['feasible']:.2g}, and nothing tried was"
        return f"{hope}: {_gp_predicted(r)}" if "mean" in r else hope
    if r["acquisition"] == "branch":
        branch = " and ".join(f"{name}={value!r}" for name, value in r["branch"].items())
        return (
            f"another look at {branch}, as little is left to gain in the best branch: "
            f"{_gp_predicted(r)}, best there {number(r['branch_best'])}, best so far {number(r['best'])}"
        )
    if r["acquisition"] == "parego":
        mixture = ", ".join(f"{weight:.2g} {goal}" for weight, goal in zip(r["weights"], r["goals"], strict=True))
        return f"best for a mixture of the goals ({mixture})"
    steps = f" in steps of {number(r['step'])}" if "step" in r else ""
    best = f", best so far {number(r['best'])}{steps}" if "best" in r else ""
    if r["acquisition"] == "doubt":
        unsure = f"if the model is {r['doubt']:g} times as unsure as it says, as it sees nothing to gain anywhere"
        return f"EI {r['score']:.2g} {unsure}: {_gp_predicted(r)}{best}"
    score = {
        "log_ei": "EI {:.2g}",
        "ei": "EI {:.2g}",
        "pi": "PI {:.2g}",
        "lcb": "LCB {:.4g}",
        "ucb": "UCB {:.4g}",
        "thompson": "a draw of the model says {:.4g}",
        "ehvi": "EHVI {:.2g}",
    }[r["acquisition"]].format(r["score"])
    return f"{score}: {_gp_predicted(r)}{best}"


def _gp_predicted(r: Data) -> str:
    if "goals" not in r:
        return f"predicted {_band(r['mean'], r['sd'])}"
    bands = zip(r["goals"], r["mean"], r["sd"], strict=True)
    return "predicted " + _listed([f"{goal} {_band(mean, sd)}" for goal, mean, sd in bands])


def _band(mean: float, sd: float) -> str:
    """Return a value with its uncertainty, both to the second digit of the uncertainty."""
    places = max(0, 1 - math.floor(math.log10(sd))) if 0.0 < sd < _LARGE else _MOST_PLACES + 1
    if places <= _MOST_PLACES and abs(mean) < _LARGE:
        return f"{mean:.{places}f} \N{PLUS-MINUS SIGN} {sd:.{places}f}"
    return f"{mean:.4g} \N{PLUS-MINUS SIGN} {sd:.2g}"


def _listed(words: Sequence[str]) -> str:
    return " and ".join([", ".join(words[:-1]), words[-1]]) if len(words) > 1 else str(words[0])


SAY |= {"gp": _gp}


# --- Parzen estimators -----------------------------------------------------------------------------------------------


def _tpe(r: Data, unit: str) -> str:
    if "startup" in r:
        return _tpe_startup(r)
    if "random" in r:
        return f"drawn at random, as {r['random']:.0%} are: low budgets may mislead the model"
    parts = [f"{_times(r['ratio'])} as likely {_tpe_good(r)} as {_tpe_bad(r)}"]
    if r["budgets"] > 1:
        parts.append(
            f"from the results at {amount(r['budget'], unit)}" if r["budget"] else "from the results at the end"
        )
    if "thinned" in r:
        parts.append(f"judged by {r['thinned']:,} of the others")
    return ", ".join(parts)


def _tpe_startup(r: Data) -> str:
    if r["startup"] < r["of"]:
        return f"one of the first {r['of']}, spread over the space before the model begins"
    return f"drawn at random: the model begins with {r['of']} results"


def _tpe_good(r: Data) -> str:
    if r["goals"] > 1:
        return f"among the {r['good']} that come nearest to the front"
    among = f"among the best {r['good']}" if r["good"] > 1 else "around the best one"
    if r["threshold"] is None:
        return f"{among} ({'not all of which keep the constraints' if r['good'] > 1 else 'which breaks a constraint'})"
    return f"{among} (value at {'most' if r['direction'] == 'min' else 'least'} {number(float(r['threshold']))})"


def _tpe_bad(r: Data) -> str:
    return f"among the other {r['bad']:,}" if r["bad"] else "anywhere in the space"


def _times(ratio: float) -> str:
    """Return how many times, to two digits: '3.2 times', 'over 10,000 times'."""
    if ratio > 10_000:  # noqa: PLR2004 - beyond, the digits say nothing
        return "over 10,000 times"
    return f"{ratio:,.0f} times" if ratio >= 10 else f"{ratio:.2g} times"  # noqa: PLR2004 - two digits


SAY |= {"tpe": _tpe}
