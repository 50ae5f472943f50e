"""A program sums the rows of some bags; several rows of each are on their way at once. Sums are fp32."""
# @data-types fp32, fp16

import triton
import triton.language as tl

BAGS = 1  # @knob tiling {1, 2, 4, 8, 16} bags of a program, more where bags have few rows
LANES = 8  # @knob split {1, 2, 4, 8, 16} rows of a bag side by side, unless it has fewer
UNROLL = 2  # @knob bytes-in-flight {1, 2, 4, 8} times as many, one after another without waiting
WARPS = 1  # @knob warps {1, 2, 4, 8} warps of a program
KEPT = 0  # @knob cache-hints {0, 1} 1: caches keep rows longer than other data

# @require BAGS * LANES * dim <= 2048 * WARPS


@triton.jit
def embedding_bag(
    table,
    indices,
    out,
    BAGS: tl.constexpr,
    LANES: tl.constexpr,
    UNROLL: tl.constexpr,
    COLUMNS: tl.constexpr,
    POLICY: tl.constexpr,
):
    bag = tl.program_id(0).to(tl.int64) * BAGS + tl.arange(0, BAGS)
    column = tl.arange(0, COLUMNS)
    is_bag = (bag < AXIS_bags)[:, None]
    is_column = (column < AXIS_dim)[None, None, :]
    total = tl.zeros([BAGS, LANES, COLUMNS], tl.float32)
    for first in range(0, AXIS_pooling, LANES * UNROLL):
        for turn in tl.static_range(UNROLL):
            lookup = first + turn * LANES + tl.arange(0, LANES)[None, :]
            is_there = is_bag & (lookup < AXIS_pooling)
            row = tl.load(indices + bag[:, None] * AXIS_pooling + lookup, mask=is_there, other=0).to(tl.int64)
            at = row[:, :, None] * AXIS_dim + column[None, None, :]
            inside = is_there[:, :, None] & is_column
            total += tl.load(table + at, mask=inside, other=0.0, eviction_policy=POLICY).to(tl.float32)
    answer = tl.sum(total, axis=1).to(out.dtype.element_ty)
    inside = is_bag & (column < AXIS_dim)[None, :]
    tl.store(out + bag[:, None] * AXIS_dim + column[None, :], answer, mask=inside)


def launch(tensors, axes):
    lanes = min(LANES, triton.next_power_of_2(AXIS_pooling))
    bags = min(BAGS * (LANES // lanes), triton.next_power_of_2(AXIS_bags))
    embedding_bag[(triton.cdiv(AXIS_bags, bags),)](
        tensors["table"],
        tensors["indices"],
        tensors["out"],
        BAGS=bags,
        LANES=lanes,
        UNROLL=UNROLL,
        COLUMNS=triton.next_power_of_2(AXIS_dim),
        POLICY="evict_last" if KEPT else "",
        num_warps=WARPS,
    )
