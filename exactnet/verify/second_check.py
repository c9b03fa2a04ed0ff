"""The compiled checker of verification certificates, with readers for the files that they name."""

from __future__ import annotations

import os
import re
from pathlib import Path

from exactnet.certificate.fast_verification import Files, SecondVerdict, second_check
from exactnet.model import Network, Property

__all__ = ["check_verification"]

PathName = str | os.PathLike[str]

_LATER_VERSION = re.compile(r"(?:\s|;[^\n]*\n)*\(\s*vnnlib-version")


def check_verification(
    data: bytes | str,
    *,
    folder: PathName = ".",
    network: PathName | None = None,
    property: PathName | None = None,
) -> SecondVerdict:
    """Check a verification certificate a second time, in compiled integers of 128 bits.

    Parameters
    ----------
    data : the text of a certificate, or the bytes of a file, plain or compressed by gzip.
    folder : that of the certificate; the files it names are found from there.
    network, property : places of these files in place of those that the certificate names; the hashes decide
        whether they are the right ones.

    Returns
    -------
    SecondVerdict
        Its status is ACCEPTED, REJECTED, BEYOND (outside of what the compiled loops can do; ask
        :func:`exactnet.checker.check_bytes`) or MISSING (a file cannot be opened).

    Examples
    --------
    >>> check_verification("hello").status
    'REJECTED'
    """
    files = Files(
        Path(folder),
        _network_of,
        _property_of,
        None if network is None else Path(network),
        None if property is None else Path(property),
    )
    return second_check(data, files=files)


def _network_of(content: bytes) -> Network:
    import onnx

    from exactnet.io.onnx_chain import chain_from_onnx

    return chain_from_onnx(onnx.load_model_from_string(content))


def _property_of(content: bytes) -> Property:
    from exactnet.io.vnnlib import parse_vnnlib

    text = content.decode("utf-8-sig")
    if _LATER_VERSION.match(text):
        raise ValueError("a certificate names files of version 1.0 only")
    return parse_vnnlib(text)
