"""Read a property in the VNN-LIB format, version 1.0 or 2.0.

Version 1.0 is SMT-LIB with the inputs X_0, X_1, ... and the outputs Y_0, Y_1, ... as real constants
(:mod:`exactnet.io.vnnlib_one`). Version 2.0 begins with `(vnnlib-version <2.0>)` and declares networks with
tensors (:mod:`exactnet.io.vnnlib_two`). The assertions describe the unsafe points. Decimals are read as the
rational numbers they say, and < and <= are kept apart. :mod:`exactnet.io.assertions` says which cases the
assertions become.
"""

from __future__ import annotations

from exactnet.errors import InputError
from exactnet.io import vnnlib_one, vnnlib_two
from exactnet.io.assertions import Conjunction, n_cases, to_property
from exactnet.io.files import MAX_BYTES, PathName, read_bytes, unpacked
from exactnet.io.s_expressions import Group, Source, Word, read_groups
from exactnet.model import Property, Provenance

__all__ = ["load_vnnlib", "parse_vnnlib"]

MOST_CASES = 10_000


def load_vnnlib(path: PathName, *, max_bytes: int = MAX_BYTES) -> Property:
    """Read a `.vnnlib` file, gzip-compressed or not.

    Parameters
    ----------
    path : the file.
    max_bytes : larger texts are refused, also behind compression.

    Raises
    ------
    InputError : no such file, damaged compression, no UTF-8 text, or an input without bounds.
    ParseError : text that is no VNN-LIB; points at it. UnsupportedError : VNN-LIB that is not supported.
    LimitReached : larger than `max_bytes`.

    Examples
    --------
    >>> import os, tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     file = os.path.join(folder, "p.vnnlib")
    ...     with open(file, "w") as out:
    ...         _ = out.write("(declare-const X_0 Real) (declare-const Y_0 Real)"
    ...                       "(assert (and (>= X_0 0) (<= X_0 0.1) (> Y_0 1)))")
    ...     load_vnnlib(file).cases
    (Case(lower=(Fraction(0, 1),), upper=(Fraction(1, 10),), rows=(Row(-Y_0 < -1),)),)
    """
    file = read_bytes(path, what="property", suffixes=[".vnnlib", ".gz"], max_bytes=max_bytes)
    content = unpacked(file, max_bytes=max_bytes)
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError(
            "the property file is not a text",
            where=f"{file.name}, byte {error.start} (from 0)",
            got=f"byte 0x{content[error.start]:02x}",
            expected="UTF-8",
        ) from None
    return _parse(Source(text, file.name), Provenance(file.name, file.sha256, "decimal text"))


def parse_vnnlib(text: str, *, name: str = "text in memory") -> Property:
    """The property of a text; `name` is what messages call it. Errors as for :func:`load_vnnlib`.

    Examples
    --------
    >>> parse_vnnlib('''
    ... (vnnlib-version <2.0>)
    ... (declare-network f (declare-input X float32 [1, 2]) (declare-output Y float32 [1, 2]))
    ... (assert (and (<= 0 X[0,0]) (<= X[0,0] 1) (== X[0,1] 0.5)))
    ... (assert (or (> Y[0,0] Y[0,1]) (>= (* 2 Y[0,0]) 3)))
    ... ''', name="two cases")
    Property(2 inputs, 2 outputs, 2 cases, from two cases)
    >>> parse_vnnlib("(declare-const X_0 Real)\\n(assert (<= X_1 0))", name="p.vnnlib")
    Traceback (most recent call last):
        ...
    exactnet.errors.ParseError: neither a number nor a declared variable
      where:    p.vnnlib, line 2, column 13
                (assert (<= X_1 0))
                            ^
      got:      'X_1'
      do:       a variable is declared before it is used: (declare-const X_1 Real)
    """
    return _parse(Source(text, name), Provenance(name, stored_dtype="decimal text"))


def _parse(source: Source, provenance: Provenance) -> Property:
    commands = read_groups(source)
    if not commands:
        raise source.error("an empty property", 0, expected="declarations and assertions")
    version = vnnlib_two if _is_version_two(source, commands[0]) else vnnlib_one
    interface, assertions = version.read_commands(source, commands)
    formula = Conjunction(tuple(assertions))
    wanted = n_cases(formula)
    if wanted > MOST_CASES:
        raise source.unsupported(
            "too many cases",
            commands[0],
            got=f"{wanted} combinations of the alternatives",
            expected=f"at most {MOST_CASES}",
        )
    return to_property(
        formula,
        n_inputs=interface.n_inputs,
        n_outputs=interface.n_outputs,
        provenance=provenance,
        input_name=interface.input_name,
    )


def _is_version_two(source: Source, command: Group) -> bool:
    """Whether the text begins with the version 2.0; other versions than 1.0 (without a mark) are refused."""
    if command.head != "vnnlib-version":
        return False
    words = [item.text for item in command.items if isinstance(item, Word)]
    if len(words) != len(command.items) or words != ["vnnlib-version", "<2.0>"]:
        raise source.unsupported(
            "an unknown version of VNN-LIB",
            command,
            got=" ".join(words[1:]) or "none",
            expected="(vnnlib-version <2.0>), or a text of version 1.0, which has no such line",
        )
    return True
