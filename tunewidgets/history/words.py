"""How numbers are said in sentences: one place, so that all of them agree."""


def amount(budget: int | None, unit: str) -> str:
    """Return a budget with its unit: '1 epoch', '9 epochs', 'as long as it takes'.

    Examples
    --------
    >>> amount(9, "epoch")
    '9 epochs'
    """
    if budget is None:
        return "as long as it takes"
    return f"{budget} {unit}" if budget == 1 else f"{budget} {unit}s"


def number(value: object) -> str:
    """Return a value of a parameter or a metric as a person reads it: floats to four significant digits.

    Examples
    --------
    >>> number(0.00123456), number("adam"), number(32)
    ('0.001235', 'adam', '32')
    """
    return f"{value:.4g}" if isinstance(value, float) else str(value)
