"""
Implicit product: of each tap's weights, packed once as [taps, outputs, inputs], with x as that tap sees it. Layouts of x and
the answer stay; the taps of a group of channels follow one another, so that x comes from memory once and from caches then.
"""

import torch
import triton
import triton.language as tl

IS_EXACT = 0  # @data-types fp16 = 0, bf16 = 0, fp32 = 1, tf32 = 0
OUTPUTS = 128  # @knob tiling {16, 32, 64, 128} output channels of a program, unless there are fewer
POSITIONS = 64  # @knob tiling {32, 64, 128, 256} positions of a program
DEPTH = 32  # @knob tiling {16, 32, 64, 128} input channels at a time
WARPS = 4  # @knob warps {2, 4, 8} warps of a program
STAGES = 3  # @knob stages {1, 2, 3, 4} tiles of x and weights on their way
CACHED = 1  # @knob cache-hints {0, 1} 1: x by way of the first cache, weights past it

# @require OUTPUTS * POSITIONS <= 4096 * WARPS
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
def convolve(
    x,
    packed,
    bias,
    out,
    OUTPUTS: tl.constexpr,
    POSITIONS: tl.constexpr,
    DEPTH: tl.constexpr,
    STAGES: tl.constexpr,
    PRECISION: tl.constexpr,
    OF_X: tl.constexpr,
    OF_WEIGHTS: tl.constexpr,
):
    pieces: tl.constexpr = (AXIS_length + POSITIONS - 1) // POSITIONS
    groups: tl.constexpr = (AXIS_outChannels + OUTPUTS - 1) // OUTPUTS
    group = tl.program_id(0) % groups
    piece = tl.program_id(0) // groups % pieces
    sample = (tl.program_id(0) // (groups * pieces)).to(tl.int64)
    output = group * OUTPUTS + tl.arange(0, OUTPUTS)
    position = piece * POSITIONS + tl.arange(0, POSITIONS)
    is_output = (output < AXIS_outChannels)[:, None]
    x += sample * (AXIS_inChannels * AXIS_length)
    sums = tl.zeros([OUTPUTS, POSITIONS], tl.float32)
    steps: tl.constexpr = (AXIS_inChannels + DEPTH - 1) // DEPTH * AXIS_taps
    for step in tl.range(0, steps, num_stages=STAGES):
        tap = step % AXIS_taps
        channel = step // AXIS_taps * DEPTH + tl.arange(0, DEPTH)
        is_channel = channel < AXIS_inChannels
        weight = packed + (tap * AXIS_outChannels + output[:, None]) * AXIS_inChannels + channel[None, :]
        weights = tl.load(weight, mask=is_output & is_channel[None, :], other=0.0, cache_modifier=OF_WEIGHTS)
        seen = position + (tap - (AXIS_taps - 1) // 2)
        is_seen = (seen >= 0) & (seen < AXIS_length)
        inside = is_channel[:, None] & is_seen[None, :]
        values = tl.load(x + channel[:, None] * AXIS_length + seen[None, :], mask=inside, other=0.0, cache_modifier=OF_X)
        sums = tl.dot(weights, values, sums, input_precision=PRECISION)
    sums += tl.load(bias + output, mask=output < AXIS_outChannels, other=0.0).to(tl.float32)[:, None]
    at = out + (sample * AXIS_outChannels + output[:, None]) * AXIS_length + position[None, :]
    tl.store(at, sums.to(out.dtype.element_ty), mask=is_output & (position < AXIS_length)[None, :])


def launch(tensors, axes):
    w = tensors["w"]
    packed = torch.empty((AXIS_taps, AXIS_outChannels, AXIS_inChannels), dtype=w.dtype, device=w.device)
    pack[(triton.cdiv(AXIS_taps * AXIS_outChannels * AXIS_inChannels, 1024),)](w, packed, BLOCK=1024, num_warps=4)
    outputs = min(OUTPUTS, max(16, triton.next_power_of_2(AXIS_outChannels)))
    programs = AXIS_batch * triton.cdiv(AXIS_length, POSITIONS) * triton.cdiv(AXIS_outChannels, outputs)
    convolve[(programs,)](
        tensors["x"],
        packed,
        tensors["bias"],
        tensors["out"],
        OUTPUTS=outputs,
        POSITIONS=POSITIONS,
        DEPTH=DEPTH,
        STAGES=STAGES,
        PRECISION="ieee" if IS_EXACT else None,
        OF_X=".ca" if CACHED else "",
        OF_WEIGHTS=".cg" if CACHED else "",
        num_warps=WARPS,
    )
