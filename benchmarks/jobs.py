"""One whole job in a process of its own: a Hyperband search over the digits, by one library or the other.

``python -m benchmarks.jobs keras_tuner FOLDER MAX_EPOCHS ANSWER`` works in the folder and writes its figures to the
file ANSWER. Both libraries get the same builder, data, validation split, seed and arithmetic, and else their defaults.
"""

import json
import os
import sys
import time
from dataclasses import asdict, dataclass
from pathlib import Path

import psutil

from benchmarks.digits import build_model, load_digits

SEED = 1
SPLIT = 0.2
FACTOR = 3


@dataclass(frozen=True, slots=True)
class Job:
    """What a job took and gave.

    Attributes
    ----------
    imports : float
        Seconds from the process's start to the call that searches: imports and data.
    start_up : float
        Seconds from that call to the start of the first trial.
    search : float
        Seconds from that call to the search's end; `start_up` is in it.
    cpu : float
        Seconds of processor time, of this process and all that it has started.
    legs, epochs : int
        How many fits, and of how many epochs together.
    best : float
        The best validation accuracy of any trial.
    """

    imports: float
    start_up: float
    search: float
    cpu: float
    legs: int
    epochs: int
    best: float

    @property
    def whole(self) -> float:
        """Seconds from the process's start to the search's end."""
        return self.imports + self.search


def keras_tuner(folder: Path, max_epochs: int) -> Job:
    """Search with Keras Tuner, in this process."""
    import keras_tuner as kt  # noqa: PLC0415 - heavy, and to be measured

    data = load_digits()
    tuner = kt.Hyperband(
        build_model, objective="val_accuracy", max_epochs=max_epochs, factor=FACTOR, seed=SEED, directory=folder,
        project_name="job",
    )  # fmt: skip
    began = time.time()
    tuner.search(data.x_train, data.y_train, validation_split=SPLIT, verbose=0)
    ended = time.time()
    trials = tuner.oracle.trials.values()
    places = [trial.hyperparameters.values for trial in trials]
    return Job(
        imports=began - psutil.Process().create_time(),
        start_up=0.0,
        search=ended - began,
        cpu=_cpu_seconds(),
        legs=len(places),
        epochs=sum(place["tuner/epochs"] - place["tuner/initial_epoch"] for place in places),
        best=max(trial.score for trial in trials if trial.score is not None),
    )


def tunewidgets(folder: Path, max_epochs: int) -> Job:
    """Search with tunewidgets: two workers, a process for each leg, checkpoints; this process only waits."""
    import tunewidgets as tw  # noqa: PLC0415 - to be measured
    from tunewidgets.history import Reported  # noqa: PLC0415 - see above

    data = load_digits()
    objective = tw.KerasObjective(build_model, data.x_train, data.y_train, validation_split=SPLIT)
    strategy = tw.Hyperband(max_epochs=max_epochs, factor=FACTOR, arithmetic="keras_tuner")
    began = time.time()
    search = tw.tune(
        objective, objective="val_accuracy", strategy=strategy, workers=2, seed=SEED, name="job", directory=folder,
        show=False,
    )  # fmt: skip
    search.wait()
    ended = time.time()
    _reap()
    history = search.history
    return Job(
        imports=began - psutil.Process().create_time(),
        start_up=history[1].at - began,
        search=ended - began,
        cpu=_cpu_seconds(),
        legs=len(history.legs),
        epochs=sum(isinstance(event, Reported) for event in history),
        best=max(trial.value for trial in history.trials.values() if trial.value is not None),
    )


def _reap() -> None:
    """Wait for the coordinator's end: only then does the system tell what it and the legs have used."""
    while True:
        try:
            os.wait()
        except ChildProcessError:
            return


def _cpu_seconds() -> float:
    return sum(os.times()[:4])


JOBS = {"keras_tuner": keras_tuner, "tunewidgets": tunewidgets}

if __name__ == "__main__":
    library, place, epochs, answer = sys.argv[1:]
    Path(answer).write_text(json.dumps(asdict(JOBS[library](Path(place), int(epochs)))), encoding="utf-8")
