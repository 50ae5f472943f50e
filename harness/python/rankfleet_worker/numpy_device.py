"""The CPU by NumPy, on one core. Memories are uint8 arrays."""

import numpy as np

from .byte_device import ByteDevice
from .host_facts import cpu_description
from .numpy_operators import operators
from .plain_device import f8_bits
from .tensors import stored_bytes, stored_dims

CHUNK_WORDS = 1 << 22

_dtypes = {
    "f32": np.float32,
    "f16": np.float16,
    "i8": np.int8,
    "i32": np.int32,
    "rows-int8": np.uint8,
    "rows-int4": np.uint8,
}


class NumpyDevice(ByteDevice):
    implementation = "numpy"
    operators = operators

    def describe(self):
        return cpu_description("NumPy", {"numpy": np.__version__})

    def zeros(self, bytes):
        # A whole number of words, so that any pattern fits.
        return np.zeros(-(-max(bytes, 4) // 4) * 4, dtype=np.uint8)

    def fill(self, memory, pattern):
        words = memory.view(np.uint32)
        if pattern["kind"] == "word":
            words[:] = pattern["word"]
            return
        for first in range(0, len(words), CHUNK_WORDS):
            part = words[first : first + CHUNK_WORDS]
            part[:] = _values(pattern["element"], first, len(part), pattern["seed"], pattern["rowLength"])
        change = pattern.get("change")
        if change:
            words &= np.uint32(change["and"] & 0xFFFFFFFF)
            words += np.uint32(change["add"] & 0xFFFFFFFF)

    def view(self, tensor, memory):
        return memory[: stored_bytes(tensor)].view(_dtypes[tensor.element]).reshape(stored_dims(tensor))


def mix(h):
    """murmur3's finaliser on uint32 words."""
    h = (h ^ (h >> np.uint32(16))) * np.uint32(0x85EBCA6B)
    h = (h ^ (h >> np.uint32(13))) * np.uint32(0xC2B2AE35)
    return h ^ (h >> np.uint32(16))


def _values(element, first, count, seed, row_length):
    position = np.arange(first, first + count, dtype=np.uint64)
    h = mix(position.astype(np.uint32) * np.uint32(0x9E3779B1) + np.uint32(seed & 0xFFFFFFFF))
    if element == "f32":
        return ((h >> np.uint32(8)).astype(np.float32) / np.float32(2**23) - np.float32(1)).view(np.uint32)
    if element == "i32":
        return h >> np.uint32(1)
    if element == "i8":
        return h
    if element in ("f16", "bf16"):
        halves = np.stack((h & np.uint32(255), h >> np.uint32(16) & np.uint32(255)), axis=-1)
        values = (halves.astype(np.float32) - 128) / np.float32(128)
        if element == "f16":
            return values.astype(np.float16).view(np.uint32).reshape(-1)
        return (values.view(np.uint32) >> np.uint32(16)).astype(np.uint16).view(np.uint32).reshape(-1)
    if element == "f8":
        codes = np.stack([h >> np.uint32(s) & np.uint32(15) for s in (0, 8, 16, 24)], axis=-1)
        return np.array(f8_bits, dtype=np.uint8)[codes].view(np.uint32).reshape(-1)
    return _row_words(element, h, position, row_length)


def _row_words(element, h, position, row_length):
    per_row = row_length // 4 + 2 if element == "rows-int8" else row_length // 8 + 1
    column = position % per_row
    if element == "rows-int8":
        scale = ((1 + (h & 127)) / 2**14).astype(np.float32).view(np.uint32)
        bias = (((h & 255).astype(np.float32) - 128) / 128).astype(np.float32).view(np.uint32)
        return np.where(column == per_row - 2, scale, np.where(column == per_row - 1, bias, h))
    scale = (1 + (h & 63)) / 2**10
    bias = ((h >> 16 & 255).astype(np.float32) - 128) / 128
    pair = np.stack((scale, bias), axis=-1).astype(np.float16).view(np.uint32).reshape(-1)
    return np.where(column == per_row - 1, pair, h)
