"""What all tests share."""

import sys
from pathlib import Path

HERE = str(Path(__file__).parent)
if HERE not in sys.path:  # so that any test finds the helpers that stand beside this file, such as `histories`
    sys.path.insert(0, HERE)
