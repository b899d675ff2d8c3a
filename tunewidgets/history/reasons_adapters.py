"""Sentences about samplers of other libraries: who chose, and from how much."""

from collections.abc import Callable

from tunewidgets.history.events import Data
from tunewidgets.history.words import amount


def _foreign(library: str, key: str) -> Callable[[Data, str], str]:
    def say(reason: Data, unit: str) -> str:
        who = f"{library}'s {str(reason[key]).rpartition(':')[2]}"
        if reason.get("drawn"):
            return f"drawn at random from what is left: {who} came back to what was tried already"
        results = reason.get("results", 0)
        if not results:
            return f"chosen by {who}, before the first result"
        at = f" at {amount(reason['budget'], unit)}" if reason.get("budget") is not None else ""
        return f"chosen by {who} from {results} result{'' if results == 1 else 's'}{at}"

    return say


SAY: dict[str, Callable[[Data, str], str]] = {
    "optuna": _foreign("Optuna", "sampler"),
    "keras_tuner": _foreign("Keras Tuner", "oracle"),
}
