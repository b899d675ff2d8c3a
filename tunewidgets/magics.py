"""``%tune``: a search in one line of a notebook, or of an IPython terminal."""

import inspect
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from IPython.core.error import UsageError
from IPython.core.magic import Magics, line_magic, magics_class

from tunewidgets.analysis.best import why_no_best
from tunewidgets.errors import TuneError
from tunewidgets.finding import attach, awake, searches
from tunewidgets.magic_line import DIRECTORY, VERBS, Line, parse
from tunewidgets.objectives import KerasObjective, Objective, SklearnObjective
from tunewidgets.schedules import SCHEDULES, NoImprovement, StopRule, Target, TotalBudget
from tunewidgets.search import Search
from tunewidgets.space import Space
from tunewidgets.strategy import resolve_strategy
from tunewidgets.tuning import tune

_VALIDATION_SPLIT = 0.2


@magics_class
class TuneMagics(Magics):
    """The magic and what it remembers: the search it handled last."""

    def __init__(self, shell: Any) -> None:
        super().__init__(shell)
        self._last: tuple[str, str] | None = None

    @line_magic("tune")  # type: ignore[arg-type]  # IPython types it for functions without self
    def tune(self, line: str) -> Any:
        """Start a search, or look at and steer one; ``%tune --help`` lists the verbs and options."""
        try:
            asked = parse(line)
            if asked.help:
                print(asked.help)  # noqa: T201 - the user asked this cell to print it
                return None
            if asked.verb:
                return self._steer(asked)
            return self._remember(self._start(asked))
        except TuneError as error:
            raise UsageError(f"%tune: {error}") from error

    def _remember(self, search: Search) -> Search:
        self._last = (search.name, str(search.folder.parent))
        return search

    # --- the verbs -------------------------------------------------------------------------------------------------

    def _steer(self, asked: Line) -> Any:
        if asked.verb == "list":
            return searches(asked.options.directory)
        search = self._remember(self._find(asked))
        if asked.verb == "attach":
            return search
        if asked.verb == "best":
            return self._best(search)
        if asked.verb == "stop":
            search.stop(now=asked.options.now)
        else:
            {"pause": search.pause, "resume": search.resume}[str(asked.verb)]()
        print(f"{search.name}: {asked.verb} asked")  # noqa: T201 - the answer to this very cell
        return None

    def _find(self, asked: Line) -> Search:
        name, directory = asked.target, asked.options.directory
        if name is None and self._last is not None and _means(directory, self._last[1]):
            name, directory = self._last
        elif name is None and asked.verb in _STEERING:
            name = _only_one(str(asked.verb), directory)
        return attach(name, directory, trust=asked.options.trust, show=asked.verb == "attach")

    def _best(self, search: Search) -> Any:
        if search.best is None:
            print(f"{search.name}: {why_no_best(search.history)}")  # noqa: T201 - the answer to this very cell
            return None
        goal, best = search.history.goal, search.best
        print(f"{search.name}: {goal.metric} {best.value:.6g}, trial {best.number}")  # noqa: T201 - see above
        front = search.best_trials
        if len(search.history.opened.goals if search.history.opened else ()) > 1:
            print(  # noqa: T201 - see above
                f"{search.name}: that is by {goal.metric} alone; {len(front)} trials are beaten by none in all goals: "
                "search.best_trials"
            )
        return search.best_config

    # --- starting --------------------------------------------------------------------------------------------------

    def _start(self, asked: Line) -> Search:
        options = asked.options
        target = self._objective(self._variable(asked.target, "the target"), asked)
        space = None if options.space is None else self._variable(options.space, "--space")
        if space is not None and not isinstance(space, Space):
            raise UsageError(f"%tune: --space {options.space} must be a tw.Space, not {type(space).__name__}")
        strategy, dials = _dials(options)
        search = tune(
            target,
            space,
            strategy=strategy,
            **dials,
            objective=_one_or_all(options.objective),
            direction=_one_or_all(options.direction),
            constraints=dict(options.constraint or ()),
            stop_when=_rules(options),
            warm_start=self._earlier(options.warm_start),
            **{name: getattr(options, name) for name in _PASSED},
            show=True,
        )
        return search.wait() if options.wait else search

    def _objective(self, target: Any, asked: Line) -> Any:
        options = asked.options
        if len(options.data) > len(_DATA):
            raise UsageError(
                f"%tune: --data takes x and y, two names; {len(options.data)} came ({', '.join(options.data)}): "
                "what is validated on goes to --validation-data"
            )
        data = [self._variable(name, "--data") for name in options.data]
        if isinstance(target, Objective):
            return target
        if hasattr(target, "get_params") and hasattr(target, "fit") and not isinstance(target, type):
            if not data:
                raise UsageError(f"%tune: the estimator {asked.target!r} needs its data: add --data X y")
            return SklearnObjective(target, *data, cv=options.cv, scoring=_first(options.objective))
        if data or _takes_hp(target):
            if not data and not hasattr(target, "fit"):
                raise UsageError(f"%tune: {asked.target!r} builds a model, which needs its data: add --data x y")
            return KerasObjective(target, *data, **self._fit_arguments(options))
        return target

    def _earlier(self, names: list[str] | None) -> Any:
        """Return what earlier results are meant: the notebook's variables of those names, else searches."""
        namespace: dict[str, Any] = getattr(self.shell, "user_ns", {})
        return None if names is None else [namespace.get(name, name) for name in names]

    def _fit_arguments(self, options: Any) -> dict[str, Any]:
        fit: dict[str, Any] = {"epochs": options.epochs, "batch_size": options.batch_size}
        if options.callbacks is not None:
            fit["callbacks"] = self._variable(options.callbacks, "--callbacks")
        if options.validation_data:
            fit["validation_data"] = tuple(
                self._variable(name, "--validation-data") for name in options.validation_data
            )
        elif options.validation_split is not None:
            fit["validation_split"] = options.validation_split
        elif (_first(options.objective) or "val_loss").startswith("val_"):
            fit["validation_split"] = _VALIDATION_SPLIT
        return {name: value for name, value in fit.items() if value is not None}

    def _variable(self, name: str | None, what: str) -> Any:
        namespace: dict[str, Any] = getattr(self.shell, "user_ns", {})
        if name is None:
            raise UsageError(f"%tune: name what is to be tuned, or one of {', '.join(VERBS)}; see %tune --help")
        if name not in namespace:
            near = get_close_matches(name, [*VERBS, *(each for each in namespace if not each.startswith("_"))], 1)
            hint = f"; did you mean {near[0]!r}?" if near else ""
            raise UsageError(
                f"%tune: {what} names {name!r}, and the notebook has no such variable: run its cell first{hint}"
            )
        return namespace[name]


def _first(words: list[str] | None) -> str | None:
    return words[0] if words else None


def _one_or_all(words: list[str] | None) -> Any:
    return words[0] if words is not None and len(words) == 1 else words


def _rules(options: Any) -> list[StopRule]:
    """Return the rules that the line's options ask for."""
    given = ((Target, options.target_value), (NoImprovement, options.no_improvement))
    rules: list[StopRule] = [kind(value) for kind, value in given if value is not None]
    return rules if options.total_budget is None else [*rules, TotalBudget(options.total_budget)]


_STEERING = ("pause", "resume", "stop")
_DATA = ("x", "y")
_PASSED = (
    "trials", "timeout", "trial_timeout", "workers", "seed", "name", "directory", "if_exists",
)  # fmt: skip


def _means(directory: str, last: str) -> bool:
    """Whether a line's folder lets the search handled last be meant: its own, or none that the line names."""
    return directory == DIRECTORY or str(Path(directory).absolute()) == last


def _only_one(verb: str, directory: str) -> str | None:
    """Return the search that a verb without a name can only mean; None where all are at rest: the last one then."""
    names = awake(directory)
    if len(names) > 1:
        raise UsageError(
            f"%tune: {verb} which one? {len(names)} searches are not at rest: {', '.join(names)}; name it, as in "
            f"%tune {verb} {names[-1]}"
        )
    return names[0] if names else None


def _takes_hp(target: Any) -> bool:
    if hasattr(target, "build"):
        return True
    try:
        return "hp" in inspect.signature(target).parameters
    except (TypeError, ValueError):
        return False


def _dials(options: Any) -> tuple[str | None, dict[str, Any]]:
    """Return the strategy's name and the two dials, the schedule made with its own arguments where some were given."""
    names = (
        "max_budget", "factor", "iterations", "arithmetic", "configurations", "min_budget", "variant", "brackets",
        "steps", "min_delta", "warmup", "least",
    )  # fmt: skip
    settings = {name: getattr(options, name) for name in names if getattr(options, name) is not None}
    schedule = options.schedule
    if settings:  # of the schedule that was asked for; a name that there is not is told first
        if schedule not in SCHEDULES:
            schedule = resolve_strategy(options.strategy, options.sampler, schedule).schedule.to_json()["name"]
        else:
            resolve_strategy(options.strategy, options.sampler, None)
        schedule = _schedule(schedule, settings)
    return options.strategy, {"sampler": options.sampler, "schedule": schedule}


def _schedule(name: str, settings: dict[str, Any]) -> Any:
    foreign = [setting for setting in settings if not _has(name, setting)]
    if foreign:
        having = [other for other in SCHEDULES if all(_has(other, setting) for setting in settings)]
        cure = f"; choose --schedule {' or '.join(having)}" if having else ""
        options = ", ".join("--" + each.replace("_", "-") for each in foreign)
        raise UsageError(f"%tune: {name} has no setting {options}{cure}")
    if name == "patience" and "steps" not in settings:
        raise UsageError("%tune: patience needs --steps, how long to wait for an improvement, such as --steps 5")
    return SCHEDULES[name](**settings)


def _has(schedule: str, setting: str) -> bool:
    return setting in inspect.signature(SCHEDULES[schedule]).parameters
