"""The grammar of ``%tune``: a line to what was asked; nothing is evaluated, names are looked up by whoever asked."""

import argparse
import shlex
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any, NoReturn

from tunewidgets.errors import StrategyError

DIRECTORY = "tune_runs"
VERBS = ("list", "attach", "pause", "resume", "stop", "best")

_HELP = """\
%tune TARGET [options]      start a search over TARGET and show its dashboard
%tune list                  the searches there are
%tune attach [NAME]         show a search again, also after a kernel restart
%tune pause | resume | stop [NAME] [--now]
%tune best [NAME]           the best configuration

TARGET is a name in the notebook: build_model(hp) as for Keras Tuner, f(config), f(trial), an estimator or an objective.
Without NAME the verbs mean the search that was handled last. In a fresh kernel pause, resume and stop mean the only one
that is not at rest, and ask where there are several; the others mean the one changed last.
"""


@dataclass(frozen=True, slots=True)
class Line:
    """What a line asks for: a verb with perhaps a search's name, or a target; or the text of the help."""

    verb: str | None
    target: str | None
    options: Any
    help: str = ""


class _Parser(argparse.ArgumentParser):
    """Raises instead of ending the process, and names the nearest option for a typo."""

    def error(self, message: str) -> NoReturn:
        if message.startswith("unrecognized arguments: "):
            unknown = message.removeprefix("unrecognized arguments: ").split()[0]
            message = self._unknown(unknown) if unknown.startswith("-") else f"{unknown!r} is one word too many"
        raise StrategyError(f"{message}; %tune --help lists what there is")

    def _unknown(self, option: str) -> str:
        near = get_close_matches(option, self._option_string_actions, 1)
        return f"there is no option {option}" + (f"; did you mean {near[0]}?" if near else "")


def parse(line: str) -> Line:
    """Read a line.

    Raises
    ------
    StrategyError
        If an option is unknown, lacks its value or has a wrong one; the message names it and the cure.

    Examples
    --------
    >>> asked = parse("build_model --data x y --strategy hyperband --max-epochs 9")
    >>> asked.target, asked.options.data, asked.options.max_budget
    ('build_model', ['x', 'y'], 9)
    """
    try:
        words = shlex.split(line)
    except ValueError as error:
        raise StrategyError(f"the line cannot be read: {error}; every quote needs its end") from error
    verb = words[0] if words and words[0] in VERBS else None
    parser = _verb_parser(verb) if verb else _start_parser()
    rest = words[1:] if verb else words
    if not words or "--help" in rest or "-h" in rest:
        return Line(verb, None, None, parser.format_help() if verb else f"{_HELP}\n{parser.format_help()}")
    options = parser.parse_args(rest)
    return Line(verb, options.target, options)


def _verb_parser(verb: str) -> _Parser:
    parser = _Parser(prog=f"%tune {verb}", add_help=False, allow_abbrev=False)
    parser.add_argument("target", nargs="?", metavar="NAME", help="which search; by default the one handled last")
    parser.add_argument("--directory", default=DIRECTORY, help="where searches live (tune_runs)")
    parser.add_argument("--trust", action="store_true", help="run code from a folder that others could have written")
    if verb == "stop":
        parser.add_argument("--now", action="store_true", help="end running legs at once")
    return parser


def _start_parser() -> _Parser:
    parser = _Parser(prog="%tune", add_help=False, allow_abbrev=False, usage=argparse.SUPPRESS)
    parser.add_argument("target", metavar="TARGET", help="what is tuned")
    _what(parser.add_argument_group("what"))
    _how(parser.add_argument_group("how"))
    _where(parser.add_argument_group("where and when"))
    return parser


def _what(group: argparse._ArgumentGroup) -> None:
    group.add_argument("--data", nargs="+", action="extend", default=[], metavar="NAME", help="x and y, by their names")
    group.add_argument("--space", metavar="NAME", help="a tw.Space; a builder brings its own")
    group.add_argument(
        "--objective",
        nargs="+",
        action="extend",
        metavar="METRIC",
        help="what is optimised, such as val_accuracy; several: trade-offs",
    )
    group.add_argument(
        "--direction",
        nargs="+",
        action="extend",
        choices=("min", "max"),
        help="which values are better, where the name does not say",
    )
    group.add_argument(
        "--constraint",
        nargs="+",
        action="extend",
        type=_bound,
        metavar="METRIC=BOUND",
        help="what must stay at or below a bound",
    )
    group.add_argument("--epochs", type=int, help="for schedule full: how long every trial trains")
    group.add_argument("--batch-size", type=int)
    group.add_argument(
        "--validation-split", type=float, help="share of the data to validate on (0.2 for a val_ metric)"
    )
    group.add_argument("--validation-data", nargs=2, metavar="NAME", help="x and y to validate on")
    group.add_argument("--callbacks", metavar="NAME", help="a list of Keras callbacks")
    group.add_argument("--cv", type=int, default=5, help="folds, for an estimator (5)")


def _how(group: argparse._ArgumentGroup) -> None:
    group.add_argument("--strategy", help="bayesian, tpe, evolution, random, hyperband, asha, bohb and more (bayesian)")
    group.add_argument("--sampler", help="what to try next: gp, tpe, evolution, nsga2, cmaes, random, grid, sobol ...")
    group.add_argument("--schedule", help="how long to train it: full, successive_halving, hyperband, asha, median ...")
    group.add_argument(
        "--max-epochs", "--max-budget", dest="max_budget", type=int, help="how far the best trials train"
    )
    group.add_argument("--min-budget", type=int, help="of successive_halving and asha: the first rung")
    group.add_argument("--configurations", type=int, help="of successive_halving: how many start")
    group.add_argument("--factor", type=int, help="the best 1/factor of a rung go on (3)")
    group.add_argument("--iterations", type=int, help="of hyperband: how many passes (1)")
    group.add_argument("--arithmetic", help="of hyperband: algorithm1, printed or keras_tuner")
    group.add_argument("--variant", help="of asha: promotion or stopping")
    group.add_argument("--brackets", type=int, help="of asha: how many ladders side by side (1)")
    group.add_argument("--steps", type=int, help="of patience: how long to wait for an improvement")
    group.add_argument("--min-delta", type=float, help="of patience: what counts as one (more than 0)")
    group.add_argument("--warmup", type=int, help="of median: no trial is stopped before (0)")
    group.add_argument("--least", type=int, help="of median: how many others must have come as far (5)")
    group.add_argument("--trials", type=int, help="the most configurations")
    group.add_argument(
        "--warm-start", nargs="+", action="extend", metavar="NAME", help="earlier searches, or tables of known results"
    )
    group.add_argument("--seed", type=int)


def _where(group: argparse._ArgumentGroup) -> None:
    group.add_argument("--workers", type=_workers, default="auto", help="how many trials run at once (one a core)")
    group.add_argument("--timeout", type=float, metavar="SECONDS", help="start nothing new after so long")
    group.add_argument("--trial-timeout", type=float, metavar="SECONDS", help="end a leg that takes longer")
    group.add_argument("--target", dest="target_value", type=float, metavar="VALUE", help="enough when it is reached")
    group.add_argument("--no-improvement", type=int, metavar="TRIALS", help="enough after so many without a better one")
    group.add_argument("--total-budget", type=int, metavar="N", help="enough when all have trained so long together")
    group.add_argument("--name", help="the search's name (TARGET's)")
    group.add_argument("--directory", default=DIRECTORY, help="where searches live (tune_runs)")
    group.add_argument("--if-exists", choices=("attach", "replace", "new"), default="attach")
    group.add_argument("--wait", action="store_true", help="return when the search has come to rest")


def _bound(text: str) -> tuple[str, float]:
    metric, _, bound = text.rpartition("=")
    try:
        return metric, float(bound)
    except ValueError:
        raise argparse.ArgumentTypeError(f"expected METRIC=BOUND such as latency_ms=20, not {text!r}") from None


def _workers(text: str) -> int | str:
    if text != "auto" and not text.lstrip("-").isdecimal():
        raise argparse.ArgumentTypeError(f"expected a number or 'auto', not {text!r}")
    return text if text == "auto" else int(text)
