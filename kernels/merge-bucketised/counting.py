"""Counts the borders that are not above a value, all of them, without a branch: few borders are counted faster than searched."""

import triton
import triton.language as tl

BLOCK = 512  # @knob tiling {256, 512, 1024, 2048} values of a program
WARPS = 4  # @knob warps {1, 2, 4, 8} warps of a program
UNROLL = 4  # @knob unrolling {1, 2, 4, 8, 16} borders that are written out

# @require BLOCK >= 32 * WARPS


@triton.jit
def count_borders(x, borders, first_buckets, out, BLOCK: tl.constexpr, BLOCKS: tl.constexpr, UNROLL: tl.constexpr):
    feature = tl.program_id(0) // BLOCKS
    sample = tl.program_id(0) % BLOCKS * BLOCK + tl.arange(0, BLOCK)
    at = feature.to(tl.int64) * AXIS_batch + sample
    inside = sample < AXIS_batch
    value = tl.load(x + at, mask=inside, other=0.0)
    bucket = tl.zeros([BLOCK], tl.int32) + tl.load(first_buckets + feature)
    own = borders + feature * AXIS_borders
    for first in range(0, AXIS_borders // UNROLL * UNROLL, UNROLL):
        for turn in tl.static_range(UNROLL):
            bucket += (tl.load(own + first + turn) <= value).to(tl.int32)
    for rest in tl.static_range(AXIS_borders // UNROLL * UNROLL, AXIS_borders):
        bucket += (tl.load(own + rest) <= value).to(tl.int32)
    tl.store(out + at, bucket, mask=inside)


def launch(tensors, axes):
    blocks = triton.cdiv(AXIS_batch, BLOCK)
    count_borders[(AXIS_features * blocks,)](
        tensors["x"],
        tensors["borders"],
        tensors["firstBuckets"],
        tensors["out"],
        BLOCK=BLOCK,
        BLOCKS=blocks,
        UNROLL=UNROLL,
        num_warps=WARPS,
    )
