"""Kernels of our own in Triton. Sums are formed in fp32."""

import triton
import triton.language as tl


@triton.jit
def bag_of_floats(table, indices, out, pooling, DIM: tl.constexpr, ROWS: tl.constexpr, COLUMNS: tl.constexpr):
    bag = tl.program_id(0).to(tl.int64)
    column = tl.arange(0, COLUMNS)
    lane = tl.arange(0, ROWS)
    total = tl.zeros((ROWS, COLUMNS), dtype=tl.float32)
    for first in range(0, pooling, ROWS):
        there = first + lane < pooling
        row = tl.load(indices + bag * pooling + first + lane, mask=there, other=0).to(tl.int64)
        inside = there[:, None] & (column[None, :] < DIM)
        total += tl.load(table + row[:, None] * DIM + column[None, :], mask=inside, other=0.0).to(tl.float32)
    result = tl.sum(total, axis=0)
    tl.store(out + bag * DIM + column, result.to(out.dtype.element_ty), mask=column < DIM)


@triton.jit
def bag_of_int8(
    table, numbers, indices, out, pooling, DIM: tl.constexpr, ROWS: tl.constexpr, COLUMNS: tl.constexpr
):
    bag = tl.program_id(0).to(tl.int64)
    column = tl.arange(0, COLUMNS)
    lane = tl.arange(0, ROWS)
    total = tl.zeros((ROWS, COLUMNS), dtype=tl.float32)
    for first in range(0, pooling, ROWS):
        there = first + lane < pooling
        row = tl.load(indices + bag * pooling + first + lane, mask=there, other=0).to(tl.int64)
        inside = there[:, None] & (column[None, :] < DIM)
        codes = tl.load(table + row[:, None] * (DIM + 8) + column[None, :], mask=inside, other=0)
        last = numbers + row * (DIM // 4 + 2) + DIM // 4
        scale = tl.load(last, mask=there, other=0.0)
        bias = tl.load(last + 1, mask=there, other=0.0)
        total += codes.to(tl.float32) * scale[:, None] + bias[:, None]
    result = tl.sum(total, axis=0)
    tl.store(out + bag * DIM + column, result.to(tl.float16), mask=column < DIM)


@triton.jit
def bag_of_int4(
    table, numbers, indices, out, pooling, DIM: tl.constexpr, ROWS: tl.constexpr, COLUMNS: tl.constexpr
):
    bag = tl.program_id(0).to(tl.int64)
    # Two codes to a byte: even columns in the low nibbles, odd ones in the high.
    pair = tl.arange(0, COLUMNS)
    lane = tl.arange(0, ROWS)
    even = tl.zeros((ROWS, COLUMNS), dtype=tl.float32)
    odd = tl.zeros((ROWS, COLUMNS), dtype=tl.float32)
    for first in range(0, pooling, ROWS):
        there = first + lane < pooling
        row = tl.load(indices + bag * pooling + first + lane, mask=there, other=0).to(tl.int64)
        inside = there[:, None] & (pair[None, :] < DIM // 2)
        codes = tl.load(table + row[:, None] * (DIM // 2 + 4) + pair[None, :], mask=inside, other=0)
        last = numbers + row * (DIM // 4 + 2) + DIM // 4
        scale = tl.load(last, mask=there, other=0.0).to(tl.float32)[:, None]
        bias = tl.load(last + 1, mask=there, other=0.0).to(tl.float32)[:, None]
        even += (codes & 15).to(tl.float32) * scale + bias
        odd += (codes >> 4).to(tl.float32) * scale + bias
    at = out + bag * DIM + 2 * pair
    tl.store(at, tl.sum(even, axis=0).to(tl.float16), mask=pair < DIM // 2)
    tl.store(at + 1, tl.sum(odd, axis=0).to(tl.float16), mask=pair < DIM // 2)


@triton.jit
def add_bias_and_rectify(x, bias, out, total, n, BLOCK: tl.constexpr):
    at = tl.program_id(0).to(tl.int64) * BLOCK + tl.arange(0, BLOCK)
    inside = at < total
    value = tl.load(x + at, mask=inside, other=0.0).to(tl.float32)
    value += tl.load(bias + at % n, mask=inside, other=0.0).to(tl.float32)
    tl.store(out + at, tl.maximum(value, 0.0).to(out.dtype.element_ty), mask=inside)


@triton.jit
def multiply(x, out, total, INPUTS: tl.constexpr, BLOCK: tl.constexpr):
    at = tl.program_id(0).to(tl.int64) * BLOCK + tl.arange(0, BLOCK)
    inside = at < total
    value = tl.load(x + at, mask=inside, other=0.0).to(tl.float32)
    source = at
    for _ in tl.static_range(1, INPUTS):
        source += total
        value *= tl.load(x + source, mask=inside, other=0.0).to(tl.float32)
    tl.store(out + at, value.to(out.dtype.element_ty), mask=inside)


@triton.jit
def normalise(
    x, gain, bias, out, rows, n, epsilon, CENTRE: tl.constexpr, ROWS: tl.constexpr, COLUMNS: tl.constexpr
):
    row = tl.program_id(0).to(tl.int64) * ROWS + tl.arange(0, ROWS)
    column = tl.arange(0, COLUMNS)
    inside = (row[:, None] < rows) & (column[None, :] < n)
    at = row[:, None] * n + column[None, :]
    value = tl.load(x + at, mask=inside, other=0.0).to(tl.float32)
    if CENTRE:
        mean = tl.sum(value, axis=1) / n
        value = tl.where(inside, value - mean[:, None], 0.0)
    scale = 1.0 / tl.sqrt(tl.sum(value * value, axis=1) / n + epsilon)
    result = value * scale[:, None] * tl.load(gain + column, mask=column < n, other=0.0).to(tl.float32)[None, :]
    if CENTRE:
        result += tl.load(bias + column, mask=column < n, other=0.0).to(tl.float32)[None, :]
    tl.store(out + at, result.to(out.dtype.element_ty), mask=inside)


@triton.jit
def interact_by_factors(x, out, vectors, DIM: tl.constexpr, ROWS: tl.constexpr, COLUMNS: tl.constexpr):
    sample = tl.program_id(0).to(tl.int64)
    vector = tl.arange(0, ROWS)
    column = tl.arange(0, COLUMNS)
    inside = (vector[:, None] < vectors) & (column[None, :] < DIM)
    at = sample * vectors * DIM + vector[:, None] * DIM + column[None, :]
    value = tl.load(x + at, mask=inside, other=0.0).to(tl.float32)
    total = tl.sum(value, axis=0)
    squares = tl.sum(value * value, axis=0)
    tl.store(out + sample, 0.5 * tl.sum(total * total - squares, axis=0))


@triton.jit
def nothing():
    pass
