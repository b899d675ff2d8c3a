"""Checks that several schedules share, with one wording each."""

from tunewidgets.errors import StrategyError


def check_at_least(name: str, value: int | None, least: int) -> None:
    """Refuse a setting that is no integer or too small; None passes.

    Raises
    ------
    StrategyError
        Naming the setting, what came and what was expected.
    """
    if value is None:
        return
    if isinstance(value, bool) or not isinstance(value, int) or value < least:
        raise StrategyError(f"{name} must be an integer of at least {least}, not {value!r}")


def budget_of(max_budget: int | None, max_epochs: int | None) -> int | None:
    """Return the largest budget under either of its two names.

    Raises
    ------
    StrategyError
        If both names are given and differ, or the budget is not a positive integer.
    """
    if max_budget is not None and max_epochs is not None and max_budget != max_epochs:
        raise StrategyError(f"max_epochs is another name of max_budget: give one of {max_epochs!r} and {max_budget!r}")
    budget = max_budget if max_budget is not None else max_epochs
    check_at_least("max_budget", budget, 1)
    return budget


def need_budget(schedule: str, max_budget: int | None, unit: str) -> int:
    """Return the objective's largest budget.

    Raises
    ------
    StrategyError
        If it knows none.
    """
    if max_budget is None:
        raise StrategyError(
            f"{schedule} needs the largest budget of one trial in {unit}s, and the objective does not know it: "
            f"give schedule=tw.{schedule}(max_budget=27), or --max-epochs 27"
        )
    return max_budget
