"""The child process of `space_of`: ``python -m tunewidgets.objectives.probe_child BUILDER ANSWER SECONDS``."""

import json
import pickle
import sys
from pathlib import Path
from typing import Any

from tunewidgets.errors import ObjectiveError
from tunewidgets.objectives.probe import probe


def main(given: Path, answer: Path, seconds: float) -> None:
    """Probe the builder in one file, and write what was found, or the error, to another.

    Parameters
    ----------
    given : Path
        The pickled builder.
    answer : Path
        Where the answer goes, as JSON.
    seconds : float
        How long to probe.
    """
    answer.write_text(json.dumps(_answer(given, seconds)), encoding="utf-8")


def _answer(given: Path, seconds: float) -> dict[str, Any]:
    try:
        builder = pickle.loads(given.read_bytes())
    except Exception as error:  # noqa: BLE001 - unpickling imports the user's modules, which may raise anything
        return {"error": f"The build function cannot be loaded in another process: {type(error).__name__}: {error}"}
    try:
        probed = probe(builder, seconds=seconds)
    except ObjectiveError as error:
        return {"error": str(error)}
    return {
        "space": probed.space.to_json(),
        "certain": probed.certain,
        "doubts": list(probed.doubts),
        "runs": probed.runs,
    }


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), float(sys.argv[3]))
