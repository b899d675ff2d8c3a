"""Which cards a search's dashboard has, where nobody has said: those that will have something to show, under tabs."""

from collections.abc import Mapping, Sequence

_LADDERS = ("successive_halving", "hyperband", "asha")
_BREEDERS = ("evolution", "genetic", "nsga2")


def usual_tabs(sampler: str, schedule: str, goals: int) -> Mapping[str, Sequence[str]]:
    """Return cards by tab.

    Parameters
    ----------
    sampler, schedule : str
        Their names.
    goals : int
        How many goals there are.

    Returns
    -------
    mapping of str to sequence of str

    Examples
    --------
    >>> usual_tabs("gp", "full", 1)["Overview"]
    ('trials', 'curves', 'table')
    """
    ladder = ("brackets",) if schedule in _LADDERS else ()
    trade = ("pareto",) if goals > 1 else ()
    bred = {"Population": ("population",)} if sampler in _BREEDERS else {}
    return {
        "Overview": ("trials", "curves", *ladder, *trade, "table"),
        "Surrogate": ("surrogate", "effects"),
        "Parameters": ("parallel", "importance"),
        **bred,
        "Workers": ("timeline",),
    }
