"""
A program sums the rows of some bags, each of them codes with a scale and a bias behind; several rows are on their way at
once. Of int4 a byte holds two columns, the even one in its low half. Sums are fp32.
"""

import torch
import triton
import triton.language as tl

BITS = 8  # @data-types int8 = 8, int4 = 4
BAGS = 1  # @knob tiling {1, 2, 4, 8, 16} bags of a program, more where bags have few rows
LANES = 8  # @knob split {1, 2, 4, 8, 16, 32} rows of a bag side by side, unless it has fewer
UNROLL = 2  # @knob bytes-in-flight {1, 2, 4} times as many, one after another without waiting
WARPS = 1  # @knob warps {1, 2, 4, 8} warps of a program
KEPT = 0  # @knob cache-hints {0, 1} 1: caches keep rows longer than other data

# @require BAGS * LANES * dim <= 2048 * WARPS


@triton.jit
def embedding_bag(
    table,
    numbers,
    indices,
    out,
    BITS: tl.constexpr,
    BAGS: tl.constexpr,
    LANES: tl.constexpr,
    UNROLL: tl.constexpr,
    HELD: tl.constexpr,
    POLICY: tl.constexpr,
):
    codes_of_row: tl.constexpr = AXIS_dim * BITS // 8
    bytes_of_row: tl.constexpr = codes_of_row + BITS
    bag = tl.program_id(0).to(tl.int64) * BAGS + tl.arange(0, BAGS)
    place = tl.arange(0, HELD)
    is_bag = (bag < AXIS_bags)[:, None]
    low = tl.zeros([BAGS, LANES, HELD], tl.float32)
    high = tl.zeros([BAGS, LANES, HELD], tl.float32)
    for first in range(0, AXIS_pooling, LANES * UNROLL):
        for turn in tl.static_range(UNROLL):
            lookup = first + turn * LANES + tl.arange(0, LANES)[None, :]
            is_there = is_bag & (lookup < AXIS_pooling)
            row = tl.load(indices + bag[:, None] * AXIS_pooling + lookup, mask=is_there, other=0).to(tl.int64)
            inside = is_there[:, :, None] & (place < codes_of_row)[None, None, :]
            at = row[:, :, None] * bytes_of_row + place[None, None, :]
            code = tl.load(table + at, mask=inside, other=0, eviction_policy=POLICY)
            last = numbers + row * (AXIS_dim // 4 + 2) + AXIS_dim // 4
            scale = tl.load(last, mask=is_there, other=0.0).to(tl.float32)[:, :, None]
            bias = tl.load(last + 1, mask=is_there, other=0.0).to(tl.float32)[:, :, None]
            if BITS == 8:
                low += code.to(tl.float32) * scale + bias
            else:
                low += (code & 15).to(tl.float32) * scale + bias
                high += (code >> 4).to(tl.float32) * scale + bias
    inside = is_bag & (place < codes_of_row)[None, :]
    if BITS == 8:
        at = bag[:, None] * AXIS_dim + place[None, :]
        tl.store(out + at, tl.sum(low, axis=1).to(out.dtype.element_ty), mask=inside)
    else:
        at = bag[:, None] * AXIS_dim + 2 * place[None, :]
        tl.store(out + at, tl.sum(low, axis=1).to(out.dtype.element_ty), mask=inside)
        tl.store(out + at + 1, tl.sum(high, axis=1).to(out.dtype.element_ty), mask=inside)


def launch(tensors, axes):
    table = tensors["table"]
    lanes = min(LANES, triton.next_power_of_2(AXIS_pooling))
    bags = min(BAGS * (LANES // lanes), triton.next_power_of_2(AXIS_bags))
    embedding_bag[(triton.cdiv(AXIS_bags, bags),)](
        table,
        table.view(torch.float32 if BITS == 8 else torch.float16),
        tensors["indices"],
        tensors["out"],
        BITS=BITS,
        BAGS=bags,
        LANES=lanes,
        UNROLL=UNROLL,
        HELD=triton.next_power_of_2(AXIS_dim * BITS // 8),
        POLICY="evict_last" if KEPT else "",
        num_warps=WARPS,
    )
