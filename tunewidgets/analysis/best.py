"""The best trial: why there is none."""

from tunewidgets.history import History, amount


def why_no_best(history: History) -> str:
    """Say why a search has no best trial.

    Returns
    -------
    str
        Such as ``'none of 20 completed trials keeps latency_ms <= 20, or reports it'``, without a full stop; empty
        where there is one.

    Examples
    --------
    >>> why_no_best(History())
    'no trial has come to a value yet'
    """
    if history.incumbent is not None:
        return ""
    completed, constraints = history.counts.get("completed", 0), history.opened.constraints if history.opened else ()
    if completed and constraints:
        bounds = " and ".join(f"{each.metric} <= {each.bound:g}" for each in constraints)
        return f"none of {amount(completed, 'completed trial')} keeps {bounds}, or reports it"
    return "no trial has come to a value yet"
