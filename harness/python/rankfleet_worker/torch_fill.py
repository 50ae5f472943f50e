"""Hashed patterns in PyTorch, on whatever device the memory lies. Words are int32, whose arithmetic wraps."""

import torch

CHUNK_WORDS = 1 << 24


def _signed(word):
    word &= 0xFFFFFFFF
    return word - (1 << 32) if word >= 1 << 31 else word


def _shift_right(h, bits):
    """Logical shift of int32 words."""
    return (h >> bits) & ((1 << (32 - bits)) - 1)


def mix(h):
    """murmur3's finaliser on int32 words."""
    h = (h ^ _shift_right(h, 16)) * _signed(0x85EBCA6B)
    h = (h ^ _shift_right(h, 13)) * _signed(0xC2B2AE35)
    return h ^ _shift_right(h, 16)


def hash_words(first, count, seed, device):
    """Words number `first` … `first + count − 1` of the pattern with this seed."""
    position = torch.arange(first, first + count, dtype=torch.int64, device=device).to(torch.int32)
    return mix(position * _signed(0x9E3779B1) + _signed(seed))


def fill(memory, pattern):
    """Fills a uint8 memory, a multiple of 4 bytes long, with a pattern of the harness."""
    words = memory.view(torch.int32)
    if pattern["kind"] == "word":
        words.fill_(_signed(pattern["word"]))
        return
    element, seed, row_length = pattern["element"], pattern["seed"], pattern["rowLength"]
    for first in range(0, words.numel(), CHUNK_WORDS):
        part = words[first : first + CHUNK_WORDS]
        part.copy_(_values(element, first, part.numel(), seed, row_length, memory.device))
    change = pattern.get("change")
    if change:
        words.bitwise_and_(_signed(change["and"])).add_(_signed(change["add"]))


def _values(element, first, count, seed, row_length, device):
    h = hash_words(first, count, seed, device)
    if element == "f32":
        return unit_floats(h).view(torch.int32)
    if element == "i32":
        return _shift_right(h, 1)
    if element == "i8":
        return h
    if element in ("f16", "bf16"):
        dtype = torch.float16 if element == "f16" else torch.bfloat16
        halves = torch.stack((h & 255, _shift_right(h, 16) & 255), dim=-1)
        return ((halves - 128).float() / 128).to(dtype).view(torch.int32).view(-1)
    if element == "f8":
        codes = torch.stack([_shift_right(h, s) & 15 if s else h & 15 for s in (0, 8, 16, 24)], dim=-1)
        return ((codes - 8).float() / 8).to(torch.float8_e4m3fn).view(torch.int32).view(-1)
    return _row_words(element, h, first, row_length)


def unit_floats(h):
    """fp32 in [−1, 1) of hashed words."""
    return _shift_right(h, 8).float() / 2**23 - 1


def _row_words(element, h, first, row_length):
    per_row = row_length // 4 + 2 if element == "rows-int8" else row_length // 8 + 1
    column = torch.arange(first, first + h.numel(), dtype=torch.int64, device=h.device) % per_row
    low = h & 255
    if element == "rows-int8":
        scale = (1 + (h & 127)).float() / 2**14
        bias = (low - 128).float() / 128
        h = torch.where(column == per_row - 2, scale.view(torch.int32), h)
        return torch.where(column == per_row - 1, bias.view(torch.int32), h)
    scale = (1 + (h & 63)).float() / 2**10
    bias = ((_shift_right(h, 16) & 255) - 128).float() / 128
    pair = torch.stack((scale, bias), dim=-1).half().view(torch.int32).view(-1)
    return torch.where(column == per_row - 1, pair, h)
