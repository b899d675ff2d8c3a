"""How good the quickstart's result is, over ten seeds: the held-out accuracy of the model that it ends with."""

import time
from pathlib import Path

import tunewidgets as tw
from benchmarks.digits import Digits, build_model, load_digits
from benchmarks.places import scratch
from benchmarks.record import Result, Spread, Table, at_least

LEAST = 0.95


def run(*, quick: bool) -> Result:
    """Search once for each seed, one search after another, and evaluate each best model."""
    max_epochs, seeds = (2, 1) if quick else (9, 10)
    data = load_digits()
    found, seconds = [], []
    for seed in range(1, seeds + 1):
        with scratch() as folder:
            began = time.monotonic()
            search = _searched(data, folder, seed, max_epochs)
            seconds.append(time.monotonic() - began)
            _, accuracy = search.best_model().evaluate(data.x_test, data.y_test, verbose=0)
            found.append(float(accuracy))
    return _result(found, seconds, max_epochs)


def _searched(data: Digits, folder: Path, seed: int, max_epochs: int) -> tw.Search:
    objective = tw.KerasObjective(build_model, data.x_train, data.y_train, validation_split=0.2)
    return tw.tune(
        objective, objective="val_accuracy", strategy=tw.Hyperband(max_epochs=max_epochs), workers=2, seed=seed,
        name="quickstart", directory=folder, show=False,
    ).wait(300)  # fmt: skip


def _result(found: list[float], seconds: list[float], max_epochs: int) -> Result:
    spread, taken = Spread.of(found), Spread.of(seconds)
    row = (spread.text(4), f"{min(found):.4f}", f"{max(found):.4f}", taken.text())
    return Result(
        title="The quickstart's accuracy",
        how=f"The search of the quickstart (Hyperband, at most {max_epochs} epochs, two workers, a fifth of 1,437 "
        f"digits for validation) with seeds 1 to {len(found)}; its best model is evaluated on the 360 digits held out.",
        tables=(Table(("test accuracy, median (quartiles)", "lowest", "highest", "seconds a search"), (row,)),),
        budgets=(at_least("test accuracy, median", LEAST, spread.median),),
        raw={"test accuracy": found, "search, s": seconds},
    )
