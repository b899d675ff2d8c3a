"""Whether a notebook stays quick while its dashboard fits models: the latency of ``1+1`` beside live heavy cards."""

import time

from benchmarks.kernel import Kernel
from benchmarks.places import scratch
from benchmarks.record import Result, Spread, Table, at_most

MOST = 1.5
TRIALS = 500
PREPARE = """
import time
import tunewidgets as tw

def score(trial):
    time.sleep(0.0 if trial.number < {trials} else 0.5)
    config = trial.config
    return sum((config[name] - 0.3) ** 2 for name in "abcdef") + (config["kind"] == "slow")

space = tw.Space({{name: tw.Float(0.0, 1.0) for name in "abcdef"}}, kind=tw.Choice(["fast", "slow"]))
search = tw.tune(score, space, sampler="random", direction="min", trials=100_000, workers=2, seed=1, name="models",
                 show=False)
"""
THERE = "len(search.history.trials) > {trials}"
SHOW = """
board = search.dashboard({cards!r})
shown = board._repr_mimebundle_()
"""
ANSWERED = "board._publisher._drawing._heavy._known.get('surrogate') is not None"
HIDE = "board.close()"
STOP = "search.stop(now=True).wait(60)"


def run(*, quick: bool) -> Result:
    """Take turns: the same search without a dashboard, and with one whose models are fitted anew as results come."""
    rounds, seconds, trials = (1, 1.0, 20) if quick else (3, 12.0, TRIALS)
    without: list[float] = []
    beside: list[float] = []
    with scratch() as folder, Kernel(folder) as kernel:
        kernel.execute(PREPARE.format(trials=trials))
        kernel.until(THERE.format(trials=trials))
        for _ in range(rounds):
            without += kernel.latencies(seconds / 2)
            kernel.execute(SHOW.format(cards=["surrogate", "effects"]))
            kernel.until(ANSWERED)
            beside += kernel.latencies(seconds)
            kernel.execute(HIDE)
            time.sleep(1.0)
            without += kernel.latencies(seconds / 2)
        kernel.execute(STOP)
    return _result(without, beside, rounds, seconds, trials)


def _result(without: list[float], beside: list[float], rounds: int, seconds: float, trials: int) -> Result:
    samples = {"without a dashboard": without, "with Surrogate and Effects live": beside}
    found = {name: Spread.of([1000 * each for each in values]) for name, values in samples.items()}
    base, ratio = found["without a dashboard"].median, 0.0
    rows = []
    for name, spread in found.items():
        ratio = spread.median / base
        rows.append((name, spread.text(), f"{spread.p90:.1f}", f"{spread.n:,}", f"{ratio:.2f}x"))
    return Result(
        title="The kernel while a dashboard fits models",
        how=f"The time from sending `1+1` to the reply, in a kernel whose search has {trials:,} results over six "
        f"numbers and a category, and gets four more a second (trials sleep). Both cards are drawn by the helper "
        f"process, again and again as results come; messages go out as to a page that cannot answer. {rounds} rounds "
        f"of {seconds / 2:g} s without, {seconds:g} s with the dashboard, {seconds / 2:g} s without.",
        tables=(Table(("kernel", "median (quartiles), ms", "90 % below, ms", "requests", "beside"), tuple(rows)),),
        budgets=(at_most("median latency with models live beside without", MOST, ratio, "x"),),
        raw={"without, s": without, "beside, s": beside},
    )
