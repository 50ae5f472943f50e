"""The CPU by Python alone: slow, but there wherever Python is. A few operators on fp32 and integers."""

import sys
from array import array
from bisect import bisect_right
from struct import pack_into, unpack_from

from .byte_device import ByteDevice
from .host_facts import cpu_description
from .tensors import stored_bytes

_mask = 0xFFFFFFFF


def hash_word(position, seed):
    """The 32-bit word behind every pattern."""
    h = (position * 0x9E3779B1 + seed) & _mask
    h = ((h ^ (h >> 16)) * 0x85EBCA6B) & _mask
    h = ((h ^ (h >> 13)) * 0xC2B2AE35) & _mask
    return h ^ (h >> 16)


class PlainDevice(ByteDevice):
    implementation = "python"

    def __init__(self):
        self.operators = _operators

    def describe(self):
        return cpu_description("Python", {})

    def zeros(self, bytes):
        return memoryview(bytearray(bytes))

    def fill(self, memory, pattern):
        words = -(-len(memory) // 4)
        if pattern["kind"] == "word":
            content = array("I", [pattern["word"]]) * words
        else:
            made = _hashed_words(words, pattern["element"], pattern["seed"], pattern["rowLength"])
            change = pattern.get("change", {"and": _mask, "add": 0})
            content = array("I", (((h & change["and"]) + change["add"]) & _mask for h in made))
        if sys.byteorder == "big":
            content.byteswap()
        memory[:] = content.tobytes()[: len(memory)]

    def view(self, tensor, memory):
        code = {"f32": "f", "i32": "i", "i8": "b"}[tensor.element]
        return memoryview(memory)[: stored_bytes(tensor)].cast(code)


def _hashed_words(words, element, seed, row_length):
    hashes = (hash_word(position, seed) for position in range(words))
    if element == "f32":
        return (unpack_from("<I", _packed("<f", (h >> 8) / 2**23 - 1))[0] for h in hashes)
    if element == "i32":
        return (h >> 1 for h in hashes)
    if element == "i8":
        return hashes
    if element == "f16":
        return (_two("<e", h) for h in hashes)
    if element == "bf16":
        return (_two_bf16(h) for h in hashes)
    if element == "f8":
        return (_four_f8(h) for h in hashes)
    per_row = row_length // 4 + 2 if element == "rows-int8" else row_length // 8 + 1
    finish = _row_int8 if element == "rows-int8" else _row_int4
    return (finish(h, position % per_row, per_row) for position, h in enumerate(hashes))


def _packed(code, *values):
    content = bytearray(8)
    pack_into(code, content, 0, *values)
    return content


def _two(code, h):
    content = _packed(code + code[-1], ((h & 255) - 128) / 128, ((h >> 16 & 255) - 128) / 128)
    return unpack_from("<I", content)[0]


def _two_bf16(h):
    low, high = (unpack_from("<I", _packed("<f", ((h >> s & 255) - 128) / 128))[0] >> 16 for s in (0, 16))
    return low | high << 16


# Bits of (code − 8) / 8 in e4m3 for each code.
f8_bits = (0xB8, 0xB6, 0xB4, 0xB2, 0xB0, 0xAC, 0xA8, 0xA0, 0x00, 0x20, 0x28, 0x2C, 0x30, 0x32, 0x34, 0x36)


def _four_f8(h):
    return sum(f8_bits[h >> s & 15] << s for s in (0, 8, 16, 24))


def _row_int8(h, column, per_row):
    if column < per_row - 2:
        return h
    value = (1 + (h & 127)) / 2**14 if column == per_row - 2 else ((h & 255) - 128) / 128
    return unpack_from("<I", _packed("<f", value))[0]


def _row_int4(h, column, per_row):
    if column < per_row - 1:
        return h
    return unpack_from("<I", _packed("<ee", (1 + (h & 63)) / 2**10, ((h >> 16 & 255) - 128) / 128))[0]


def _embedding_bag(s, _):
    dim, pooling, bags = s["dim"], s["pooling"], s["bags"]

    def run(table, indices, out):
        for bag in range(bags):
            firsts = [row * dim for row in indices[bag * pooling : (bag + 1) * pooling]]
            for column in range(dim):
                out[bag * dim + column] = sum(table[first + column] for first in firsts)

    return run


def _gemm(s, _):
    m, n, k = s["m"], s["n"], s["k"]

    def run(a, w, d):
        columns = [w[j * k : (j + 1) * k].tolist() for j in range(n)]
        for i in range(m):
            row = a[i * k : (i + 1) * k].tolist()
            for j, column in enumerate(columns):
                d[i * n + j] = sum(x * y for x, y in zip(row, column))

    return run


def _bias_activation(s, _):
    n = s["n"]

    def run(x, bias, out):
        for i, value in enumerate(x):
            out[i] = max(0.0, value + bias[i % n])

    return run


def _concat(s, _):
    rows, inputs, width = s["rows"], s["inputs"], s["width"]

    def run(x, out):
        for i in range(inputs):
            for row in range(rows):
                source, target = (i * rows + row) * width, (row * inputs + i) * width
                out[target : target + width] = x[source : source + width]

    return run


def _bucketise(_shape, _):
    def run(values, boundaries, out):
        edges = boundaries.tolist()
        for i, value in enumerate(values):
            out[i] = bisect_right(edges, value)

    return run


def _hash(s, _):
    rows = s["rows"]

    def run(ids, out):
        for i, number in enumerate(ids):
            h = number & _mask
            h = ((h ^ (h >> 16)) * 0x85EBCA6B) & _mask
            h = ((h ^ (h >> 13)) * 0xC2B2AE35) & _mask
            out[i] = (h ^ (h >> 16)) % rows

    return run


_operators = {
    "embedding-bag": {"fp32": _embedding_bag},
    "gemm": {"fp32": _gemm},
    "bias-activation": {"fp32": _bias_activation},
    "concat": {"fp32": _concat, "int8": _concat},
    "bucketise": {"fp32": _bucketise},
    "hash": {"int32": _hash},
}
