"""
X·(XᵀY) in one launch: a program holds some columns of Y of its sample, forms some rows of XᵀY after the other and multiplies
them by X at once, so that XᵀY is never in memory. The way of the paper; the other association has fewer products to form
where vectors are few.
"""

import triton
import triton.language as tl

COLUMNS = 64  # @knob tiling {32, 64, 128, 256} columns of Y that a program holds
DEPTH = 64  # @knob tiling {16, 32, 64, 128} columns of X, which are rows of XᵀY, at a time
WARPS = 4  # @knob warps {2, 4, 8} warps of a program
STAGES = 4  # @knob stages {1, 2, 3, 4} tiles of X on their way

# @require vectors <= 128
# @require align(vectors, 16) * DEPTH * STAGES + align(vectors, 16) * COLUMNS + DEPTH * COLUMNS <= 98304
# @require (align(vectors, 16) + DEPTH) * COLUMNS <= 4096 * WARPS


@triton.jit
def interact(
    x, y, out, VECTORS: tl.constexpr, COLUMNS: tl.constexpr, DEPTH: tl.constexpr, STAGES: tl.constexpr
):
    tiles: tl.constexpr = (AXIS_rank + COLUMNS - 1) // COLUMNS
    sample = (tl.program_id(0) // tiles).to(tl.int64)
    column = tl.program_id(0) % tiles * COLUMNS + tl.arange(0, COLUMNS)
    vector = tl.arange(0, VECTORS)
    is_vector = (vector < AXIS_vectors)[:, None]
    inside = is_vector & (column < AXIS_rank)[None, :]
    at = sample * (AXIS_vectors * AXIS_rank) + vector[:, None] * AXIS_rank + column[None, :]
    held = tl.load(y + at, mask=inside, other=0.0)
    x += sample * (AXIS_vectors * AXIS_dim)
    answer = tl.zeros([VECTORS, COLUMNS], tl.float32)
    for first in tl.range(0, AXIS_dim, DEPTH, num_stages=STAGES):
        depth = first + tl.arange(0, DEPTH)
        is_there = is_vector & (depth < AXIS_dim)[None, :]
        rows = tl.load(x + vector[:, None] * AXIS_dim + depth[None, :], mask=is_there, other=0.0)
        between = tl.dot(tl.trans(rows), held).to(rows.dtype)
        answer = tl.dot(rows, between, answer)
    tl.store(out + at, answer.to(out.dtype.element_ty), mask=inside)


def launch(tensors, axes):
    interact[(AXIS_batch * triton.cdiv(AXIS_rank, COLUMNS),)](
        tensors["x"],
        tensors["y"],
        tensors["out"],
        VECTORS=max(16, triton.next_power_of_2(AXIS_vectors)),
        COLUMNS=COLUMNS,
        DEPTH=DEPTH,
        STAGES=STAGES,
        num_warps=WARPS,
    )
