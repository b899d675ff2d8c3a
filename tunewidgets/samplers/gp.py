"""Bayesian optimisation: a Gaussian process of what was seen says where to look next."""

import math
from dataclasses import asdict, dataclass
from typing import Any, Literal, get_args

import numpy as np

from tunewidgets.errors import StrategyError
from tunewidgets.history import Data, Event, Started
from tunewidgets.samplers.base import Suggestion
from tunewidgets.samplers.gp_round import Aim, Round, View
from tunewidgets.samplers.observations import Observations
from tunewidgets.samplers.threads import one_thread
from tunewidgets.space import Space
from tunewidgets.surrogate.warp import FAMILIES

Acquisition = Literal["log_ei", "ei", "pi", "lcb", "ucb", "thompson"]

_INITIAL, _INITIAL_CONDITIONAL = 6, 10


@dataclass(frozen=True, slots=True)
class GP:
    """Fit a Gaussian process to the results and try where an acquisition function is largest.

    Parameters
    ----------
    acquisition : {"log_ei", "ei", "pi", "lcb", "ucb", "thompson"}
        What is maximised. With the posterior mean m and standard deviation s at a configuration, the least posterior
        mean f at those with results, and z = (f - m - xi) / s, all for values that are minimised, transformed and
        standardised:

        - ``"log_ei"``: the logarithm of the expected improvement, which has the same maximum and does not vanish;
        - ``"ei"``: the expected improvement (f - m - xi) Phi(z) + s phi(z);
        - ``"pi"``: the probability of improvement Phi(z);
        - ``"lcb"`` (or ``"ucb"``, the same with the direction turned round): beta s - m;
        - ``"thompson"``: a draw of the function from the joint posterior is minimised.

        With several goals it is the expected hypervolume improvement (up to three goals), or the acquisition of a
        mixture of the goals with weights drawn anew for every trial. Constraints multiply an improvement, or the
        probability of one, by the probability that they hold, and add the logarithm of that to a bound or a draw;
        before anything feasible was seen, that probability is maximised.
    xi : float
        What an improvement must exceed to count, in standard deviations of the results; larger explores more.
    beta : float
        The weight of the standard deviation in the confidence bound; larger explores more.
    initial : int or None
        How many configurations are spread over the space before the first model; 6 unless given, 10 where parameters
        are active under conditions.
    transform : {"auto", "none", "log", "power", "rank"}
        How values are transformed before they are modelled; "auto" takes the likeliest.
    random_fraction : float
        Which share is drawn at random where there are results at several budgets: low ones may mislead the model. 1/3
        as in Falkner, Klein, Hutter: BOHB, ICML 2018.

    Raises
    ------
    StrategyError
        If a setting is none of these.

    Notes
    -----
    The kernel is a sum of Matern-5/2 terms: one over the parameters that are always active, and one for each branch of
    conditional ones. Hyperparameters maximise likelihood times prior; fits begin from the last one, which is found in
    the notes of the trials. A failed trial counts as the worst value seen, also where it failed after a promotion; a
    running one is taken to turn out as predicted. Past 1,000 results it is fitted to the best, the newest and some of
    the others.

    Under a schedule with several budgets the results at all of them are modelled together, with the budget's logarithm
    as one more coordinate, and what is looked for is an improvement at the highest budget with at least three results;
    see :mod:`tunewidgets.samplers.gp_budgets`.

    Where results of one goal repeat others before them, as those of metrics do that can take few values, an improvement
    is multiplied by the probability that the result is a new one (but for looks into other branches); see
    :mod:`tunewidgets.samplers.gp_plateaus`.

    Where nothing is left to gain anywhere, the model is taken to be three times as unsure as it says: it may know the
    surroundings of a local minimum only, and to polish that further is of no use.

    In a conditional space, where the expected improvement has become negligible, two of three trials look into other
    branches and try to improve on what is best there, and all of them once nothing is left to gain: a branch that only
    looked good at first does not take it all.

    The small default of `initial` follows Bossek, Doerr, Kerschke: Initial design strategies and their effects on
    sequential model-based optimization, GECCO 2020, where models that begin early do best; conditional spaces have
    more to see before anything can be compared. The default of `beta` is the usual two standard deviations.

    References
    ----------
    Snoek, Larochelle, Adams: Practical Bayesian optimization of machine learning algorithms, NIPS 2012; Frazier: A
    tutorial on Bayesian optimization, 2018; Ament, Daulton, Eriksson, Balandat, Bakshy: Unexpected improvements to
    expected improvement, NeurIPS 2023.

    Examples
    --------
    >>> GP(acquisition="lcb", beta=3.0).to_json()["beta"]
    3.0
    """

    acquisition: Acquisition = "log_ei"
    xi: float = 0.0
    beta: float = 2.0
    initial: int | None = None
    transform: Literal["auto", "none", "log", "power", "rank"] = "auto"
    random_fraction: float = 1 / 3

    def __post_init__(self) -> None:
        _check_word("acquisition", self.acquisition, get_args(Acquisition))
        _check_word("transform", self.transform, ("auto", *FAMILIES))
        for name in ("xi", "beta", "random_fraction"):
            value = getattr(self, name)
            if isinstance(value, bool) or not isinstance(value, int | float) or not 0.0 <= value < math.inf:
                raise StrategyError(f"{name} must be a number of at least 0, not {value!r}")
        if self.random_fraction > 1.0:
            raise StrategyError(f"random_fraction must be a share from 0 to 1, not {self.random_fraction!r}")
        if self.initial is not None and (
            isinstance(self.initial, bool) or not isinstance(self.initial, int) or self.initial < 1
        ):
            raise StrategyError(f"initial must be an integer of at least 1, or None, not {self.initial!r}")

    def begin(self) -> "GPProposer":
        """Return an empty proposer."""
        return GPProposer(self)

    def to_json(self) -> dict[str, Any]:
        """Return the settings as JSON."""
        return {"name": "gp", **asdict(self)}


class GPProposer:
    """What a Gaussian-process search must remember: the observations, the design's index, the last fit."""

    def __init__(self, settings: GP) -> None:
        self._settings = settings
        self._seen = Observations()
        self._next = 0
        self._warm: Data = {}
        self._view: View | None = None

    def apply(self, event: Event) -> None:
        """Take note of an event."""
        self._seen.apply(event)
        if isinstance(event, Started) and event.origin == "sampler":
            self._next = max(self._next, int(event.notes.get("design", -1)) + 1)
            self._warm = event.notes.get("model", self._warm)

    def suggest(self, space: Space, rng: np.random.Generator, n: int = 1) -> list[Suggestion]:
        """Return up to `n` configurations that were not tried, each chosen as if those before it were running."""
        if not len(space):  # one configuration, and nothing to model
            return [] if self._seen.configs else [Suggestion({}, {"kind": "gp", "rest": True})]
        if self._view is None or self._view.cube.space is not space:
            self._view = View(space, self._seen)
        settings = self._settings
        initial = settings.initial or (_INITIAL_CONDITIONAL if self._view.cube.layout.conditional else _INITIAL)
        aim = Aim(
            settings.acquisition, settings.xi, settings.beta, settings.transform, initial, settings.random_fraction
        )
        with one_thread():
            return Round(aim, self._view, self._seen, self._next, self._warm).suggestions(rng, n)


def _check_word(name: str, value: Any, words: tuple[str, ...]) -> None:
    if value not in words:
        raise StrategyError(f"{name} must be one of {', '.join(map(repr, words))}, not {value!r}")
