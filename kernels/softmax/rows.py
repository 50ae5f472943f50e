"""A program holds whole rows in registers, so that each is read once and written once. It stays and takes row after row."""

import triton
import triton.language as tl

HELD = 1024  # @knob tiling {1024, 2048, 4096, 8192} elements that a program holds, unless one row has more
WARPS = 4  # @knob warps {1, 2, 4, 8, 16} warps of a program
RESIDENT = 1024  # @knob persistent-grid {1024, 32, 16, 8, 4} programs for each of 132 multiprocessors at most
STAGES = 1  # @knob stages {1, 2, 3} blocks of rows on their way
ONCE = 1  # @knob cache-hints {0, 1} 1: caches may drop first what is read and written here only once

# @require max(HELD, n) <= 4096 * WARPS


@triton.jit
def softmax(
    x, out, blocks, ROWS: tl.constexpr, COLUMNS: tl.constexpr, STAGES: tl.constexpr, POLICY: tl.constexpr
):
    column = tl.arange(0, COLUMNS)
    for block in tl.range(tl.program_id(0), blocks, tl.num_programs(0), num_stages=STAGES):
        row = (block * ROWS + tl.arange(0, ROWS)).to(tl.int64)
        inside = (row < AXIS_rows)[:, None] & (column < AXIS_n)[None, :]
        at = row[:, None] * AXIS_n + column[None, :]
        value = tl.load(x + at, mask=inside, other=float("-inf"), eviction_policy=POLICY).to(tl.float32)
        power = tl.exp(value - tl.max(value, axis=1)[:, None])
        answer = power * (1.0 / tl.sum(power, axis=1))[:, None]
        tl.store(out + at, answer.to(out.dtype.element_ty), mask=inside, eviction_policy=POLICY)


def launch(tensors, axes):
    columns = triton.next_power_of_2(AXIS_n)
    rows = max(1, min(HELD // columns, triton.next_power_of_2(AXIS_rows)))
    blocks = triton.cdiv(AXIS_rows, rows)
    softmax[(min(blocks, 132 * RESIDENT),)](
        tensors["x"],
        tensors["out"],
        blocks,
        ROWS=rows,
        COLUMNS=columns,
        STAGES=STAGES,
        POLICY="evict_first" if ONCE else "",
        num_warps=WARPS,
    )
