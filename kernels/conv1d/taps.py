"""
Implicit product: of each tap's weights, packed once as [taps, outputs, inputs], with x as that tap sees it. Layouts of x and
the answer stay; the taps of a group of channels follow one another, so that x comes from memory once and from caches then.
"""

import torch
import triton
import triton.language as tl

IS_EXACT = 0  # @data-types fp16 = 0, bf16 = 0, fp32 = 1, tf32 = 0
OUTPUTS = 128  # @knob tiling {32, 64, 128} output channels of a program, unless there are fewer
POSITIONS = 64  # @knob tiling {32, 64, 128, 256} positions of a program
DEPTH = 32  # @knob tiling {16, 32, 64} input channels at a time
WARPS = 4  # @knob warps {2, 4, 8} warps of a program
STAGES = 3  # @knob stages {1, 2, 3, 4} tiles of x and weights on their way
CACHED = 1  # @knob cache-hints {0, 1} 1: x by way of the first cache, weights past it
IN_TWO = 0  # @knob layout {0, 1} 1: 96 output channels are held as 64 and 32 instead of 128
ACROSS = 1  # @knob layout {0, 1} 1: tiles go on in the next sample instead of ending with theirs

# @require OUTPUTS * POSITIONS <= 4096 * WARPS
# @require batch * length <= 1073741824
# @require (OUTPUTS + POSITIONS) * DEPTH * STAGES <= 55000


@triton.jit
def pack(w, packed, BLOCK: tl.constexpr):
    at = tl.program_id(0) * BLOCK + tl.arange(0, BLOCK)
    inside = at < AXIS_taps * AXIS_outChannels * AXIS_inChannels
    # Of [taps, outputs, inputs].
    tap = at // (AXIS_outChannels * AXIS_inChannels)
    channels = at % (AXIS_outChannels * AXIS_inChannels)
    tl.store(packed + at, tl.load(w + channels * AXIS_taps + tap, mask=inside, other=0.0), mask=inside)


@triton.jit
def store(at, bias, sums, output, is_position):
    is_output = output < AXIS_outChannels
    answer = sums + tl.load(bias + output, mask=is_output, other=0.0).to(tl.float32)[:, None]
    inside = is_output[:, None] & is_position[None, :]
    tl.store(at + output[:, None] * AXIS_length, answer.to(at.dtype.element_ty), mask=inside)


@triton.jit
def weights_of(packed, tap, output, channel, CACHE: tl.constexpr):
    inside = (output < AXIS_outChannels)[:, None] & (channel < AXIS_inChannels)[None, :]
    at = packed + (tap * AXIS_outChannels + output[:, None]) * AXIS_inChannels + channel[None, :]
    return tl.load(at, mask=inside, other=0.0, cache_modifier=CACHE)


@triton.jit
def convolve(
    x,
    packed,
    bias,
    out,
    WIDE: tl.constexpr,
    NARROW: tl.constexpr,
    POSITIONS: tl.constexpr,
    DEPTH: tl.constexpr,
    STAGES: tl.constexpr,
    ACROSS: tl.constexpr,
    PRECISION: tl.constexpr,
    OF_X: tl.constexpr,
    OF_WEIGHTS: tl.constexpr,
):
    groups: tl.constexpr = (AXIS_outChannels + WIDE - 1) // WIDE if NARROW == 0 else 1
    output = tl.program_id(0) % groups * WIDE + tl.arange(0, WIDE)
    if ACROSS:
        row = tl.program_id(0) // groups * POSITIONS + tl.arange(0, POSITIONS)
        position = row % AXIS_length
        sample = (row // AXIS_length).to(tl.int64)
        is_position = row < AXIS_batch * AXIS_length
    else:
        pieces: tl.constexpr = (AXIS_length + POSITIONS - 1) // POSITIONS
        position = tl.program_id(0) // groups % pieces * POSITIONS + tl.arange(0, POSITIONS)
        sample = (tl.program_id(0) // (groups * pieces)).to(tl.int64)
        is_position = position < AXIS_length
    # Each position in the first channel of its sample.
    first_x = x + (sample * (AXIS_inChannels * AXIS_length) + position)
    sums = tl.zeros([WIDE, POSITIONS], tl.float32)
    if NARROW > 0:
        further = WIDE + tl.arange(0, NARROW)
        rest = tl.zeros([NARROW, POSITIONS], tl.float32)
    steps: tl.constexpr = (AXIS_inChannels + DEPTH - 1) // DEPTH * AXIS_taps
    for step in tl.range(0, steps, num_stages=STAGES):
        tap = step % AXIS_taps
        channel = step // AXIS_taps * DEPTH + tl.arange(0, DEPTH)
        shift = tap - (AXIS_taps - 1) // 2
        is_seen = is_position & (position + shift >= 0) & (position + shift < AXIS_length)
        inside = (channel < AXIS_inChannels)[:, None] & is_seen[None, :]
        at = first_x[None, :] + (channel * AXIS_length + shift)[:, None]
        values = tl.load(at, mask=inside, other=0.0, cache_modifier=OF_X)
        weights = weights_of(packed, tap, output, channel, OF_WEIGHTS)
        sums = tl.dot(weights, values, sums, input_precision=PRECISION)
        if NARROW > 0:
            weights = weights_of(packed, tap, further, channel, OF_WEIGHTS)
            rest = tl.dot(weights, values, rest, input_precision=PRECISION)
    to = (out + (sample * (AXIS_outChannels * AXIS_length) + position))[None, :]
    store(to, bias, sums, output, is_position)
    if NARROW > 0:
        store(to, bias, rest, further, is_position)


def launch(tensors, axes):
    w = tensors["w"]
    packed = torch.empty((AXIS_taps, AXIS_outChannels, AXIS_inChannels), dtype=w.dtype, device=w.device)
    pack[(triton.cdiv(AXIS_taps * AXIS_outChannels * AXIS_inChannels, 1024),)](w, packed, BLOCK=1024, num_warps=4)
    wide = min(OUTPUTS, max(16, triton.next_power_of_2(AXIS_outChannels)))
    narrow = 0
    left = AXIS_outChannels - wide // 2
    if IN_TWO and AXIS_outChannels <= wide and wide > 32 and left <= wide // 4:
        narrow = max(16, triton.next_power_of_2(left))
        wide = wide // 2
    groups = 1 if narrow > 0 else triton.cdiv(AXIS_outChannels, wide)
    in_samples = AXIS_batch * triton.cdiv(AXIS_length, POSITIONS)
    tiles = triton.cdiv(AXIS_batch * AXIS_length, POSITIONS) if ACROSS else in_samples
    convolve[(tiles * groups,)](
        tensors["x"],
        packed,
        tensors["bias"],
        tensors["out"],
        WIDE=wide,
        NARROW=narrow,
        POSITIONS=POSITIONS,
        DEPTH=DEPTH,
        STAGES=STAGES,
        ACROSS=ACROSS,
        PRECISION="ieee" if IS_EXACT else None,
        OF_X=".ca" if CACHED else "",
        OF_WEIGHTS=".cg" if CACHED else "",
        num_warps=WARPS,
    )
