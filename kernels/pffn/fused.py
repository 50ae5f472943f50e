"""
x · w + bias of each sample's own weights, GELU, RMS norm and gain in one launch: a program holds whole rows of the answer, so
that nothing between is in memory. Widths that are no power of two are held as two blocks that are: 160 as 128 and 32.
"""

import triton
import triton.language as tl

ROWS = 64  # @knob tiling {16, 32, 64, 128} rows of a program
DEPTH = 64  # @knob tiling {32, 64, 128} columns of x at a time
WARPS = 8  # @knob warps {4, 8} warps of a program
STAGES = 3  # @knob stages {2, 3, 4} tiles of x and w on their way
GELU = 1  # @knob approximation {0, 1} the normal distribution itself, or tanh within 5e-4 of it
IN_TWO = 1  # @knob layout {0, 1} 1: a width is held as two blocks instead of the next power of two

# @let lower 16 + 16 * (width > 16) + 32 * (width > 32) + 64 * (width > 64)
# @let padded lower + 128 * (width > 128) + 256 * (width > 256)
# @require width <= 512
# @require (ROWS + padded) * DEPTH * STAGES <= 110000
# @require ROWS * padded <= 4096 * WARPS


@triton.jit
def activated(hidden, GELU: tl.constexpr):
    if AXIS_gelu == 1:
        if GELU == 0:
            hidden = 0.5 * hidden * (1.0 + tl.erf(hidden * 0.7071067811865476))
        else:
            # 1 + tanh(z) is 2 · sigmoid(2z).
            twice = 1.5957691216057308 * (hidden + 0.044715 * hidden * hidden * hidden)
            hidden = hidden / (1.0 + tl.exp(-twice))
    return hidden


@triton.jit
def scaled(hidden, gain, factor, column, dtype: tl.constexpr):
    scale = tl.load(gain + column, mask=column < AXIS_width, other=0.0).to(tl.float32)
    return (hidden * factor * scale[None, :]).to(dtype)


@triton.jit
def feed_forward(
    x,
    w,
    bias,
    gain,
    out,
    ROWS: tl.constexpr,
    DEPTH: tl.constexpr,
    WIDE: tl.constexpr,
    NARROW: tl.constexpr,
    STAGES: tl.constexpr,
    GELU: tl.constexpr,
):
    blocks: tl.constexpr = (AXIS_length + ROWS - 1) // ROWS
    # Programs of one sample are neighbours: its weights are in a cache then.
    sample = (tl.program_id(0) // blocks).to(tl.int64)
    row = tl.program_id(0) % blocks * ROWS + tl.arange(0, ROWS)
    is_row = (row < AXIS_length)[:, None]
    column = tl.arange(0, WIDE)
    is_column = (column < AXIS_width)[None, :]
    x += sample * (AXIS_length * AXIS_dim)
    w += sample * (AXIS_dim * AXIS_width)
    hidden = tl.zeros([ROWS, WIDE], tl.float32)
    if NARROW > 0:
        further = WIDE + tl.arange(0, NARROW)
        is_further = (further < AXIS_width)[None, :]
        rest = tl.zeros([ROWS, NARROW], tl.float32)
    for first in tl.range(0, AXIS_dim, DEPTH, num_stages=STAGES):
        depth = first + tl.arange(0, DEPTH)
        is_depth = depth < AXIS_dim
        rows = tl.load(x + row[:, None] * AXIS_dim + depth[None, :], mask=is_row & is_depth[None, :], other=0.0)
        at = w + depth[:, None] * AXIS_width
        weights = tl.load(at + column[None, :], mask=is_depth[:, None] & is_column, other=0.0)
        hidden = tl.dot(rows, weights, hidden)
        if NARROW > 0:
            others = tl.load(at + further[None, :], mask=is_depth[:, None] & is_further, other=0.0)
            rest = tl.dot(rows, others, rest)
    # Columns behind the last are 0 until here and after GELU.
    shift = bias + sample * AXIS_width
    hidden += tl.load(shift + column, mask=column < AXIS_width, other=0.0).to(tl.float32)[None, :]
    hidden = activated(hidden, GELU)
    squares = tl.sum(hidden * hidden, axis=1)
    if NARROW > 0:
        rest += tl.load(shift + further, mask=further < AXIS_width, other=0.0).to(tl.float32)[None, :]
        rest = activated(rest, GELU)
        squares += tl.sum(rest * rest, axis=1)
    factor = tl.rsqrt(squares * (1.0 / AXIS_width) + 1e-5)[:, None]
    at = out + sample * (AXIS_length * AXIS_width) + row[:, None] * AXIS_width
    answer = scaled(hidden, gain, factor, column, out.dtype.element_ty)
    tl.store(at + column[None, :], answer, mask=is_row & is_column)
    if NARROW > 0:
        answer = scaled(rest, gain, factor, further, out.dtype.element_ty)
        tl.store(at + further[None, :], answer, mask=is_row & is_further)


def launch(tensors, axes):
    wide = max(16, triton.next_power_of_2(AXIS_width))
    narrow = 0
    left = AXIS_width - wide // 2
    if IN_TWO and wide > 32 and left <= wide // 4:
        narrow = max(16, triton.next_power_of_2(left))
        wide = wide // 2
    feed_forward[(AXIS_batch * triton.cdiv(AXIS_length, ROWS),)](
        tensors["x"],
        tensors["w"],
        tensors["bias"],
        tensors["gain"],
        tensors["out"],
        ROWS=ROWS,
        DEPTH=DEPTH,
        WIDE=wide,
        NARROW=narrow,
        STAGES=STAGES,
        GELU=GELU,
        num_warps=WARPS,
    )
