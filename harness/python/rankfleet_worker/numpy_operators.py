"""Operators in NumPy, by operator and data type: functions of (shape, data type) that make a kernel on the tensors."""

import numpy as np

from . import numpy_searched
from .tensors import int8_scale

EPSILON = np.float32(1e-5)
LEARNING_RATE = np.float32(0.01)


def _embedding_bag(shape, data_type):
    dim = shape["dim"]

    def run(table, indices, out):
        out[:] = _rows(table, indices, dim, data_type).sum(axis=1, dtype=np.float32)

    return run


def _rows(table, rows, dim, data_type):
    """Chosen rows of a table in fp32 (or as they are, where they are floats)."""
    if data_type == "int8":
        numbers = table.view(np.float32)
        scale, bias = numbers[rows, dim // 4, None], numbers[rows, dim // 4 + 1, None]
        return table[rows, :dim].astype(np.float32) * scale + bias
    if data_type == "int4":
        numbers = table.view(np.float16)
        scale = numbers[rows, dim // 4, None].astype(np.float32)
        bias = numbers[rows, dim // 4 + 1, None].astype(np.float32)
        return _unpack(table[rows, : dim // 2]).astype(np.float32) * scale + bias
    return table[rows]


def _unpack(packed):
    return np.stack((packed & 15, packed >> 4), axis=-1).reshape(*packed.shape[:-1], -1)


def _embedding_bag_backward(_shape, _):
    def run(table, momentum, row_ids, row_starts, bag_of, grad):
        unique = np.count_nonzero(row_ids >= 0)
        rows = row_ids[:unique]
        gradient = np.add.reduceat(grad[bag_of], row_starts[:unique], axis=0)
        momentum[rows] += np.square(gradient).mean(axis=1)
        step = LEARNING_RATE * gradient / (np.sqrt(momentum[rows]) + np.float32(1e-8))[:, None]
        table[rows] = table[rows].astype(np.float32) - step

    return run


def _gemm(_shape, _):
    def run(a, w, d):
        np.matmul(a, w.T, out=d)

    return run


def _gemm_int8(shape, _):
    scale = int8_scale(shape["k"])

    def run(a, w, d):
        d[:] = _to_int8(_int_product(a, w) * scale)

    return run


def _int_product(a, w):
    # Products of bytes add up exactly in float64, which has a fast product.
    return a.astype(np.float64) @ w.T.astype(np.float64)


def _to_int8(values):
    return np.clip(np.rint(values), -128, 127).astype(np.int8)


def _bias_activation(_shape, _):
    def run(x, bias, out):
        np.maximum(x + bias, 0, out=out)

    return run


def _elementwise(shape, _):
    inputs = shape["inputs"]

    def run(x, out):
        np.multiply(x[0], x[1], out=out)
        for i in range(2, inputs):
            np.multiply(out, x[i], out=out)

    return run


def _dot_interaction(shape, _):
    rows, columns = np.tril_indices(shape["vectors"], -1)

    def run(x, out):
        out[:] = (x @ x.transpose(0, 2, 1))[:, rows, columns]

    return run


def _cross_low_rank(_shape, _):
    def run(x0, x, v, w, bias, hidden, y):
        np.matmul(x, v.T, out=hidden)
        y[:] = x0 * (hidden @ w.T + bias) + x

    return run


def _cross_int8(shape, _):
    down, up = int8_scale(shape["width"]), int8_scale(shape["rank"])

    def run(x0, x, v, w, bias, hidden, y):
        hidden[:] = _to_int8(_int_product(x, v) * down)
        y[:] = _to_int8(x0 * (_int_product(hidden, w) * up + bias) / 128 + x)

    return run


def _factorisation_machine(_shape, _):
    def run(x, out):
        total = x.sum(axis=1, dtype=np.float32)
        squares = np.square(x, dtype=np.float32).sum(axis=1)
        out[:] = (np.square(total) - squares).sum(axis=1) / 2

    return run


def _layer_norm(_shape, _):
    def run(x, gain, bias, out):
        centred = x - x.mean(axis=1, keepdims=True)
        out[:] = centred / np.sqrt(np.square(centred).mean(axis=1, keepdims=True) + EPSILON) * gain + bias

    return run


def _rms_norm(_shape, _):
    def run(x, gain, out):
        out[:] = x / np.sqrt(np.square(x).mean(axis=1, keepdims=True) + EPSILON) * gain

    return run


def _attend(q, k, v):
    scores = q @ np.swapaxes(k, -1, -2) / np.sqrt(np.float32(q.shape[-1]))
    weights = np.exp(scores - scores.max(axis=-1, keepdims=True))
    return weights @ v / weights.sum(axis=-1, keepdims=True)


def _attention(_shape, _):
    def run(q, k, v, out):
        out[:] = _attend(q, k, v)

    return run


def _attention_jagged(_shape, _):
    def run(q, k, v, offsets, out):
        for first, last in zip(offsets, offsets[1:]):
            parts = (np.swapaxes(each[first:last], 0, 1) for each in (q, k, v))
            out[first:last] = np.swapaxes(_attend(*parts), 0, 1)

    return run


def _transpose(_shape, _):
    def run(x, out):
        out[:] = np.swapaxes(x, 0, 1)

    return run


def _quantise_int8(shape, _):
    dim = shape["dim"]

    def run(x, out):
        low = x.min(axis=1, keepdims=True)
        scale = (x.max(axis=1, keepdims=True) - low) / np.float32(255)
        out[:, :dim] = np.clip(np.rint((x - low) / scale), 0, 255)
        out[:, dim:] = np.concatenate((scale, low), axis=1).view(np.uint8)

    return run


def _quantise_int4(shape, _):
    dim = shape["dim"]

    def run(x, out):
        low = x.min(axis=1, keepdims=True)
        scale = ((x.max(axis=1, keepdims=True) - low) / np.float32(15)).astype(np.float16)
        bias = low.astype(np.float16)
        codes = np.clip(np.rint((x - bias.astype(np.float32)) / scale.astype(np.float32)), 0, 15).astype(np.uint8)
        out[:, : dim // 2] = codes[:, 0::2] | codes[:, 1::2] << 4
        out[:, dim // 2 :] = np.concatenate((scale, bias), axis=1).view(np.uint8)

    return run


def _dequantise(shape, data_type):
    dim = shape["dim"]

    def run(x, out):
        out[:] = _rows(x, slice(None), dim, data_type)

    return run


def _bucketise(_shape, _):
    def run(values, boundaries, out):
        out[:] = np.searchsorted(boundaries, values, side="right")

    return run


def _hash(shape, _):
    rows = np.uint32(shape["rows"])

    def run(ids, out):
        h = ids.view(np.uint32)
        h = (h ^ (h >> np.uint32(16))) * np.uint32(0x85EBCA6B)
        h = (h ^ (h >> np.uint32(13))) * np.uint32(0xC2B2AE35)
        out[:] = ((h ^ (h >> np.uint32(16))) % rows).view(np.int32)

    return run


operators = {
    "embedding-bag": {each: _embedding_bag for each in ("fp32", "fp16", "int8", "int4")},
    "embedding-bag-backward": {each: _embedding_bag_backward for each in ("fp32", "fp16")},
    "gemm": {"fp32": _gemm, "int8": _gemm_int8},
    "bias-activation": {each: _bias_activation for each in ("fp32", "fp16")},
    "elementwise": {each: _elementwise for each in ("fp32", "fp16")},
    "dot-interaction": {"fp32": _dot_interaction},
    "cross-low-rank": {"fp32": _cross_low_rank, "int8": _cross_int8},
    "factorisation-machine": {each: _factorisation_machine for each in ("fp32", "fp16")},
    "layer-norm": {"fp32": _layer_norm},
    "rms-norm": {"fp32": _rms_norm},
    "attention": {"fp32": _attention},
    "attention-jagged": {"fp32": _attention_jagged},
    "concat": {each: _transpose for each in ("fp32", "fp16", "int8")},
    "split": {each: _transpose for each in ("fp32", "fp16", "int8")},
    "quantise": {"int8": _quantise_int8, "int4": _quantise_int4},
    "dequantise": {each: _dequantise for each in ("int8", "int4")},
    "bucketise": {"fp32": _bucketise},
    "hash": {"int32": _hash},
    **numpy_searched.operators,
}
