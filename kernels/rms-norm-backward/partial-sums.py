"""
Rows are read once: a program that stays holds some at a time, writes their gradients, and keeps its own sum of the gain's
gradient in registers. A second kernel adds up the sums of all programs.
"""

import torch
import triton
import triton.language as tl

HELD = 4096  # @knob tiling {512, 1024, 2048, 4096, 8192} elements that a program holds, unless one row has more
WARPS = 8  # @knob warps {1, 2, 4, 8, 16} warps of a program
RESIDENT = 2  # @knob persistent-grid {4, 2, 1} programs for each of 132 multiprocessors at most
STAGES = 2  # @knob stages {1, 2, 3} blocks of rows on their way
SUMMED = 32  # @knob split {16, 32, 64, 128} columns of a program that adds up
PARTS = 32  # @knob bytes-in-flight {16, 32, 64, 128} sums that it adds at a time

# @require max(HELD, n) <= 1024 * WARPS


@triton.jit
def gradients(
    x, gain, dy, dx, partial, blocks, ROWS: tl.constexpr, COLUMNS: tl.constexpr, STAGES: tl.constexpr
):
    column = tl.arange(0, COLUMNS)
    is_column = column < AXIS_n
    factor = tl.load(gain + column, mask=is_column, other=0.0).to(tl.float32)[None, :]
    # By row, too: rows are added up once, at the end.
    own = tl.zeros([ROWS, COLUMNS], tl.float32)
    for block in tl.range(tl.program_id(0), blocks, tl.num_programs(0), num_stages=STAGES):
        row = (block * ROWS + tl.arange(0, ROWS)).to(tl.int64)
        inside = (row < AXIS_rows)[:, None] & is_column[None, :]
        at = row[:, None] * AXIS_n + column[None, :]
        value = tl.load(x + at, mask=inside, other=0.0).to(tl.float32)
        gradient = tl.load(dy + at, mask=inside, other=0.0).to(tl.float32)
        root = tl.rsqrt(tl.sum(value * value, axis=1) * (1.0 / AXIS_n) + 1e-5)[:, None]
        direct = gradient * factor
        along = tl.sum(direct * value, axis=1)[:, None] * (1.0 / AXIS_n)
        answer = root * (direct - value * (root * root * along))
        tl.store(dx + at, answer.to(dx.dtype.element_ty), mask=inside)
        own += gradient * value * root
    tl.store(partial + tl.program_id(0) * AXIS_n + column, tl.sum(own, axis=0), mask=is_column)


@triton.jit
def add_up(partial, dgain, programs, COLUMNS: tl.constexpr, PARTS: tl.constexpr):
    column = tl.program_id(0) * COLUMNS + tl.arange(0, COLUMNS)
    total = tl.zeros([PARTS, COLUMNS], tl.float32)
    for first in range(0, programs, PARTS):
        part = first + tl.arange(0, PARTS)
        inside = (part < programs)[:, None] & (column < AXIS_n)[None, :]
        total += tl.load(partial + part[:, None] * AXIS_n + column[None, :], mask=inside, other=0.0)
    tl.store(dgain + column, tl.sum(total, axis=0).to(dgain.dtype.element_ty), mask=column < AXIS_n)


def launch(tensors, axes):
    columns = triton.next_power_of_2(AXIS_n)
    rows = max(1, min(HELD // columns, triton.next_power_of_2(AXIS_rows)))
    blocks = triton.cdiv(AXIS_rows, rows)
    programs = min(blocks, 132 * RESIDENT)
    partial = torch.empty((programs, AXIS_n), dtype=torch.float32, device=tensors["x"].device)
    gradients[(programs,)](
        tensors["x"],
        tensors["gain"],
        tensors["dy"],
        tensors["dx"],
        partial,
        blocks,
        ROWS=rows,
        COLUMNS=columns,
        STAGES=STAGES,
        num_warps=WARPS,
    )
    add_up[(triton.cdiv(AXIS_n, SUMMED),)](partial, tensors["dgain"], programs, COLUMNS=SUMMED, PARTS=PARTS, num_warps=4)
