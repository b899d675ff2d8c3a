"""Which budgets a Gaussian process learns from, and how far apart they are.

Under a schedule most results are those of low budgets, where trials were compared and dropped. A model of the highest
budget alone would know little; one of the lowest would be of the wrong thing. So all are modelled together, with the
budget as one more coordinate: how much a low budget tells of the highest is learned as every other length scale is, and
what is asked for is the result at the highest budget that has a few.

References
----------
Klein, Falkner, Bartels, Hennig, Hutter: Fast Bayesian optimization of machine learning hyperparameters on large
datasets, AISTATS 2017; Klein, Tiao, Lienart, Archambeau, Seeger: Model-based asynchronous hyperparameter and neural
architecture search, arXiv 2003.10865, 2020 (the model under ASHA).
"""

import math
from collections.abc import Collection

from tunewidgets.samplers.observations import Budget

_MOST = 8  # a schedule that compares trials at every step would give each as many results as it has steps
_BEYOND = 3.0  # an open-ended budget is taken to lie the usual factor between rungs beyond the others


def chosen(budgets: Collection[Budget], budget: Budget) -> list[Budget]:
    """Return the budgets to be modelled: all, or where there are many the one asked for and 8 others, evenly spread.

    Parameters
    ----------
    budgets : collection of int or None
        Those at which there are results, `budget` among them; None stands for training to the end.
    budget : int or None
        The one asked for.

    Returns
    -------
    list of int or None
        The highest first.

    Examples
    --------
    >>> chosen([1, 3, 9], 9)
    [9, 3, 1]
    >>> chosen(range(1, 100), 50)
    [99, 51, 50, 27, 14, 7, 4, 2, 1]
    """
    sizes = _sizes(budgets)
    if len(sizes) > _MOST:
        low, high = min(sizes.values()), max(sizes.values())
        evenly = [low * (high / low) ** (place / (_MOST - 1)) for place in range(_MOST)]
        kept = {min(sizes, key=lambda each: abs(math.log(sizes[each] / size))) for size in evenly} | {budget}
        sizes = {each: sizes[each] for each in kept}
    return sorted(sizes, key=lambda each: -sizes[each])


def heights_of(budgets: Collection[Budget]) -> dict[Budget, float]:
    """Return where budgets lie on a logarithmic scale, in ascending order.

    Examples
    --------
    >>> heights_of([9, 3, 1])
    {1: 0.0, 3: 0.5, 9: 1.0}
    >>> heights_of([5, None]), heights_of([5])
    ({5: 0.0, None: 1.0}, {5: 1.0})
    """
    ascending = dict(sorted(_sizes(budgets).items(), key=lambda item: item[1]))
    low, high = min(ascending.values()), max(ascending.values())
    if low == high:
        return dict.fromkeys(ascending, 1.0)
    return {budget: math.log(size / low) / math.log(high / low) for budget, size in ascending.items()}


def _sizes(budgets: Collection[Budget]) -> dict[Budget, float]:
    finite = [budget for budget in budgets if budget is not None]
    beyond = _BEYOND * max(finite, default=1)
    return {budget: beyond if budget is None else float(budget) for budget in budgets}
