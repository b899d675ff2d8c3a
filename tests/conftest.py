"""What all tests share."""

import os
import sys
from pathlib import Path

# Before NumPy is imported: on a busy machine a matrix of any size takes far longer with several threads than with one.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

from hypothesis import HealthCheck, settings

HERE = str(Path(__file__).parent)
if HERE not in sys.path:  # so that any test finds the helpers that stand beside this file, such as `histories`
    sys.path.insert(0, HERE)

# The gate is the same every time, and a busy machine, or tables made at a first use, fail no law.
settings.register_profile("gate", derandomize=True, deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("gate")
