"""Two products, one after the other: x · vᵀ, then that with wᵀ and the layer's inputs around it. Each is tiled by itself."""

import triton
import triton.language as tl

HIDDEN_ROWS = 64  # @knob tiling {16, 32, 64, 128} rows of a tile of the first product
HIDDEN_COLUMNS = 64  # @knob tiling {16, 32, 64, 128} columns of it, unless the rank has fewer
HIDDEN_DEPTH = 64  # @knob tiling {64, 128} of its inner axis at a time
HIDDEN_WARPS = 4  # @knob warps {2, 4, 8} warps of a program of it
ROWS = 64  # @knob tiling {32, 64, 128} rows of a tile of the second product
COLUMNS = 128  # @knob tiling {32, 64, 128} columns of it
DEPTH = 64  # @knob tiling {32, 64, 128} of the second inner axis at a time
WARPS = 4  # @knob warps {2, 4, 8} warps of a program of the second product
STAGES = 3  # @knob stages {2, 3, 4, 5} tiles on their way
BESIDE = 1  # @knob launch-shape {1, 4, 8, 16} tiles of rows that neighbours share columns of

# @require (HIDDEN_ROWS + HIDDEN_COLUMNS) * HIDDEN_DEPTH * STAGES <= 110000
# @require (ROWS + COLUMNS) * DEPTH * STAGES <= 110000
# @require HIDDEN_ROWS * HIDDEN_COLUMNS <= 4096 * HIDDEN_WARPS
# @require ROWS * COLUMNS <= 4096 * WARPS


@triton.jit
def tile_of(program, downs: tl.constexpr, acrosses: tl.constexpr, BESIDE: tl.constexpr):
    # A group goes down BESIDE tiles of rows before it goes across.
    group = program // (BESIDE * acrosses)
    high = tl.minimum(downs - group * BESIDE, BESIDE)
    inner = program % (BESIDE * acrosses)
    return group * BESIDE + inner % high, inner // high


@triton.jit
def product(
    a,
    b,
    row,
    column,
    outputs: tl.constexpr,
    inner: tl.constexpr,
    ROWS: tl.constexpr,
    COLUMNS: tl.constexpr,
    DEPTH: tl.constexpr,
    STAGES: tl.constexpr,
):
    sums = tl.zeros([ROWS, COLUMNS], tl.float32)
    is_row = (row < AXIS_batch)[:, None]
    is_column = (column < outputs)[:, None]
    for first in tl.range(0, inner, DEPTH, num_stages=STAGES):
        depth = first + tl.arange(0, DEPTH)
        is_depth = (depth < inner)[None, :]
        left = tl.load(a + row[:, None] * inner + depth[None, :], mask=is_row & is_depth, other=0.0)
        right = tl.load(b + column[:, None] * inner + depth[None, :], mask=is_column & is_depth, other=0.0)
        sums = tl.dot(left, tl.trans(right), sums)
    return sums


@triton.jit
def project(
    x,
    v,
    hidden,
    ROWS: tl.constexpr,
    COLUMNS: tl.constexpr,
    DEPTH: tl.constexpr,
    STAGES: tl.constexpr,
    BESIDE: tl.constexpr,
):
    downs: tl.constexpr = (AXIS_batch + ROWS - 1) // ROWS
    acrosses: tl.constexpr = (AXIS_rank + COLUMNS - 1) // COLUMNS
    down, across = tile_of(tl.program_id(0), downs, acrosses, BESIDE)
    row = down * ROWS + tl.arange(0, ROWS)
    column = across * COLUMNS + tl.arange(0, COLUMNS)
    sums = product(x, v, row, column, AXIS_rank, AXIS_width, ROWS, COLUMNS, DEPTH, STAGES)
    inside = (row < AXIS_batch)[:, None] & (column < AXIS_rank)[None, :]
    tl.store(hidden + row[:, None] * AXIS_rank + column[None, :], sums.to(hidden.dtype.element_ty), mask=inside)


@triton.jit
def cross(
    x0,
    x,
    w,
    bias,
    hidden,
    y,
    ROWS: tl.constexpr,
    COLUMNS: tl.constexpr,
    DEPTH: tl.constexpr,
    STAGES: tl.constexpr,
    BESIDE: tl.constexpr,
):
    downs: tl.constexpr = (AXIS_batch + ROWS - 1) // ROWS
    acrosses: tl.constexpr = (AXIS_width + COLUMNS - 1) // COLUMNS
    down, across = tile_of(tl.program_id(0), downs, acrosses, BESIDE)
    row = down * ROWS + tl.arange(0, ROWS)
    column = across * COLUMNS + tl.arange(0, COLUMNS)
    sums = product(hidden, w, row, column, AXIS_width, AXIS_rank, ROWS, COLUMNS, DEPTH, STAGES)
    inside = (row < AXIS_batch)[:, None] & (column < AXIS_width)[None, :]
    at = row[:, None] * AXIS_width + column[None, :]
    shift = tl.load(bias + column, mask=column < AXIS_width, other=0.0).to(tl.float32)[None, :]
    outer = tl.load(x0 + at, mask=inside, other=0.0).to(tl.float32)
    kept = tl.load(x + at, mask=inside, other=0.0).to(tl.float32)
    tl.store(y + at, (outer * (sums + shift) + kept).to(y.dtype.element_ty), mask=inside)


def launch(tensors, axes):
    x, hidden = tensors["x"], tensors["hidden"]
    columns = min(HIDDEN_COLUMNS, max(16, triton.next_power_of_2(AXIS_rank)))
    settings = {"STAGES": STAGES, "BESIDE": BESIDE}
    first = triton.cdiv(AXIS_batch, HIDDEN_ROWS) * triton.cdiv(AXIS_rank, columns)
    project[(first,)](
        x,
        tensors["v"],
        hidden,
        ROWS=HIDDEN_ROWS,
        COLUMNS=columns,
        DEPTH=HIDDEN_DEPTH,
        num_warps=HIDDEN_WARPS,
        **settings,
    )
    second = triton.cdiv(AXIS_batch, ROWS) * triton.cdiv(AXIS_width, COLUMNS)
    cross[(second,)](
        tensors["x0"],
        x,
        tensors["w"],
        tensors["bias"],
        hidden,
        tensors["y"],
        ROWS=ROWS,
        COLUMNS=COLUMNS,
        DEPTH=DEPTH,
        num_warps=WARPS,
        **settings,
    )
