"""What the halves of a search's handle stand on: its name, and what is known of it."""

from abc import ABC, abstractmethod

from tunewidgets.history import History
from tunewidgets.runner.spec import Spec
from tunewidgets.space import Space


class Handle(ABC):
    """What `tunewidgets.Search` gives to the halves of it that steer and that show."""

    _spec: Spec

    @property
    @abstractmethod
    def name(self) -> str:
        """The search's name."""

    @property
    @abstractmethod
    def history(self) -> History:
        """Everything that has happened, as far as it is committed."""

    @property
    @abstractmethod
    def space(self) -> Space:
        """What is searched."""
