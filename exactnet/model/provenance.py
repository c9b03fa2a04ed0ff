"""Where an input came from: the facts a reader needs to get the same exact numbers again."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from exactnet.version import __version__

__all__ = ["Provenance", "stored_dtype"]


@dataclass(frozen=True)
class Provenance:
    """Origin of a network or a data set.

    Parameters
    ----------
    source : file path as the user gave it, or what the arrays were.
    sha256 : hexadecimal hash of the bytes of the file, None when there is no file. A model with external
        data has one hash over its files put one after the other, in the order that `source` names them.
    stored_dtype : number format the values were stored in ("float32", "decimal text", ...); the exact
        values are those of this format.
    version : the exactnet that read them.
    seed : seed of the generator, for generated inputs.

    Examples
    --------
    >>> Provenance("data.csv", stored_dtype="decimal text", version="0.1.0").as_strings()
    {'source': 'data.csv', 'stored_dtype': 'decimal text', 'version': '0.1.0'}
    """

    source: str
    sha256: str | None = None
    stored_dtype: str | None = None
    version: str = __version__
    seed: int | None = None

    def as_strings(self) -> dict[str, str]:
        """The known facts as text, for the header of a certificate; unknown ones are left out."""
        facts = {
            "source": self.source,
            "sha256": self.sha256,
            "stored_dtype": self.stored_dtype,
            "version": self.version,
            "seed": self.seed,
        }
        return {name: str(value) for name, value in facts.items() if value is not None}


def stored_dtype(values: Iterable[object]) -> str:
    """Name of the number formats that in-memory arrays are stored in, joined by " + ".

    Parameters
    ----------
    values : arrays (anything with a `dtype`), or plain nested sequences ("python numbers").

    Examples
    --------
    >>> import numpy as np
    >>> stored_dtype([np.float32([1]), np.float64([1]), [1, "1/2"]])
    'float32 + float64 + python numbers'
    """
    names = {str(getattr(value, "dtype", "python numbers")) for value in values}
    return " + ".join(sorted("python numbers" if name == "object" else name for name in names))
