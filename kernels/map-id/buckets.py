"""
A first kernel cuts the range of ids into buckets of equal width, and writes where each begins in the table. A value then reads
its bucket and halves what is in it: a few steps where ids are spread evenly, never wrong where they are not.
"""

import torch
import triton
import triton.language as tl

IDS_OF_BUCKET = 2  # @knob tiling {1, 2, 4, 8, 16, 32} ids of a bucket, were they spread evenly
BLOCK = 128  # @knob tiling {64, 128, 256, 512, 1024} values of a program
WARPS = 4  # @knob warps {1, 2, 4, 8} warps of a program

# @require BLOCK >= 32 * WARPS
# @require ids <= 16777216


@triton.jit
def bucket_of(value, table, BUCKETS: tl.constexpr):
    # Never falls where values rise: what rounding does to it is the same in both kernels.
    least = tl.load(table).to(tl.float32)
    scale = BUCKETS / tl.maximum(tl.load(table + AXIS_ids - 1).to(tl.float32) - least, 1e-30)
    place = (value.to(tl.float32) - least) * scale
    return tl.minimum(tl.where(place > 0.0, place, 0.0), BUCKETS - 1.0).to(tl.int32)


@triton.jit
def fill_buckets(table, starts, BUCKETS: tl.constexpr, BLOCK: tl.constexpr):
    # As many ids lie in buckets before; an id behind the last closes the buckets that are left.
    each = tl.program_id(0) * BLOCK + tl.arange(0, BLOCK)
    own = bucket_of(tl.load(table + tl.minimum(each, AXIS_ids - 1)), table, BUCKETS)
    own = tl.where(each < AXIS_ids, own, BUCKETS)
    before = bucket_of(tl.load(table + tl.maximum(tl.minimum(each, AXIS_ids) - 1, 0)), table, BUCKETS)
    before = tl.where(each > 0, before, -1)
    begun = tl.where(each <= AXIS_ids, own - before, 0)
    for i in range(tl.max(begun, axis=0)):
        tl.store(starts + before + 1 + i, each, mask=i < begun)


@triton.jit
def map_id(values, table, starts, out, BUCKETS: tl.constexpr, BLOCK: tl.constexpr):
    at = tl.program_id(0) * BLOCK + tl.arange(0, BLOCK)
    inside = at < AXIS_values
    value = tl.load(values + at, mask=inside, other=0)
    bucket = bucket_of(value, table, BUCKETS)
    low = tl.load(starts + bucket, mask=inside, other=0)
    high = tl.load(starts + bucket + 1, mask=inside, other=0)
    while tl.max(high - low, axis=0) > 0:
        middle = (low + high) // 2
        is_open = low < high
        is_below = tl.load(table + middle, mask=is_open, other=0) < value
        low = tl.where(is_open & is_below, middle + 1, low)
        high = tl.where(is_open & (is_below == 0), middle, high)
    place = tl.minimum(low, AXIS_ids - 1)
    tl.store(out + at, tl.where(tl.load(table + place) == value, place + 1, 0), mask=inside)


def launch(tensors, axes):
    table = tensors["table"]
    buckets = triton.cdiv(AXIS_ids, IDS_OF_BUCKET)
    starts = torch.empty((buckets + 1,), dtype=torch.int32, device=table.device)
    blocks = triton.cdiv(AXIS_ids + 1, BLOCK)
    fill_buckets[(blocks,)](table, starts, BUCKETS=buckets, BLOCK=BLOCK, num_warps=WARPS)
    map_id[(triton.cdiv(AXIS_values, BLOCK),)](
        tensors["values"], table, starts, tensors["out"], BUCKETS=buckets, BLOCK=BLOCK, num_warps=WARPS
    )
