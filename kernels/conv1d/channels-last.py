"""
Channels last, in scratch memory: x and weights are laid out so once, rows of channels aligned whatever their number. A tap then
is a shift by whole rows, and tiles are copied in the background. Positions of all samples follow one another, so that no tile
is cut by the end of a sample.
"""

import torch
import triton
import triton.language as tl

IS_EXACT = 0  # @data-types fp16 = 0, bf16 = 0, fp32 = 1, tf32 = 0
POSITIONS = 128  # @knob tiling {32, 64, 128, 256} positions of a program
OUTPUTS = 128  # @knob tiling {32, 64, 128, 256} output channels of a program at most
DEPTH = 32  # @knob tiling {16, 32, 64, 128} input channels at a time
WARPS = 8  # @knob warps {2, 4, 8} warps of a program
STAGES = 4  # @knob stages {1, 2, 3, 4, 5} tiles of x and weights on their way
IN_TWO = 1  # @knob layout {0, 1} 1: 96 output channels are held as 64 and 32 instead of 128
MOVED = 64  # @knob tiling {16, 32, 64, 128} positions, and as many channels, that are laid out at a time

# @require POSITIONS * OUTPUTS <= 4096 * WARPS
# @require (OUTPUTS + POSITIONS) * DEPTH * STAGES <= 55000
# @require batch * length <= 1073741824


@triton.jit
def lay_out_x(x, rows, PITCH: tl.constexpr, MOVED: tl.constexpr):
    across: tl.constexpr = (AXIS_length + MOVED - 1) // MOVED
    down: tl.constexpr = (PITCH + MOVED - 1) // MOVED
    position = tl.program_id(0) % across * MOVED + tl.arange(0, MOVED)
    channel = tl.program_id(0) // across % down * MOVED + tl.arange(0, MOVED)
    sample = (tl.program_id(0) // (across * down)).to(tl.int64)
    is_position = position < AXIS_length
    at = x + (sample * AXIS_inChannels + channel[:, None]) * AXIS_length + position[None, :]
    tile = tl.load(at, mask=(channel < AXIS_inChannels)[:, None] & is_position[None, :], other=0.0)
    to = rows + (sample * AXIS_length + position[:, None]) * PITCH + channel[None, :]
    tl.store(to, tl.trans(tile), mask=is_position[:, None] & (channel < PITCH)[None, :])


@triton.jit
def lay_out_weights(w, packed, PITCH: tl.constexpr, BLOCK: tl.constexpr):
    at = tl.program_id(0) * BLOCK + tl.arange(0, BLOCK)
    # Of [taps, outputs, pitch].
    channel = at % PITCH
    output = at // PITCH % AXIS_outChannels
    tap = at // (PITCH * AXIS_outChannels)
    is_there = (channel < AXIS_inChannels) & (tap < AXIS_taps)
    weight = tl.load(w + (output * AXIS_inChannels + channel) * AXIS_taps + tap, mask=is_there, other=0.0)
    tl.store(packed + at, weight, mask=tap < AXIS_taps)


@triton.jit
def store(out, bias, sums, first, output):
    # `first` is each position in the first channel of its sample.
    is_output = output < AXIS_outChannels
    answer = sums + tl.load(bias + output, mask=is_output, other=0.0).to(tl.float32)[None, :]
    inside = is_output[:, None] & (first >= 0)[None, :]
    tl.store(out + output[:, None] * AXIS_length + first[None, :], tl.trans(answer.to(out.dtype.element_ty)), mask=inside)


@triton.jit
def convolve(
    rows,
    packed,
    bias,
    out,
    PITCH: tl.constexpr,
    POSITIONS: tl.constexpr,
    WIDE: tl.constexpr,
    NARROW: tl.constexpr,
    DEPTH: tl.constexpr,
    STAGES: tl.constexpr,
    PRECISION: tl.constexpr,
):
    groups: tl.constexpr = (AXIS_outChannels + WIDE - 1) // WIDE if NARROW == 0 else 1
    row = tl.program_id(0) // groups * POSITIONS + tl.arange(0, POSITIONS)
    position = row % AXIS_length
    is_row = row < AXIS_batch * AXIS_length
    output = tl.program_id(0) % groups * WIDE + tl.arange(0, WIDE)
    sums = tl.zeros([POSITIONS, WIDE], tl.float32)
    if NARROW > 0:
        further = WIDE + tl.arange(0, NARROW)
        rest = tl.zeros([POSITIONS, NARROW], tl.float32)
    chunks: tl.constexpr = (PITCH + DEPTH - 1) // DEPTH
    for step in tl.range(0, chunks * AXIS_taps, num_stages=STAGES):
        tap = step % AXIS_taps
        channel = step // AXIS_taps * DEPTH + tl.arange(0, DEPTH)
        is_channel = (channel < PITCH)[None, :]
        shift = tap - (AXIS_taps - 1) // 2
        is_seen = is_row & (position + shift >= 0) & (position + shift < AXIS_length)
        at = (row + shift).to(tl.int64)[:, None] * PITCH + channel[None, :]
        seen = tl.load(rows + at, mask=is_seen[:, None] & is_channel, other=0.0)
        weight = packed + (tap * AXIS_outChannels + output)[:, None] * PITCH + channel[None, :]
        weights = tl.load(weight, mask=(output < AXIS_outChannels)[:, None] & is_channel, other=0.0)
        sums = tl.dot(seen, tl.trans(weights), sums, input_precision=PRECISION)
        if NARROW > 0:
            weight = packed + (tap * AXIS_outChannels + further)[:, None] * PITCH + channel[None, :]
            weights = tl.load(weight, mask=(further < AXIS_outChannels)[:, None] & is_channel, other=0.0)
            rest = tl.dot(seen, tl.trans(weights), rest, input_precision=PRECISION)
    before = (row // AXIS_length).to(tl.int64) * (AXIS_outChannels * AXIS_length) + position
    first = tl.where(is_row, before, -1)
    store(out, bias, sums, first, output)
    if NARROW > 0:
        store(out, bias, rest, first, further)


def launch(tensors, axes):
    x, w = tensors["x"], tensors["w"]
    pitch = triton.cdiv(AXIS_inChannels, 8) * 8
    rows = torch.empty((AXIS_batch * AXIS_length, pitch), dtype=x.dtype, device=x.device)
    packed = torch.empty((AXIS_taps, AXIS_outChannels, pitch), dtype=w.dtype, device=w.device)
    moved = min(MOVED, max(16, triton.next_power_of_2(AXIS_length)))
    tiles = AXIS_batch * triton.cdiv(AXIS_length, moved) * triton.cdiv(pitch, moved)
    lay_out_x[(tiles,)](x, rows, PITCH=pitch, MOVED=moved, num_warps=4)
    blocks = triton.cdiv(AXIS_taps * AXIS_outChannels * pitch, 1024)
    lay_out_weights[(blocks,)](w, packed, PITCH=pitch, BLOCK=1024, num_warps=4)
    wide = min(OUTPUTS, max(16, triton.next_power_of_2(AXIS_outChannels)))
    narrow = 0
    left = AXIS_outChannels - wide // 2
    if IN_TWO and AXIS_outChannels <= wide and wide > 32 and left <= wide // 4:
        narrow = max(16, triton.next_power_of_2(left))
        wide = wide // 2
    groups = 1 if narrow > 0 else triton.cdiv(AXIS_outChannels, wide)
    convolve[(triton.cdiv(AXIS_batch * AXIS_length, POSITIONS) * groups,)](
        rows,
        packed,
        tensors["bias"],
        tensors["out"],
        PITCH=pitch,
        POSITIONS=POSITIONS,
        WIDE=wide,
        NARROW=narrow,
        DEPTH=DEPTH,
        STAGES=STAGES,
        PRECISION="ieee" if IS_EXACT else None,
        num_warps=WARPS,
    )
