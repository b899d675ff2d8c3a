"""What is steered where clicks are tried: a trial that reports, one that never does, and one that fails at first."""

NETWORK = """
import time

def network(trial):
    if trial.config["kind"] == "deaf":
        time.sleep(600)
    if trial.config["kind"] == "broken" and trial.attempt == 1:
        raise OSError("the disk was full")
    for step in trial.steps():
        time.sleep(0.05)
        trial.report(step, 1 - 1 / step)
"""
