"""
Rows pass by in tiles, once: largest element and sum, corrected as larger ones come. Where rows are too few for the device,
several programs share one, and a second kernel brings their parts together.
"""

import torch
import triton
import triton.language as tl

TILE = 4096  # @knob tiling {1024, 2048, 4096, 8192} elements of a program at a time
WARPS = 4  # @knob warps {1, 2, 4, 8, 16} warps of a program
STAGES = 1  # @knob stages {1, 2, 3, 4} tiles on their way
WANTED = 528  # @knob split {1, 132, 264, 528, 1056} programs that rows are split for

# @require TILE <= 4096 * WARPS


@triton.jit
def reduce_parts(
    logits,
    targets,
    loss,
    mosts,
    sums,
    ROWS: tl.constexpr,
    COLUMNS: tl.constexpr,
    TILES: tl.constexpr,
    PARTS: tl.constexpr,
    STAGES: tl.constexpr,
):
    part = tl.program_id(0) % PARTS
    row = (tl.program_id(0) // PARTS).to(tl.int64) * ROWS + tl.arange(0, ROWS)
    is_row = row < AXIS_rows
    start = row * AXIS_classes
    most = tl.full([ROWS], float("-inf"), tl.float32)
    total = tl.zeros([ROWS], tl.float32)
    for tile in tl.range(part * TILES, part * TILES + TILES, num_stages=STAGES):
        column = tile * COLUMNS + tl.arange(0, COLUMNS)
        inside = is_row[:, None] & (column < AXIS_classes)[None, :]
        at = start[:, None] + column[None, :]
        value = tl.load(logits + at, mask=inside, other=float("-inf"), eviction_policy="evict_first").to(tl.float32)
        larger = tl.maximum(most, tl.max(value, axis=1))
        total = total * tl.exp(most - larger) + tl.sum(tl.exp(value - larger[:, None]), axis=1)
        most = larger
    if PARTS == 1:
        wanted = tl.load(targets + row, mask=is_row, other=0)
        chosen = tl.load(logits + start + wanted, mask=is_row, other=0.0).to(tl.float32)
        tl.store(loss + row, most - chosen + tl.log(total), mask=is_row)
    else:
        tl.store(mosts + row * PARTS + part, most, mask=is_row)
        tl.store(sums + row * PARTS + part, total, mask=is_row)


@triton.jit
def join_parts(logits, targets, loss, mosts, sums, PARTS: tl.constexpr, HELD: tl.constexpr):
    row = tl.program_id(0).to(tl.int64)
    part = tl.arange(0, HELD)
    at = row * PARTS + part
    most = tl.load(mosts + at, mask=part < PARTS, other=float("-inf"))
    largest = tl.max(most, axis=0)
    total = tl.sum(tl.load(sums + at, mask=part < PARTS, other=0.0) * tl.exp(most - largest), axis=0)
    chosen = tl.load(logits + row * AXIS_classes + tl.load(targets + row)).to(tl.float32)
    tl.store(loss + row, largest - chosen + tl.log(total))


def launch(tensors, axes):
    columns = min(TILE, triton.next_power_of_2(AXIS_classes))
    rows = min(TILE // columns, triton.next_power_of_2(AXIS_rows))
    blocks = triton.cdiv(AXIS_rows, rows)
    # No part is without a tile.
    tiles = triton.cdiv(AXIS_classes, columns)
    tiles_of_part = triton.cdiv(tiles, min(tiles, triton.cdiv(WANTED, blocks)))
    parts = triton.cdiv(tiles, tiles_of_part)
    logits, targets, loss = tensors["logits"], tensors["targets"], tensors["loss"]
    mosts = torch.empty((AXIS_rows, parts), dtype=torch.float32, device=loss.device)
    sums = torch.empty((AXIS_rows, parts), dtype=torch.float32, device=loss.device)
    reduce_parts[(blocks * parts,)](
        logits,
        targets,
        loss,
        mosts,
        sums,
        ROWS=rows,
        COLUMNS=columns,
        TILES=tiles_of_part,
        PARTS=parts,
        STAGES=STAGES,
        num_warps=WARPS,
    )
    if parts > 1:
        held = triton.next_power_of_2(parts)
        join_parts[(AXIS_rows,)](logits, targets, loss, mosts, sums, PARTS=parts, HELD=held, num_warps=1)
