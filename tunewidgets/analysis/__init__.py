"""One question a file: from the history to a small frozen record (layer 4).

Nothing here draws, and nothing here knows how it will be shown: figures, tables, reports and tests read the same
records.
"""

from tunewidgets.analysis.agreement import Agreement, RungAgreement, rung_agreement
from tunewidgets.analysis.brackets import Bracket, Brackets, Member, Outcome, Rung, actual_plan, bracket_ladders
from tunewidgets.analysis.brush import inside
from tunewidgets.analysis.curves import Curve, Curves, learning_curves
from tunewidgets.analysis.parallel import Axis, Parallel, parallel_lines
from tunewidgets.analysis.progress import Best, Progress, search_progress
from tunewidgets.analysis.table import Row, Table, ranked, trial_table
from tunewidgets.analysis.trials import Improvement, TrialPoint, Trials, trial_values

__all__ = [
    "Agreement", "Axis", "Best", "Bracket", "Brackets", "Curve", "Curves", "Improvement", "Member", "Outcome",
    "Parallel", "Progress", "Row", "Rung", "RungAgreement", "Table", "TrialPoint", "Trials", "actual_plan",
    "bracket_ladders", "inside", "learning_curves", "parallel_lines", "ranked", "rung_agreement", "search_progress",
    "trial_table", "trial_values",
]  # fmt: skip
