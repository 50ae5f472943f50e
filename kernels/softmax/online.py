"""Rows pass by in tiles, twice: for their largest element and sum, corrected as larger ones come, and for the answers."""

import triton
import triton.language as tl

TILE = 4096  # @knob tiling {512, 1024, 2048, 4096, 8192} elements of a row at a time, unless it has fewer
ROWS = 1  # @knob tiling {1, 2, 4, 8} rows of a program, more where a tile is longer than a row
WARPS = 4  # @knob warps {1, 2, 4, 8} warps of a program
STAGES = 2  # @knob stages {1, 2, 3, 4} tiles on their way

# @require TILE * ROWS <= 4096 * WARPS


@triton.jit
def softmax(x, out, ROWS: tl.constexpr, TILE: tl.constexpr, STAGES: tl.constexpr):
    row = tl.program_id(0).to(tl.int64) * ROWS + tl.arange(0, ROWS)
    start = row[:, None] * AXIS_n
    most = tl.full([ROWS], float("-inf"), tl.float32)
    total = tl.zeros([ROWS], tl.float32)
    for first in tl.range(0, AXIS_n, TILE, num_stages=STAGES):
        column = first + tl.arange(0, TILE)
        inside = (row < AXIS_rows)[:, None] & (column < AXIS_n)[None, :]
        value = tl.load(x + start + column[None, :], mask=inside, other=float("-inf"), eviction_policy="evict_last")
        value = value.to(tl.float32)
        larger = tl.maximum(most, tl.max(value, axis=1))
        total = total * tl.exp(most - larger) + tl.sum(tl.exp(value - larger[:, None]), axis=1)
        most = larger
    factor = 1.0 / total
    for first in tl.range(0, AXIS_n, TILE, num_stages=STAGES):
        column = first + tl.arange(0, TILE)
        inside = (row < AXIS_rows)[:, None] & (column < AXIS_n)[None, :]
        value = tl.load(x + start + column[None, :], mask=inside, other=float("-inf"), eviction_policy="evict_first")
        answer = tl.exp(value.to(tl.float32) - most[:, None]) * factor[:, None]
        tl.store(out + start + column[None, :], answer.to(out.dtype.element_ty), mask=inside)


def launch(tensors, axes):
    tile = min(TILE, triton.next_power_of_2(AXIS_n))
    rows = min(ROWS * (TILE // tile), triton.next_power_of_2(AXIS_rows))
    softmax[(triton.cdiv(AXIS_rows, rows),)](
        tensors["x"], tensors["out"], ROWS=rows, TILE=tile, STAGES=STAGES, num_warps=WARPS
    )
