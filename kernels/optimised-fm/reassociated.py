"""
(XXᵀ)·Y: a program forms the products of all vectors of its sample, which are few, and takes the sample's columns of Y through
them tile by tile. Y is read once and the answer written once.
"""

import triton
import triton.language as tl

COLUMNS = 128  # @knob tiling {32, 64, 128, 256} columns of Y at a time
DEPTH = 64  # @knob tiling {16, 32, 64, 128, 256} columns of X at a time
SPLIT = 2  # @knob split {1, 2, 3, 4, 6, 8} programs that share the columns of one sample
WARPS = 4  # @knob warps {2, 4, 8} warps of a program
STAGES = 3  # @knob stages {2, 3, 4, 5} tiles of Y on their way
ONCE = 1  # @knob cache-hints {0, 1} 1: caches may drop first what is read and written here only once

# @require vectors <= 128
# @require align(vectors, 16) * COLUMNS * STAGES <= 98304
# @require align(vectors, 16) * COLUMNS <= 4096 * WARPS


@triton.jit
def interact(
    x,
    y,
    out,
    VECTORS: tl.constexpr,
    COLUMNS: tl.constexpr,
    DEPTH: tl.constexpr,
    SPLIT: tl.constexpr,
    STAGES: tl.constexpr,
    POLICY: tl.constexpr,
):
    sample = (tl.program_id(0) // SPLIT).to(tl.int64)
    vector = tl.arange(0, VECTORS)
    is_vector = (vector < AXIS_vectors)[:, None]
    x += sample * (AXIS_vectors * AXIS_dim)
    products = tl.zeros([VECTORS, VECTORS], tl.float32)
    for first in range(0, AXIS_dim, DEPTH):
        depth = first + tl.arange(0, DEPTH)
        inside = is_vector & (depth < AXIS_dim)[None, :]
        rows = tl.load(x + vector[:, None] * AXIS_dim + depth[None, :], mask=inside, other=0.0)
        products = tl.dot(rows, tl.trans(rows), products)
    weights = products.to(out.dtype.element_ty)
    y += sample * (AXIS_vectors * AXIS_rank)
    out += sample * (AXIS_vectors * AXIS_rank)
    for first in tl.range(tl.program_id(0) % SPLIT * COLUMNS, AXIS_rank, SPLIT * COLUMNS, num_stages=STAGES):
        column = first + tl.arange(0, COLUMNS)
        inside = is_vector & (column < AXIS_rank)[None, :]
        at = vector[:, None] * AXIS_rank + column[None, :]
        tile = tl.load(y + at, mask=inside, other=0.0, eviction_policy=POLICY)
        answer = tl.dot(weights, tile).to(out.dtype.element_ty)
        tl.store(out + at, answer, mask=inside, eviction_policy=POLICY)


def launch(tensors, axes):
    interact[(AXIS_batch * SPLIT,)](
        tensors["x"],
        tensors["y"],
        tensors["out"],
        VECTORS=max(16, triton.next_power_of_2(AXIS_vectors)),
        COLUMNS=COLUMNS,
        DEPTH=DEPTH,
        SPLIT=SPLIT,
        STAGES=STAGES,
        POLICY="evict_first" if ONCE else "",
        num_warps=WARPS,
    )
