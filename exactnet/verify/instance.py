"""A network and a property that belong together, read once and kept for the next question about them."""

from __future__ import annotations

import gzip
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from os import PathLike
from pathlib import Path

from exactnet.certificate import network_fingerprint, network_record
from exactnet.errors import ShapeError, UnsupportedError
from exactnet.io.files import read_bytes
from exactnet.io.load import load_network
from exactnet.io.onnx_chain import is_float32_executable, load_chain
from exactnet.io.vnnlib import load_vnnlib
from exactnet.model import Network, Property
from exactnet.verify.lowered import ReluNetwork, lowered

__all__ = ["Instance", "Model", "NetworkLike", "PropertyLike", "Query", "instance", "model_of", "query_of"]

PathName = str | PathLike[str]
NetworkLike = Network | PathName
PropertyLike = Property | PathName


@dataclass(frozen=True)
class Model:
    """A network, and the file that the checker can read it from; None when it has to be written out.

    Attributes
    ----------
    is_chain : each layer is one step of the execution. A reader that merges layers has another network: equal
        as a function, but it rounds in other places.
    """

    network: Network
    file: Path | None = None
    is_chain: bool = True

    @cached_property
    def net(self) -> ReluNetwork:
        """Its layers of relu and linear units."""
        return lowered(self.network)

    @cached_property
    def fingerprint(self) -> str:
        """The name of the network in certificates."""
        return network_fingerprint(network_record(self.network))

    @cached_property
    def is_float32(self) -> bool:
        """Whether binary32 arithmetic can run it: relu and identity layers with binary32 numbers."""
        return self.is_chain and is_float32_executable(self.network)


@dataclass(frozen=True)
class Query:
    """A property, and the file that the checker can read it from; None when it has to be written out."""

    prop: Property
    file: Path | None = None


@dataclass(frozen=True)
class Instance:
    """A network and a property of as many inputs and outputs."""

    model: Model
    query: Query

    @property
    def prop(self) -> Property:
        """The property."""
        return self.query.prop

    @property
    def net(self) -> ReluNetwork:
        """The network in layers of relu and linear units."""
        return self.model.net

    @property
    def provenance(self) -> Mapping[str, str]:
        """Where both come from."""
        return {
            "network": self.model.network.provenance.source,
            "property": self.prop.provenance.source,
        }


def instance(network: NetworkLike, prop: PropertyLike) -> Instance:
    """Bring a network and a property together, both read from files where they are not objects yet.

    Raises
    ------
    ShapeError : they differ in the number of inputs or outputs; what the readers raise.

    Examples
    --------
    >>> from exactnet.model.property import Row
    >>> instance(Network.from_arrays([([[1, 2]], [0])]), Property.from_box([0], [1], [[]]))
    Traceback (most recent call last):
        ...
    exactnet.errors.ShapeError: the network and the property differ in the number of inputs
      where:    arrays in memory and cases in memory
      got:      2 inputs of the network
      expected: 1, as in the property
      do:       check that the property was written for this network
    """
    model, query = model_of(network), query_of(prop)
    sizes = (
        ("inputs", model.network.n_inputs, query.prop.n_inputs),
        ("outputs", model.network.n_outputs, query.prop.n_outputs),
    )
    for what, has, wanted in sizes:
        if has != wanted:
            raise ShapeError(
                f"the network and the property differ in the number of {what}",
                where=f"{model.network.provenance.source} and {query.prop.provenance.source}",
                got=f"{has} {what} of the network",
                expected=f"{wanted}, as in the property",
                hint="check that the property was written for this network",
            )
    return Instance(model, query)


def model_of(network: NetworkLike) -> Model:
    """A network with its file; a file that has not changed is read once."""
    if isinstance(network, Network):
        return Model(network)
    return _read_model(*_state(network))


def query_of(prop: PropertyLike) -> Query:
    """A property with its file; a file that has not changed is read once."""
    if isinstance(prop, Property):
        return Query(prop)
    return _read_query(*_state(prop))


def _state(path: PathName) -> tuple[str, int, int]:
    """The path, and what changes when the file does; zeros when there is no file: the reader says so."""
    try:
        found = Path(path).stat()
    except (OSError, ValueError):
        return str(path), 0, 0
    return str(path), found.st_mtime_ns, found.st_size


@lru_cache(maxsize=4)
def _read_model(path: str, _changed: int, _size: int) -> Model:
    """The chain of float32 operations where the file is one, and the function that it computes otherwise."""
    name = path.lower().removesuffix(".gz")
    if name.endswith(".onnx"):
        try:
            return _with_file(load_chain(path), path)
        except UnsupportedError:
            return Model(load_network(path), is_chain=False)
    return Model(load_network(path), is_chain=name.endswith(".npz"))


def _with_file(network: Network, path: str) -> Model:
    """The checker reads one file of simple operators; a model with more than that is written out."""
    import onnx

    file = read_bytes(path, what="network")
    content = gzip.decompress(file.content) if file.content[:2] == b"\x1f\x8b" else file.content
    is_simple = all(node.op_type != "Conv" for node in onnx.load_model_from_string(content).graph.node)
    # the hash of a model with data in other files is that of all of them
    is_whole = file.sha256 == network.provenance.sha256
    return Model(network, Path(path) if is_simple and is_whole else None)


@lru_cache(maxsize=16)
def _read_query(path: str, _changed: int, _size: int) -> Query:
    prop = load_vnnlib(path)
    content = read_bytes(path, what="property").content
    if content[:2] == b"\x1f\x8b":
        content = gzip.decompress(content)
    # the checker reads version 1.0
    return Query(prop, None if b"vnnlib-version" in content else Path(path))
