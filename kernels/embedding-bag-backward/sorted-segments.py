"""
Lookups come sorted by row: a program sums the gradients of some rows' lookups and updates the rows. Of rows with two segments of
lookups or more, a kernel before sums each segment by a program of its own; the order of sums never changes.
"""
# @data-types fp32, fp16

import torch
import triton
import triton.language as tl

ROWS = 4  # @knob tiling {1, 2, 4, 8, 16} rows of a program
LANES = 4  # @knob split {1, 2, 4, 8} lookups of a row side by side
SEGMENT = 128  # @knob split {64, 128, 256, 512} lookups of one row that a program sums
SIDE_BY_SIDE = 16  # @knob bytes-in-flight {4, 8, 16, 32} of them that are on their way at once
WARPS = 2  # @knob warps {1, 2, 4, 8} warps of a program

# @require ROWS * LANES * dim <= 2048 * WARPS
# @require SIDE_BY_SIDE * dim <= 4096 * WARPS


@triton.jit
def row_of(starts, lookup):
    # The last unique row that begins at `lookup` or before; the first begins at 0.
    low = tl.zeros([], tl.int32)
    high = tl.full([], AXIS_bags * AXIS_pooling, tl.int32)
    while high - low > 1:
        middle = (low + high) // 2
        is_before = tl.load(starts + middle) <= lookup
        low = tl.where(is_before, middle, low)
        high = tl.where(is_before, high, middle)
    return low


@triton.jit
def sum_lookups(bag_of, grad, first, end, column, SIDE_BY_SIDE: tl.constexpr, COLUMNS: tl.constexpr):
    total = tl.zeros([SIDE_BY_SIDE, COLUMNS], tl.float32)
    for start in range(first, end, SIDE_BY_SIDE):
        lookup = start + tl.arange(0, SIDE_BY_SIDE)
        bag = tl.load(bag_of + lookup, mask=lookup < end, other=0).to(tl.int64)
        inside = (lookup < end)[:, None] & (column < AXIS_dim)[None, :]
        total += tl.load(grad + bag[:, None] * AXIS_dim + column[None, :], mask=inside, other=0.0)
    return tl.sum(total, axis=0)


@triton.jit
def sum_segments(
    starts, bag_of, grad, partials, SEGMENT: tl.constexpr, SIDE_BY_SIDE: tl.constexpr, COLUMNS: tl.constexpr
):
    # A long row has the segment's first lookup or its last; the second sum is of one that begins in the segment.
    first = tl.program_id(0) * SEGMENT
    end = tl.minimum(first + SEGMENT, AXIS_bags * AXIS_pooling)
    column = tl.arange(0, COLUMNS)
    to = partials + tl.program_id(0).to(tl.int64) * (2 * AXIS_dim) + column
    row = row_of(starts, first)
    last = tl.load(starts + row + 1)
    if last - tl.load(starts + row) >= 2 * SEGMENT:
        total = sum_lookups(bag_of, grad, first, tl.minimum(last, end), column, SIDE_BY_SIDE, COLUMNS)
        tl.store(to, total, mask=column < AXIS_dim)
    if last < end:
        row = row_of(starts, end - 1)
        begin = tl.load(starts + row)
        if tl.load(starts + row + 1) - begin >= 2 * SEGMENT:
            total = sum_lookups(bag_of, grad, begin, end, column, SIDE_BY_SIDE, COLUMNS)
            tl.store(to + AXIS_dim, total, mask=column < AXIS_dim)


@triton.jit
def update_rows(
    table,
    momentum,
    ids,
    starts,
    bag_of,
    grad,
    partials,
    ROWS: tl.constexpr,
    LANES: tl.constexpr,
    SEGMENT: tl.constexpr,
    COLUMNS: tl.constexpr,
):
    lookups: tl.constexpr = AXIS_bags * AXIS_pooling
    unique = tl.program_id(0) * ROWS + tl.arange(0, ROWS)
    row = tl.load(ids + unique, mask=unique < lookups, other=-1).to(tl.int64)
    is_row = row >= 0
    begin = tl.load(starts + unique, mask=is_row, other=0)
    end = tl.load(starts + unique + 1, mask=is_row, other=0)
    is_long = end - begin >= 2 * SEGMENT
    column = tl.arange(0, COLUMNS)
    is_column = column < AXIS_dim
    lane = tl.arange(0, LANES)[None, :]
    total = tl.zeros([ROWS, LANES, COLUMNS], tl.float32)
    short_end = tl.where(is_long, begin, end)
    for first in range(0, tl.max(short_end - begin, axis=0), LANES):
        lookup = begin[:, None] + first + lane
        is_there = lookup < short_end[:, None]
        bag = tl.load(bag_of + lookup, mask=is_there, other=0).to(tl.int64)
        inside = is_there[:, :, None] & is_column[None, None, :]
        total += tl.load(grad + bag[:, :, None] * AXIS_dim + column[None, None, :], mask=inside, other=0.0)
    first_segment = begin // SEGMENT
    segments = tl.where(is_long, (end - 1) // SEGMENT + 1 - first_segment, 0)
    for first in range(0, tl.max(segments, axis=0), LANES):
        segment = first_segment[:, None] + first + lane
        is_there = first + lane < segments[:, None]
        place = 2 * segment + tl.where(segment * SEGMENT < begin[:, None], 1, 0)
        at = place.to(tl.int64)[:, :, None] * AXIS_dim + column[None, None, :]
        total += tl.load(partials + at, mask=is_there[:, :, None] & is_column[None, None, :], other=0.0)
    gradient = tl.sum(total, axis=1)
    moment = tl.load(momentum + row, mask=is_row, other=1.0)
    moment += tl.sum(gradient * gradient, axis=1) * (1.0 / AXIS_dim)
    tl.store(momentum + row, moment, mask=is_row)
    rate = 0.01 / (tl.sqrt(moment) + 1e-8)
    at = table + row[:, None] * AXIS_dim + column[None, :]
    inside = is_row[:, None] & is_column[None, :]
    weights = tl.load(at, mask=inside, other=0.0).to(tl.float32) - rate[:, None] * gradient
    tl.store(at, weights.to(table.dtype.element_ty), mask=inside)


def launch(tensors, axes):
    starts, bag_of, grad = tensors["rowStarts"], tensors["bagOf"], tensors["grad"]
    lookups = AXIS_bags * AXIS_pooling
    columns = triton.next_power_of_2(AXIS_dim)
    segments = triton.cdiv(lookups, SEGMENT)
    partials = torch.empty((segments, 2, AXIS_dim), dtype=torch.float32, device=grad.device)
    if lookups >= 2 * SEGMENT:
        sum_segments[(segments,)](
            starts,
            bag_of,
            grad,
            partials,
            SEGMENT=SEGMENT,
            SIDE_BY_SIDE=SIDE_BY_SIDE,
            COLUMNS=columns,
            num_warps=WARPS,
        )
    update_rows[(triton.cdiv(lookups, ROWS),)](
        tensors["table"],
        tensors["momentum"],
        tensors["rowIds"],
        starts,
        bag_of,
        grad,
        partials,
        ROWS=ROWS,
        LANES=LANES,
        SEGMENT=SEGMENT,
        COLUMNS=columns,
        num_warps=WARPS,
    )
