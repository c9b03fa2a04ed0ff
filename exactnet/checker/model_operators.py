"""The operators of a chain: what each makes of the value computed before it (FORMAT.md section 7)."""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from itertools import product
from math import prod

from exactnet.checker.model_chain import (
    ATTRIBUTE_FLOAT,
    ATTRIBUTE_INTS,
    ATTRIBUTE_TEXT,
    Chain,
    ChainStep,
    Node,
    Shape,
    Tensor,
    require_modest,
)
from exactnet.checker.read import reject

__all__ = ["OPERATORS"]


def _matmul(chain: Chain, node: Node) -> Chain:
    node.only()
    if len(node.operands) != 2:
        node.refuse("this number of operands")
    constant, value, is_right = node.floats(1 - node.place), chain.shape, node.place == 0
    if not value or len(constant.shape) not in (1, 2) or prod(constant.shape) == 0:
        node.refuse("a product with such a constant")
    # vectors become matrices, and the dimension that this adds goes away again
    m, n = constant.shape if len(constant.shape) == 2 else _as_matrix(constant.shape, is_row=not is_right)
    *outer, p, q = value if len(value) > 1 else _as_matrix(value, is_row=is_right)
    if (q if is_right else p) != (m if is_right else n):
        reject(f"{node.where}: a value of shape {value} and a constant of shape {constant.shape} do not fit")
    rows = [constant.numbers[i * n : (i + 1) * n] for i in range(m)]
    size, (height, width) = prod(value), (p, n) if is_right else (m, q)
    require_modest(prod(outer) * height * width * size)
    columns = list(zip(*rows, strict=True)) if is_right else []
    weight: list[Sequence[float]] = []
    for start in range(0, size, p * q):
        for i, j in product(range(height), range(width)):
            row = [0.0] * size
            if is_right:
                row[start + i * q : start + (i + 1) * q] = columns[j]
            else:
                row[start + j : start + p * q : q] = rows[i]
            weight.append(row)
    shape = [*outer, *([height] if not is_right or len(value) > 1 else [])]
    shape += [width] if is_right or len(value) > 1 else []
    if len(constant.shape) == 1:
        del shape[-1 if is_right else -2 if len(value) > 1 else -1]
    return chain.then(ChainStep(weight), tuple(shape))


def _as_matrix(shape: Shape, *, is_row: bool) -> Shape:
    return (1, *shape) if is_row else (*shape, 1)


def _gemm(chain: Chain, node: Node) -> Chain:
    node.only("alpha", "beta", "transA", "transB")
    one = struct.pack("<f", 1.0)
    for name in ("alpha", "beta"):
        if name in node.attributes and node.attributes[name].float32(ATTRIBUTE_FLOAT) != one:
            node.refuse(f"{name} other than 1")
    matrix = node.floats(1)
    if (
        node.integer("transA", 0)
        or node.place != 0
        or len(node.operands) > 3
        or len(chain.shape) != 2
        or len(matrix.shape) != 2
    ):
        node.refuse("such a product")
    if node.integer("transB", 0):
        n, k = matrix.shape
        numbers = tuple(matrix.numbers[i * k + j] for j in range(k) for i in range(n))
        matrix = Tensor((k, n), numbers, is_float=True)
    after = _matmul(chain, node._replace(attributes={}, operands=[None, matrix]))
    if len(node.operands) < 3 or node.operands[2] is None:
        return after
    return after.last(bias=_broadcast(node.floats(2), after.shape, node))


def _conv(chain: Chain, node: Node) -> Chain:
    node.only("auto_pad", "dilations", "group", "kernel_shape", "pads", "strides")
    if "auto_pad" in node.attributes and node.attributes["auto_pad"].text(ATTRIBUTE_TEXT) != "NOTSET":
        node.refuse("automatic padding")
    kernel, image, group = node.floats(1), chain.shape[2:], node.integer("group", 1)
    if node.place != 0 or len(node.operands) > 3 or group < 1:
        node.refuse("such a convolution")
    if len(kernel.shape) != len(chain.shape) or len(kernel.shape) < 3:
        node.refuse("such a convolution")
    (n_out, n_in, *size), rank = kernel.shape, len(image)
    strides, dilations = node.sizes("strides", [1] * rank), node.sizes("dilations", [1] * rank)
    pads = node.sizes("pads", [0] * (2 * rank))
    if chain.shape[:2] != (1, n_in * group) or n_out % group or node.sizes("kernel_shape", size) != size:
        node.refuse("such a convolution")
    if min(*strides, *dilations, *size) < 1 or min(pads) < 0:
        node.refuse("such a window")
    spaces = zip(image, pads[:rank], pads[rank:], dilations, size, strides, strict=True)
    after = [(n + p + q - d * (k - 1) - 1) // s + 1 for n, p, q, d, k, s in spaces]
    if min(after) < 1:
        node.refuse("a window larger than the image")
    require_modest(n_out * prod(after) * max(prod(size), prod(chain.shape)))
    rows: list[Sequence[float]] = []
    for o in range(n_out):
        first = o // (n_out // group) * n_in
        for place in product(*map(range, after)):
            row = [0.0] * prod(chain.shape)
            corner = [x * s - p for x, s, p in zip(place, strides, pads, strict=False)]
            for tap, at in _taps(corner, dilations, size, image):
                for i in range(n_in):
                    number = kernel.numbers[(o * n_in + i) * prod(size) + tap]
                    row[(first + i) * prod(image) + at] = number
            rows.append(row)
    layer = chain.then(ChainStep(rows), (1, n_out, *after))
    if len(node.operands) < 3 or node.operands[2] is None:
        return layer
    bias = node.floats(2)
    if bias.shape != (n_out,):
        node.refuse("such a bias")
    return layer.last(bias=[x for x in bias.numbers for _ in range(prod(after))])


def _taps(
    corner: list[int], dilations: list[int], size: list[int], image: Shape
) -> Iterator[tuple[int, int]]:
    """For each entry of a window that lies in the image: its number, and the pixel under it."""
    for tap, offsets in enumerate(product(*map(range, size))):
        at, inside = 0, True
        for start, offset, d, n in zip(corner, offsets, dilations, image, strict=True):
            x = start + offset * d
            at, inside = at * n + x, inside and 0 <= x < n
        if inside:
            yield tap, at


def _add(chain: Chain, node: Node, sign: int = 1) -> Chain:
    node.only()
    if len(node.operands) != 2:
        node.refuse("this number of operands")
    numbers = _broadcast(node.floats(1 - node.place), chain.shape, node)
    if not any(numbers):
        return chain
    bias = [sign * x for x in numbers]
    if chain.layers and chain.layers[-1].bias is None and not chain.layers[-1].is_relu:
        return chain.last(bias=bias)
    n = len(bias)
    require_modest(n * n)
    return chain.then(ChainStep([[float(i == j) for j in range(n)] for i in range(n)], bias), chain.shape)


def _sub(chain: Chain, node: Node) -> Chain:
    if node.place != 0:
        node.refuse("what is subtracted from a constant")
    return _add(chain, node, -1)


def _broadcast(constant: Tensor, shape: Shape, node: Node) -> list[float]:
    """The numbers of a constant at the places of a value of that shape."""
    lacking = len(shape) - len(constant.shape)
    padded = (1,) * lacking + constant.shape
    if lacking < 0 or any(m not in (1, n) for m, n in zip(padded, shape, strict=True)):
        reject(f"{node.where}: a constant of shape {constant.shape} does not fit a value of shape {shape}")
    strides, step = [], 1
    for m in reversed(padded):
        strides.append(step if m > 1 else 0)
        step *= m
    places = product(*(range(n) for n in shape))
    strides.reverse()
    return [constant.numbers[sum(s * k for s, k in zip(strides, place, strict=True))] for place in places]


def _relu(chain: Chain, node: Node) -> Chain:
    node.only()
    if len(node.operands) != 1 or not chain.layers or chain.layers[-1].is_relu:
        node.refuse("Relu that does not follow a dot product")
    return chain.last(is_relu=True)


def _dropout(chain: Chain, node: Node) -> Chain:
    node.only("ratio", "seed")
    if node.place != 0 or len(node.operands) > 2:
        node.refuse("training")
    return chain


def _identity(chain: Chain, node: Node) -> Chain:
    node.only()
    if len(node.operands) != 1:
        node.refuse("this number of operands")
    return chain


def _flatten(chain: Chain, node: Node) -> Chain:
    node.only("axis")
    if len(node.operands) != 1:
        node.refuse("this number of operands")
    axis, rank = node.integer("axis", 1), len(chain.shape)
    if not -rank <= axis <= rank:
        node.refuse("this axis")
    axis += rank if axis < 0 else 0
    return replace(chain, shape=(prod(chain.shape[:axis]), prod(chain.shape[axis:])))


def _integers(node: Node) -> list[int] | None:
    """The axes or sizes, from operand 1 or from the attribute `axes`; None if there are none."""
    if node.place != 0 or len(node.operands) > 2:
        node.refuse("such an operand")
    found = node.operands[1] if len(node.operands) > 1 else None
    if found is not None and (found.is_float or len(found.numbers) != prod(found.shape)):
        node.refuse("sizes that are no integers")
    if found is not None:
        return [int(n) for n in found.numbers]
    return node.attributes["axes"].integers(ATTRIBUTE_INTS) if "axes" in node.attributes else None


def _reshape(chain: Chain, node: Node) -> Chain:
    node.only("allowzero")
    sizes = _integers(node)
    if sizes is None or node.integer("allowzero", 0) or len(sizes) > 64:
        reject(f"{node.where}: its shape is not a constant")
    if any(n < -1 or (n == 0 and k >= len(chain.shape)) for k, n in enumerate(sizes)) or sizes.count(-1) > 1:
        node.refuse("such a shape")
    sizes = [chain.shape[k] if n == 0 else n for k, n in enumerate(sizes)]
    total, rest = prod(chain.shape), prod(n for n in sizes if n > 0)
    sizes = [total // rest if n < 0 else n for n in sizes]
    if prod(sizes) != total:
        node.refuse("a shape of another size")
    return replace(chain, shape=tuple(sizes))


def _squeeze(chain: Chain, node: Node) -> Chain:
    node.only("axes")
    rank = len(chain.shape)
    axes = _integers(node)
    if axes is None:
        axes = [k for k, n in enumerate(chain.shape) if n == 1]
    dropped = {k % rank for k in axes if -rank <= k < rank}
    if len(dropped) != len(axes) or any(chain.shape[k] != 1 for k in dropped):
        node.refuse("these axes")
    return replace(chain, shape=tuple(n for k, n in enumerate(chain.shape) if k not in dropped))


def _unsqueeze(chain: Chain, node: Node) -> Chain:
    node.only("axes")
    axes = _integers(node)
    rank = len(chain.shape) + len(axes or ())
    if axes is None or rank > 64 or not all(-rank <= k < rank for k in axes):
        reject(f"{node.where}: its axes are not given")
    added, old = {k % rank for k in axes}, iter(chain.shape)
    if len(added) != len(axes):
        node.refuse("an axis that is given twice")
    return replace(chain, shape=tuple(1 if k in added else next(old) for k in range(rank)))


OPERATORS: dict[str, Callable[[Chain, Node], Chain]] = {
    "Add": _add,
    "Conv": _conv,
    "Dropout": _dropout,
    "Flatten": _flatten,
    "Gemm": _gemm,
    "Identity": _identity,
    "MatMul": _matmul,
    "Relu": _relu,
    "Reshape": _reshape,
    "Squeeze": _squeeze,
    "Sub": _sub,
    "Unsqueeze": _unsqueeze,
}
