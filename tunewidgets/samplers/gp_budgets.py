"""Which budgets a Gaussian process learns from, and how far apart they are.

Under a schedule most results are those of low budgets, where trials were compared and dropped. A model of the highest
budget alone would know little; one of the lowest would be of the wrong thing. So all are modelled together, with the
budget as one more coordinate: how much a low budget tells of the highest is learned as every other length scale is, and
what is asked for is the result at the highest budget that has enough.

References
----------
Klein, Falkner, Bartels, Hennig, Hutter: Fast Bayesian optimization of machine learning hyperparameters on large
datasets, AISTATS 2017; Klein, Tiao, Lienart, Archambeau, Seeger: Model-based asynchronous hyperparameter and neural
architecture search, arXiv 2003.10865, 2020 (the model under ASHA).
"""

import math
from collections.abc import Collection

from tunewidgets.samplers.observations import Budget

_APART = 2.0  # budgets nearer than this factor to one that is modelled tell little more than that one
_BEYOND = 3.0  # an open-ended budget is taken to lie the usual factor between rungs beyond the others


def modelled(budgets: Collection[Budget], budget: Budget) -> dict[Budget, float]:
    """Return the budgets to be modelled, and where each one lies on a logarithmic scale.

    Modelled are the one asked for and others at least a factor of 2 apart: a schedule that compares trials at every
    step would otherwise give every trial as many results as it has steps.

    Parameters
    ----------
    budgets : collection of int or None
        Those at which there are results, `budget` among them; None stands for training to the end.
    budget : int or None
        The one asked for.

    Returns
    -------
    dict of int or None to float
        The budgets in ascending order, the lowest at 0 and the highest at 1; one alone lies at 1.

    Examples
    --------
    >>> {budget: round(place, 2) for budget, place in modelled([1, 2, 3, 9, 10, 27], 9).items()}
    {2: 0.0, 9: 0.58, 27: 1.0}
    >>> modelled([5, None], None)
    {5: 0.0, None: 1.0}
    """
    sizes = _sizes(budgets)
    kept = {budget: sizes[budget]}
    for downwards in (True, False):
        last = sizes[budget]
        for other, size in sorted(sizes.items(), key=lambda item: item[1], reverse=downwards):
            if (last / size if downwards else size / last) >= _APART:
                kept[other] = last = size
    return _placed(kept)


def _sizes(budgets: Collection[Budget]) -> dict[Budget, float]:
    finite = [budget for budget in budgets if budget is not None]
    beyond = _BEYOND * max(finite, default=1)
    return {budget: beyond if budget is None else float(budget) for budget in budgets}


def _placed(sizes: dict[Budget, float]) -> dict[Budget, float]:
    ascending = dict(sorted(sizes.items(), key=lambda item: item[1]))
    low, high = min(ascending.values()), max(ascending.values())
    if low == high:
        return dict.fromkeys(ascending, 1.0)
    return {budget: math.log(size / low) / math.log(high / low) for budget, size in ascending.items()}
