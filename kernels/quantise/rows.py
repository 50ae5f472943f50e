"""A program holds whole rows in registers: least and largest element, then codes. Rows end in their scale and bias."""

import torch
import triton
import triton.language as tl

BITS = 8  # @data-types int8 = 8, int4 = 4
HELD = 512  # @knob tiling {512, 1024, 2048, 4096} elements that a program holds, unless one row has more
WARPS = 1  # @knob warps {1, 2, 4, 8} warps of a program
RECIPROCAL = 1  # @knob approximation {0, 1} 1: codes by the scale's reciprocal instead of a division
ONCE = 0  # @knob cache-hints {0, 1} 1: caches may drop first what is read and written here only once

# @require max(HELD, dim) <= 2048 * WARPS


@triton.jit
def quantise(
    x,
    out,
    numbers,
    BITS: tl.constexpr,
    ROWS: tl.constexpr,
    COLUMNS: tl.constexpr,
    RECIPROCAL: tl.constexpr,
    POLICY: tl.constexpr,
):
    row = tl.program_id(0).to(tl.int64) * ROWS + tl.arange(0, ROWS)
    column = tl.arange(0, COLUMNS)
    is_row = row < AXIS_rows
    inside = is_row[:, None] & (column < AXIS_dim)[None, :]
    value = tl.load(x + row[:, None] * AXIS_dim + column[None, :], mask=inside, other=0.0, eviction_policy=POLICY)
    least = tl.min(tl.where(inside, value, float("inf")), axis=1)
    most = tl.max(tl.where(inside, value, float("-inf")), axis=1)
    # As they are stored: codes stand for multiples of what a reader finds.
    levels: tl.constexpr = 255 if BITS == 8 else 15
    stored_scale = ((most - least) / levels).to(numbers.dtype.element_ty)
    stored_bias = least.to(numbers.dtype.element_ty)
    scale = stored_scale.to(tl.float32)
    # Of a row whose elements are all the same, any code will do.
    divisor = tl.where(scale > 0.0, scale, 1.0)[:, None]
    distance = value - stored_bias.to(tl.float32)[:, None]
    code = distance * (1.0 / divisor) if RECIPROCAL else distance / divisor
    code = (tl.minimum(tl.maximum(code, 0.0), levels) + 0.5).to(tl.uint8)
    if BITS == 8:
        tl.store(out + row[:, None] * (AXIS_dim + 8) + column[None, :], code, mask=inside, eviction_policy=POLICY)
        last = numbers + row * (AXIS_dim // 4 + 2) + AXIS_dim // 4
    else:
        even, odd = tl.split(tl.reshape(code, [ROWS, COLUMNS // 2, 2]))
        pair = tl.arange(0, COLUMNS // 2)
        is_pair = is_row[:, None] & (pair < AXIS_dim // 2)[None, :]
        at = row[:, None] * (AXIS_dim // 2 + 4) + pair[None, :]
        tl.store(out + at, even | (odd << 4), mask=is_pair, eviction_policy=POLICY)
        last = numbers + row * (AXIS_dim // 4 + 2) + AXIS_dim // 4
    tl.store(last, stored_scale, mask=is_row)
    tl.store(last + 1, stored_bias, mask=is_row)


def launch(tensors, axes):
    columns = triton.next_power_of_2(AXIS_dim)
    rows = max(1, min(HELD // columns, triton.next_power_of_2(AXIS_rows)))
    out = tensors["out"]
    quantise[(triton.cdiv(AXIS_rows, rows),)](
        tensors["x"],
        out,
        out.view(torch.float32 if BITS == 8 else torch.float16),
        BITS=BITS,
        ROWS=rows,
        COLUMNS=columns,
        RECIPROCAL=RECIPROCAL,
        POLICY="evict_first" if ONCE else "",
        num_warps=WARPS,
    )
