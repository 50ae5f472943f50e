"""Tensors of every operator, in the order in which kernels take them; the same table as the harness's operators."""

from collections import namedtuple
from math import floor, log2, prod, sqrt

from . import searched_tensors
from .failures import Failure, unsupported

Tensor = namedtuple("Tensor", "name role element dims")

element_bytes = {"f32": 4, "i32": 4, "f16": 2, "bf16": 2, "f8": 1, "i8": 1, "rows-int8": 1, "rows-int4": 1}

_elements = {
    "fp32": "f32",
    "tf32": "f32",
    "bf16": "bf16",
    "fp16": "f16",
    "fp8": "f8",
    "int8": "i8",
    "int32": "i32",
}

_rows = {"int8": "rows-int8", "int4": "rows-int4"}


def row_bytes(element, dim):
    """Stored bytes of one row of `dim` values of a row-wise type: codes, scale, bias."""
    return dim + 8 if element == "rows-int8" else dim // 2 + 4


def stored_dims(tensor):
    """Dimensions of a tensor's storage in units of its element: row-wise types in bytes."""
    if tensor.element not in ("rows-int8", "rows-int4"):
        return tensor.dims
    rows, dim = tensor.dims
    return (rows, row_bytes(tensor.element, dim))


def stored_bytes(tensor):
    return prod(stored_dims(tensor)) * element_bytes[tensor.element]


def int8_scale(k):
    """Factor on an int8 product of k terms, a power of two."""
    return 2.0 ** -floor(log2(sqrt(k) * 137) + 0.5)


def problem_tensors(problem, data_type):
    """Tensors of a problem file: numbers in the data type, all else as 32-bit integers."""
    return [
        Tensor(
            each["name"],
            "output" if each["part"] == "output" else "input",
            _elements[data_type] if each["kind"] == "float" else "i32",
            tuple(each["dims"]),
        )
        for each in problem["tensors"]
    ]


def tensors_of_program(program):
    if "problem" in program:
        return problem_tensors(program["problem"], program["dataType"])
    return tensors_of(program["operator"], program["dataType"], program["shape"])


def tensors_of(operator, data_type, shape):
    """Tensors of an operator, or an empty list for those that make their own."""
    if operator in _without_tensors:
        return []
    if operator not in _tables and operator not in searched_tensors.tables:
        raise unsupported(f"no operator {operator}")
    try:
        if operator in _tables:
            return [Tensor(*each) for each in _tables[operator](data_type, shape)]
        return [Tensor(*each) for each in searched_tensors.tables[operator](_elements[data_type], shape)]
    except KeyError as error:
        raise Failure("request", f"{operator} on {data_type} lacks {error}") from None


_without_tensors = ("kernel-launch", "all-to-all", "all-reduce", "memory-stream", "memory-gather")


def _embedding_bag(t, s):
    table = {**_elements, **_rows}[t]
    return [
        ("table", "input", table, (s["rows"], s["dim"])),
        ("indices", "input", "i32", (s["bags"], s["pooling"])),
        ("out", "output", "f32" if t == "fp32" else "f16", (s["bags"], s["dim"])),
    ]


def _embedding_bag_backward(t, s):
    lookups = s["bags"] * s["pooling"]
    return [
        ("table", "state", _elements[t], (s["rows"], s["dim"])),
        ("momentum", "state", "f32", (s["rows"],)),
        ("rowIds", "input", "i32", (lookups,)),
        ("rowStarts", "input", "i32", (lookups + 1,)),
        ("bagOf", "input", "i32", (lookups,)),
        ("grad", "input", "f32", (s["bags"], s["dim"])),
    ]


def _gemm(t, s):
    e = _elements[t]
    return [
        ("a", "input", e, (s["m"], s["k"])),
        ("w", "input", e, (s["n"], s["k"])),
        ("d", "output", "bf16" if t == "fp8" else e, (s["m"], s["n"])),
    ]


def _bias_activation(t, s):
    e = _elements[t]
    return [
        ("x", "input", e, (s["rows"], s["n"])),
        ("bias", "input", e, (s["n"],)),
        ("out", "output", e, (s["rows"], s["n"])),
    ]


def _elementwise(t, s):
    e = _elements[t]
    return [
        ("x", "input", e, (s["inputs"], s["rows"], s["n"])),
        ("out", "output", e, (s["rows"], s["n"])),
    ]


def _dot_interaction(t, s):
    e, v = _elements[t], s["vectors"]
    return [
        ("x", "input", e, (s["batch"], v, s["dim"])),
        ("out", "output", e, (s["batch"], v * (v - 1) // 2)),
    ]


def _cross_low_rank(t, s):
    e, batch, width, rank = _elements[t], s["batch"], s["width"], s["rank"]
    return [
        ("x0", "input", e, (batch, width)),
        ("x", "input", e, (batch, width)),
        ("v", "input", e, (rank, width)),
        ("w", "input", e, (width, rank)),
        ("bias", "input", e, (width,)),
        ("hidden", "output", e, (batch, rank)),
        ("y", "output", e, (batch, width)),
    ]


def _factorisation_machine(t, s):
    return [
        ("x", "input", _elements[t], (s["batch"], s["vectors"], s["dim"])),
        ("out", "output", "f32", (s["batch"],)),
    ]


def _norm(t, s, *, bias):
    e = _elements[t]
    rows = (s["rows"], s["n"])
    shift = [("bias", "input", e, (s["n"],))] if bias else []
    return [("x", "input", e, rows), ("gain", "input", e, (s["n"],)), *shift, ("out", "output", e, rows)]


def _attention(t, s):
    dims = (s["batch"], s["heads"], s["length"], s["dim"])
    return [(name, "output" if name == "out" else "input", _elements[t], dims) for name in ("q", "k", "v", "out")]


def _attention_jagged(t, s):
    e, dims = _elements[t], (s["batch"] * s["length"], s["heads"], s["dim"])
    return [
        ("q", "input", e, dims),
        ("k", "input", e, dims),
        ("v", "input", e, dims),
        ("offsets", "input", "i32", (s["batch"] + 1,)),
        ("out", "output", e, dims),
    ]


def _concat(t, s):
    apart, together = (s["inputs"], s["rows"], s["width"]), (s["rows"], s["inputs"], s["width"])
    return [("x", "input", _elements[t], apart), ("out", "output", _elements[t], together)]


def _split(t, s):
    (_, _, e, apart), (_, _, _, together) = _concat(t, s)
    return [("x", "input", e, together), ("out", "output", e, apart)]


def _quantise(t, s):
    dims = (s["rows"], s["dim"])
    return [("x", "input", "f32", dims), ("out", "output", _rows[t], dims)]


def _dequantise(t, s):
    dims = (s["rows"], s["dim"])
    return [("x", "input", _rows[t], dims), ("out", "output", "f32", dims)]


def _bucketise(_, s):
    return [
        ("values", "input", "f32", (s["values"],)),
        ("boundaries", "input", "f32", (s["boundaries"],)),
        ("out", "output", "i32", (s["values"],)),
    ]


def _hash(_, s):
    return [("ids", "input", "i32", (s["values"],)), ("out", "output", "i32", (s["values"],))]


def _copy_to_device(_, s):
    return [("data", "output", "i32", (s["bytes"] // 4,))]


def _copy_from_device(_, s):
    words = (s["bytes"] // 4,)
    return [("data", "input", "i32", words), ("echo", "output", "i32", words)]


_tables = {
    "embedding-bag": _embedding_bag,
    "embedding-bag-backward": _embedding_bag_backward,
    "gemm": _gemm,
    "bias-activation": _bias_activation,
    "elementwise": _elementwise,
    "dot-interaction": _dot_interaction,
    "cross-low-rank": _cross_low_rank,
    "factorisation-machine": _factorisation_machine,
    "layer-norm": lambda t, s: _norm(t, s, bias=True),
    "rms-norm": lambda t, s: _norm(t, s, bias=False),
    "attention": _attention,
    "attention-jagged": _attention_jagged,
    "concat": _concat,
    "split": _split,
    "quantise": _quantise,
    "dequantise": _dequantise,
    "bucketise": _bucketise,
    "hash": _hash,
    "copy-to-device": _copy_to_device,
    "copy-from-device": _copy_from_device,
}
