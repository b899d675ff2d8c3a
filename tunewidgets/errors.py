"""Every error that tunewidgets raises on purpose.

The tree::

    TuneError
    ├── SpaceError          a parameter, a condition, a space or a configuration is not valid   (also a ValueError)
    ├── StrategyError       a sampler, a schedule or a limit cannot work as asked                (also a ValueError)
    ├── ObjectiveError      what is to be tuned, or its data, cannot be used
    │   └── PayloadError    it cannot be sent to another process
    ├── StoreError          a search's folder cannot be written, read or trusted
    │   └── LockedError     another coordinator works in that folder
    ├── SearchExists        a search of that name is there already and differs from the one asked for
    ├── SearchNotFound      no search of that name is there                                      (also a LookupError)
    └── SearchFailed        a search ended without doing its work; raised by ``Search.wait``

A message says what was expected, what came, and the cure, in that order where it can.
"""


class TuneError(Exception):
    """The root: ``except tw.TuneError`` catches whatever this library raises on purpose."""


class SpaceError(TuneError, ValueError):
    """A parameter, a condition, a space or a configuration is not valid."""


class StrategyError(TuneError, ValueError):
    """A sampler, a schedule or a limit cannot work as asked."""


class ObjectiveError(TuneError):
    """What is to be tuned, or its data, cannot be used."""


class PayloadError(ObjectiveError):
    """What is to be tuned cannot be sent to another process; the message names the culprit."""


class StoreError(TuneError):
    """A search's folder cannot be written, read or trusted."""


class LockedError(StoreError):
    """Another coordinator works in that folder."""


class SearchExists(TuneError):  # noqa: N818 - reads as the fact it states, like FileExistsError's cousin FileExists
    """A search of that name is there already and differs from the one asked for."""


class SearchNotFound(TuneError, LookupError):  # noqa: N818 - see SearchExists
    """No search of that name is there."""


class SearchFailed(TuneError):  # noqa: N818 - see SearchExists
    """A search ended without doing its work."""
