"""Legs in processes of their own: forked from a zygote or spawned, watched, timed and ended."""

from tunewidgets.runner.process.executor import Preflight, ProcessExecutor
from tunewidgets.runner.process.leftovers import kill_leftovers

__all__ = ["Preflight", "ProcessExecutor", "kill_leftovers"]
