"""Python source for parameters and spaces: what a person would have written by hand."""

import keyword
import unicodedata
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from tunewidgets.space.conditions import Condition
    from tunewidgets.space.parameters import Parameter


def is_keyword_name(name: str) -> bool:
    """Tell whether a name can stand before ``=`` in a call and arrive as it was written.

    Python brings identifiers into the normal form NFKC, so a ligature would come back as another name.
    """
    if not name.isidentifier() or keyword.iskeyword(name) or name == "__debug__":
        return False
    return unicodedata.normalize("NFKC", name) == name


def conditions_source(conditions: "Iterable[Condition]") -> str:
    """Return the calls of ``.when`` that put these conditions on a parameter, in their order."""
    conditions = list(conditions)
    parents = [condition.parent for condition in conditions]
    if not conditions:
        return ""
    if all(map(is_keyword_name, parents)) and len(set(parents)) == len(parents):
        return f".when({', '.join(f'{entry.parent}={_values(entry.values)}' for entry in conditions)})"
    return "".join(f".when({{{literal(entry.parent)}: {_values(entry.values)}}})" for entry in conditions)


def space_source(parameters: "Mapping[str, Parameter]", prefix: str = "tw.") -> str:
    """Return Python source that makes a space with these parameters, one on a line."""
    if not parameters:
        return f"{prefix}Space()"
    if all(map(is_keyword_name, parameters)):
        lines = [f"    {name}={entry.to_source(prefix)},\n" for name, entry in parameters.items()]
        return f"{prefix}Space(\n{''.join(lines)})"
    lines = [f"        {literal(name)}: {entry.to_source(prefix)},\n" for name, entry in parameters.items()]
    return f"{prefix}Space(\n    {{\n{''.join(lines)}    }}\n)"


def literal(value: Any) -> str:
    """Return a plain value, or a list of them, as Python source with double quotes where they will do."""
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(literal, value))}]"
    text = repr(value)
    # Where repr took single quotes and there is no double one inside, nothing between them needs another escape.
    return f'"{text[1:-1]}"' if text.startswith("'") and '"' not in text else text


def _values(values: tuple[Any, ...]) -> str:
    return literal(values[0]) if len(values) == 1 else literal(values)
