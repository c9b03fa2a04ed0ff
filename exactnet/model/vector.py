"""A one-dimensional array or sequence as a list of its entries."""

from __future__ import annotations

from exactnet.errors import ShapeError

__all__ = ["vector"]


def vector(values: object, *, where: str) -> list[object]:
    """The entries, unconverted; floats of any width keep their exact value.

    Raises
    ------
    ShapeError : an array of another dimension than 1, or not a sequence at all.

    Examples
    --------
    >>> vector((1, "1/2"), where="x")
    [1, '1/2']
    >>> vector([[1], [2]], where="y")
    Traceback (most recent call last):
        ...
    exactnet.errors.ShapeError: not a list of numbers
      where:    y, entry 0 (from 0)
      got:      [1]
      expected: one dimension: a number an entry
      do:       a column becomes a list with .ravel()
    """
    shape = getattr(values, "shape", None)
    if shape is not None and len(shape) != 1:
        raise ShapeError(
            "not a list of numbers",
            where=where,
            got=f"an array of shape {tuple(shape)}",
            expected="one dimension: a number an entry",
            hint="a column or a row becomes a list with .ravel()" if len(shape) == 2 else None,
        )
    if isinstance(values, str) or not hasattr(values, "__iter__"):
        raise ShapeError(
            "not a list of numbers", where=where, got=repr(values)[:60], expected="a sequence, as in [1, 2]"
        )
    entries = values.tolist() if hasattr(values, "tolist") else list(values)
    for i, entry in enumerate(entries):
        if isinstance(entry, list | tuple) or getattr(entry, "shape", ()) != ():
            raise ShapeError(
                "not a list of numbers",
                where=f"{where}, entry {i} (from 0)",
                got=repr(entry)[:60],
                expected="one dimension: a number an entry",
                hint="a column becomes a list with .ravel()",
            )
    return list(entries)
