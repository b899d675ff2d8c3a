"""``compare``: searches beside each other on one axis, and what may be said of them."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal

from tunewidgets.analysis.compare import Compared, Field, compare_methods
from tunewidgets.analysis.courses import COSTS, Cost, course
from tunewidgets.errors import StrategyError
from tunewidgets.history import Opened
from tunewidgets.search import Search

if TYPE_CHECKING:
    import pandas as pd
    import plotly.graph_objects as go

_FEWEST = 2


class Comparison:
    """Methods beside each other, as they stood when `compare` was called: what `compare` returns.

    At the end of a notebook's cell it shows its picture, its verdict and its table, which a saved notebook keeps.

    Parameters
    ----------
    field : Field
        The methods' courses.
    cost : {"trials", "budget", "time"}
        What they are charged for.
    units : sequence of str
        What one unit of the budget is called, in any of the searches.
    """

    def __init__(self, field: Field, cost: Cost, units: Sequence[str]) -> None:
        self._field, self._units = field, tuple(units)
        self._record = compare_methods(field, _checked_cost(cost, units))

    @property
    def record(self) -> Compared:
        """Everything that was found, as a frozen record."""
        return self._record

    @property
    def verdict(self) -> str:
        """A sentence that says which method wins, by which test, or why none does."""
        return self._record.verdict

    @property
    def winner(self) -> str | None:
        """The method that is better than each of the others by the test; None where there is none."""
        return self._record.winner

    @property
    def table(self) -> "pd.DataFrame":
        """One row a method.

        Columns: method, seeds (how many searches), median, lower and upper (quartiles of the best values at the common
        cost), cost (the common one), mean_rank (among the methods, 1 is the best) and verdict.
        """
        import pandas as pd  # noqa: PLC0415 - heavy: imported where first used

        rows = [
            {
                "method": method.name,
                "seeds": len(method.finals),
                "median": method.median,
                "lower": method.lower,
                "upper": method.upper,
                "cost": self._record.at,
                "mean_rank": method.mean_rank,
                "verdict": method.verdict,
            }
            for method in self._record.methods
        ]
        return pd.DataFrame(rows)

    def by(self, cost: Cost) -> "Comparison":
        """Return the same searches, charged for something else: "trials", "budget" or "time".

        Raises
        ------
        StrategyError
            If there is no such cost, or the searches' budgets have different units.
        """
        return Comparison(self._field, cost, self._units)

    def figure(self, cost: Cost | None = None, theme: Literal["light", "dark"] = "light") -> "go.Figure":
        """Return the figure: the median of each method's best values against cost, with the quartiles over its seeds.

        Parameters
        ----------
        cost : {"trials", "budget", "time"}, optional
            What lies across; by default what methods were charged for.
        theme : {"light", "dark"}
            What it will stand on.

        Raises
        ------
        StrategyError
            As for `by`.
        """
        import plotly.graph_objects as go  # noqa: PLC0415 - heavy

        from tunewidgets.figures.compare import draw_comparison  # noqa: PLC0415 - only who draws needs it
        from tunewidgets.figures.theme import themed  # noqa: PLC0415 - see above

        record = self._record if cost is None else self.by(cost).record
        return go.Figure(themed(draw_comparison(record), theme))

    def _repr_html_(self) -> str:
        from tunewidgets.figures.compare import comparison_html  # noqa: PLC0415 - only notebooks need it

        return comparison_html(self._record)

    def __repr__(self) -> str:
        rows = (f"{each.name} {each.median:.4g}" for each in self._record.methods)
        return f"median {self._field.metric}: {', '.join(rows)}\n{self.verdict}"


def compare(*searches: Any, names: Sequence[str] | None = None, cost: Cost = "trials") -> Comparison:
    """Compare methods by the best value that each finds for the same cost.

    Parameters
    ----------
    searches : Search, list of Search, or one mapping
        Two methods or more. A search by itself is a method with one seed; the searches of a list are seeds of one
        method; a mapping has names of methods, and for each a search or a list of them. Searches may still be running:
        what they have found so far counts.
    names : sequence of str, optional
        The methods' names, where they are not a mapping's. Unless given, a search goes by its own name, and a list by
        its strategy's.
    cost : {"trials", "budget", "time"}
        What methods are charged for: trials that have come to rest, the budget they have trained in the objective's
        unit, or seconds at work (pauses left out).

    Returns
    -------
    Comparison
        Its ``figure()``, ``table``, ``verdict`` and ``winner``.

    Raises
    ------
    StrategyError
        If there are fewer than two methods, one is no search or stands there twice, names do not fit, or the searches
        do not pursue the same: another metric, direction or rule for a trial's value, several goals, or, with
        ``cost="budget"``, budgets in other units.

    Notes
    -----
    All are compared at the largest cost that all searches have reached; lines go on as far as all searches of their
    method have come. Where every method has one search of each of the same seeds (``tune(seed=1)``), seeds are paired
    and the test is Wilcoxon's signed-rank test; else it is that of Mann and Whitney. Probabilities are corrected by
    Holm's method for the number of pairs of methods. A method wins if it is better than each of the others at the level
    of 5 %; where so few seeds could not show that, the verdict says so.

    Examples
    --------
    >>> tw.compare({"gp": [gp1, gp2, gp3], "random": [random1, random2, random3]}, cost="budget")   # doctest: +SKIP
    """
    methods = _methods(searches, names)
    everyone = [search for group in methods.values() for search in group]
    _check_once(everyone)
    opened = {search.name: search.history.opened for search in everyone}
    goal = _checked_goal([(name, each) for name, each in opened.items() if each is not None])
    units = list(dict.fromkeys(each.unit for each in opened.values() if each is not None)) or ["step"]
    courses = {name: tuple(course(search.history) for search in group) for name, group in methods.items()}
    return Comparison(Field(*goal, units[0], courses), cost, units)


# --- what was given ------------------------------------------------------------------------------------------------


def _methods(given: Sequence[Any], names: Sequence[str] | None) -> dict[str, list[Search]]:
    if len(given) == 1 and isinstance(given[0], Mapping):
        if names is not None:
            raise StrategyError("names are those of the mapping already: leave names=... out")
        pairs = [(str(name), _group(group)) for name, group in given[0].items()]
    else:
        groups = [_group(group) for group in given]
        pairs = list(zip(_checked_names(names, len(groups)) or map(_name, groups), groups, strict=True))
    if len(pairs) < _FEWEST:
        raise StrategyError(
            f"compare needs two methods or more, and {len(pairs)} came: tw.compare(search1, search2), or "
            'tw.compare({"gp": [search1, search2], "random": [search3, search4]})'
        )
    for name, times in Counter(name for name, _ in pairs).items():
        if times > 1:
            raise StrategyError(f"{times} methods are called {name!r}: give each a name of its own, names=[...]")
    return dict(pairs)


def _group(given: Any) -> list[Search]:
    group = list(given) if isinstance(given, list | tuple) else [given]
    for each in group:
        if not isinstance(each, Search):
            raise StrategyError(
                f"compare takes searches, lists of searches, or one mapping from names to them, not {each!r}; "
                'tw.attach("name") returns a search by its name'
            )
    if not group:
        raise StrategyError("a method has no search: leave its empty list out")
    return group


def _checked_names(names: Sequence[str] | None, methods: int) -> list[str] | None:
    if names is None:
        return None
    if isinstance(names, str) or len(names) != methods:
        raise StrategyError(f"names must be a list of {methods} names, one for each method, not {names!r}")
    return [str(name) for name in names]


def _name(group: Sequence[Search]) -> str:
    """Return a name for a method: that of its search; of several with the same strategy, the strategy's."""
    strategies = {_words(search) for search in group}
    return strategies.pop() if len(group) > 1 and len(strategies) == 1 else group[0].name


def _words(search: Search) -> str:
    strategy = search.strategy
    sampler, schedule = (str(dial.to_json()["name"]) for dial in (strategy.sampler, strategy.schedule))
    return sampler if schedule == "full" else f"{sampler} + {schedule}"


def _check_once(everyone: Sequence[Search]) -> None:
    for folder, times in Counter(search.folder for search in everyone).items():
        if times > 1:
            raise StrategyError(f"the search {folder.name!r} is given {times} times: one search counts once")


def _checked_cost(cost: Any, units: Sequence[str]) -> Cost:
    if cost not in COSTS:
        raise StrategyError(f"cost must be one of {', '.join(map(repr, COSTS))}, not {cost!r}")
    if cost == "budget" and len(units) > 1:
        raise StrategyError(
            f"budgets in {' and '.join(f'{unit}s' for unit in units)} cannot be compared: take cost='trials' or "
            "cost='time'"
        )
    found: Cost = cost
    return found


def _checked_goal(opened: Sequence[tuple[str, Opened]]) -> tuple[str, Literal["min", "max"]]:
    """Return the metric and the direction that all searches share."""
    for name, each in opened:
        if len(each.goals) > 1:
            raise StrategyError(
                f"the search {name!r} has {len(each.goals)} goals, and compare looks at one value: compare searches "
                "with one goal; search.figure('pareto') shows the trade-offs of one with several"
            )
    _check_same(opened, "metric", lambda each: each.goals[0].metric, "give tune the same objective=... in each")
    _check_same(opened, "direction", lambda each: each.goals[0].direction, "give tune the same direction=... in each")
    _check_same(opened, "value rule", lambda each: each.value, "compare searches whose values are made in the same way")
    goals = [each.goals[0] for _, each in opened]
    return (goals[0].metric, goals[0].direction) if goals else ("value", "min")


def _check_same(opened: Iterable[tuple[str, Opened]], what: str, of: Callable[[Opened], str], cure: str) -> None:
    first: dict[str, str] = {}
    for name, each in opened:
        first.setdefault(of(each), name)
    if len(first) > 1:
        told = " and ".join(f"{value!r} ({name})" for value, name in list(first.items())[:2])
        raise StrategyError(f"searches to compare must share their {what}, and these have {told}: {cure}")
