"""The base class of everything that can be tuned, and the contract that it keeps.

An objective is made in the notebook, checked there, sent to trial processes and run in them, leg by leg::

    objective = FunctionObjective(f)
    objective.check()                       # refuses bad input before anything starts
    objective.check_space(space)
    folder = payload.dump(objective, ...)   # from here on in a process of its own
    value = objective.run(trial)            # one leg: reports through `trial`, or returns a value
    objective.met()                         # what was met in that leg and is new
    objective.model(trial_folder, config, seed)   # later: the trained model of a finished trial
"""

from abc import ABC, abstractmethod
from pathlib import Path
from typing import Any, Self

from tunewidgets.history import NOTHING, Config, Data, Direction
from tunewidgets.objectives.trial import LiveTrial
from tunewidgets.space import Space


class Objective(ABC):
    """What is tuned: it trains under a configuration as far as a budget allows, and says how good that is.

    Subclasses implement `run` and `model`, and set what they know as attributes, of the class or of the instance.

    Attributes
    ----------
    unit : str
        What one unit of the budget is called: "step", "epoch", "sample", "tree", "evaluation".
    max_budget : int or None
        The largest budget that makes sense, where the objective knows it.
    reports : bool
        Whether it reports below its budget or can be given small budgets, so that schedules with rungs can use it.
    metric : str or None
        The name of its value, where it is known without being told.
    direction : {"min", "max"} or None
        Which values are better, where it is known without being told.
    preload : tuple of str
        Top-level modules worth importing once before trial processes are forked.
    """

    unit: str = "step"
    max_budget: int | None = None
    reports: bool = False
    metric: str | None = None
    direction: Direction | None = None
    preload: tuple[str, ...] = ()

    def with_metric(self, metric: str, direction: Direction) -> "Objective | Self":  # noqa: ARG002 - for subclasses
        """Return this objective, with that one of its metrics as its value; by default it has only the one."""
        return self

    def space(self) -> Space | None:
        """Return the objective's own space, or None where the user gives it."""
        return None

    def check(self) -> None:  # noqa: B027 - an objective without input to refuse keeps it
        """Refuse bad input, before anything starts.

        Raises
        ------
        ObjectiveError
            The message says what was expected, what came, and the cure.
        """

    def check_space(self, space: Space) -> None:  # noqa: B027 - most objectives take any space
        """Refuse a space that the objective cannot be tuned over.

        Parameters
        ----------
        space : Space
            What is to be searched.

        Raises
        ------
        ObjectiveError
            A parameter means nothing to the objective.
        """

    @abstractmethod
    def run(self, trial: LiveTrial) -> float | None:
        """Run one leg, in the trial's own process.

        Parameters
        ----------
        trial : LiveTrial
            The leg: its configuration, its budget, and where reports go.

        Returns
        -------
        float or None
            The value, where nothing was reported; None where the reports say it.

        Raises
        ------
        LegEnd
            A report was answered with the end of the leg; whoever runs the leg counts it as returned.
        Exception
            Whatever the user's code raises: it fails this trial.
        """

    def met(self) -> Data:
        """Return the parameters that the last leg asked for and that the space did not know, as JSON by name."""
        return NOTHING

    @abstractmethod
    def model(self, trial_folder: Path, config: Config, seed: int) -> Any:
        """Return the trained model of a finished trial.

        Parameters
        ----------
        trial_folder : Path
            The trial's folder, with what its legs saved.
        config : mapping
            The trial's configuration.
        seed : int
            The trial's seed.

        Raises
        ------
        ObjectiveError
            There is none; the message says what a trial must do so that there is.
        """
