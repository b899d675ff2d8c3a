"""What may be tuned: parameters, the conditions between them, and the space they make up."""

from tunewidgets.space.categorical import Boolean, Choice, Fixed
from tunewidgets.space.conditions import Condition
from tunewidgets.space.numeric import Float, Int
from tunewidgets.space.parameters import Parameter
from tunewidgets.space.space import Space

__all__ = ["Boolean", "Choice", "Condition", "Fixed", "Float", "Int", "Parameter", "Space"]
