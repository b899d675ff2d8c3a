"""Events, records and the history that folds them (layer 2)."""

from tunewidgets.history.direction import Direction, better, infer_direction, is_finite, rank_key
from tunewidgets.history.events import (
    NOTHING,
    Action,
    Closed,
    Config,
    Constraint,
    Continued,
    Data,
    Ended,
    Enqueued,
    Entry,
    Event,
    Exhausted,
    Extended,
    Goal,
    Judged,
    Known,
    Limits,
    Lost,
    Opened,
    Paused,
    Place,
    Recovered,
    Reported,
    Resumed,
    Retried,
    SpaceEdited,
    Started,
    StopAsked,
    TimeUp,
    UserEvent,
    ValueRule,
    WorkersChanged,
    reopens,
)
from tunewidgets.history.failures import failures_reason, tracebacks
from tunewidgets.history.history import History
from tunewidgets.history.reasons import amount, sentence, suggestion_sentence
from tunewidgets.history.records import (
    CONTINUE,
    SETTLED,
    Continue,
    Decision,
    Drop,
    Finished,
    Leg,
    Plan,
    Planned,
    Start,
    Status,
    Step,
    Trial,
    TrialState,
    Wait,
    may_retry,
)
from tunewidgets.history.view import Printed, Pulse, SearchView

__all__ = [
    "CONTINUE", "NOTHING", "SETTLED", "Action", "Closed", "Config", "Constraint", "Continue", "Continued", "Data",
    "Decision", "Direction", "Drop", "Ended", "Enqueued", "Entry", "Event", "Exhausted", "Extended", "Finished", "Goal",
    "History", "Judged", "Known", "Leg", "Limits", "Lost", "Opened", "Paused", "Place", "Plan", "Planned", "Printed",
    "Pulse", "Recovered", "Reported", "Resumed", "Retried", "SearchView", "SpaceEdited", "Start", "Started", "Status",
    "Step", "StopAsked", "TimeUp", "Trial", "TrialState", "UserEvent", "ValueRule", "Wait", "WorkersChanged", "amount",
    "better", "failures_reason", "infer_direction", "is_finite", "may_retry", "rank_key", "reopens", "sentence",
    "suggestion_sentence", "tracebacks",
]  # fmt: skip
