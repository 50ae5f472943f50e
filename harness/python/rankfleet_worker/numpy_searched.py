"""The operators that kernels are searched for in NumPy: functions of (shape, data type) that make a kernel on the tensors."""

from math import erf, sqrt

import numpy as np

EPSILON = np.float32(1e-5)


def _jagged_to_padded(shape, _):
    padded = shape["padded"]

    def run(values, offsets, out):
        out[:] = 0
        for to, first, last in zip(out, offsets, offsets[1:]):
            rows = values[first : min(last, first + padded)]
            to[: len(rows)] = rows

    return run


def _map_id(shape, _):
    last = shape["ids"] - 1

    def run(values, table, out):
        at = np.minimum(np.searchsorted(table, values), last)
        out[:] = np.where(table[at] == values, at + 1, 0)

    return run


def _merge_bucketised(_shape, _):
    def run(x, borders, first_buckets, out):
        for feature, to in enumerate(out):
            to[:] = np.searchsorted(borders[feature], x[feature], side="right") + first_buckets[feature]

    return run


def _event_truncate(shape, _):
    kept = shape["kept"]

    def run(outer, inner, values, kept_outer, kept_inner, kept_values):
        np.minimum(outer, kept, out=kept_outer)
        place = np.arange(inner.shape[1]) - np.repeat(np.cumsum(outer) - outer, outer)
        stays = place < kept
        for feature, lengths in enumerate(inner):
            kept_inner[feature] = lengths[stays]
            kept_values[feature] = values[feature][np.repeat(stays, lengths)]

    return run


def _optimised_fm(_shape, _):
    def run(x, y, out):
        np.matmul(x, x.transpose(0, 2, 1) @ y, out=out)

    return run


_erf = np.vectorize(erf, otypes=[np.float32])


def _pffn(shape, _):
    gelu = shape["gelu"] == 1

    def run(x, w, bias, gain, out):
        hidden = x @ w + bias[:, None, :]
        if gelu:
            hidden *= np.float32(0.5) * (1 + _erf(hidden / np.float32(sqrt(2))))
        out[:] = hidden / np.sqrt(np.square(hidden).mean(axis=-1, keepdims=True) + EPSILON) * gain

    return run


def _conv1d(shape, _):
    taps, length = shape["taps"], shape["length"]
    before = (taps - 1) // 2

    def run(x, w, bias, out):
        framed = np.pad(x, ((0, 0), (0, 0), (before, taps - 1 - before)))
        out[:] = bias[:, None]
        for tap in range(taps):
            out[:] += w[:, :, tap] @ framed[:, :, tap : tap + length]

    return run


def _rms_norm_backward(_shape, _):
    def run(x, gain, dy, dx, dgain):
        factor = 1 / np.sqrt(np.square(x).mean(axis=1, keepdims=True) + EPSILON)
        direct = dy * gain
        dx[:] = factor * (direct - x * factor**2 * (direct * x).mean(axis=1, keepdims=True))
        dgain[:] = (dy * x * factor).sum(axis=0)

    return run


def _softmax(_shape, _):
    def run(x, out):
        weights = np.exp(x - x.max(axis=1, keepdims=True))
        out[:] = weights / weights.sum(axis=1, keepdims=True)

    return run


def _swiglu(_shape, _):
    def run(a, b, out):
        out[:] = a / (1 + np.exp(-a)) * b

    return run


def _cross_entropy(_shape, _):
    def run(logits, targets, loss):
        most = logits.max(axis=1)
        sums = np.exp(logits - most[:, None]).sum(axis=1)
        loss[:] = np.log(sums) + most - logits[np.arange(len(targets)), targets]

    return run


def _top_k(shape, _):
    k = shape["k"]

    def run(x, values, indices):
        # Stable, so that of equals the one further left comes first.
        indices[:] = np.argsort(-x, axis=1, kind="stable")[:, :k]
        values[:] = np.take_along_axis(x, indices, axis=1)

    return run


operators = {
    "jagged-to-padded": {each: _jagged_to_padded for each in ("fp32", "fp16")},
    "map-id": {each: _map_id for each in ("int32", "fp32")},
    "merge-bucketised": {"fp32": _merge_bucketised},
    "event-truncate": {each: _event_truncate for each in ("int32", "fp32")},
    "optimised-fm": {"fp32": _optimised_fm},
    "pffn": {"fp32": _pffn},
    "conv1d": {"fp32": _conv1d},
    "rms-norm-backward": {"fp32": _rms_norm_backward},
    "softmax": {"fp32": _softmax},
    "swiglu": {"fp32": _swiglu},
    "cross-entropy": {"fp32": _cross_entropy},
    "top-k": {each: _top_k for each in ("fp32", "fp16")},
}
