"""
Implicit product without packing: weights as they lie, [outputs, inputs × taps], with the windows of x, of which a tile is
gathered from caches. Short inner axes, a few channels with many taps, fill tiles better in this way.
"""

import triton
import triton.language as tl

IS_EXACT = 0  # @data-types fp16 = 0, bf16 = 0, fp32 = 1, tf32 = 0
OUTPUTS = 128  # @knob tiling {32, 64, 128} output channels of a program, unless there are fewer
POSITIONS = 64  # @knob tiling {32, 64, 128, 256} positions of a program
DEPTH = 32  # @knob tiling {16, 32, 64} products of channels and taps at a time
WARPS = 4  # @knob warps {2, 4, 8} warps of a program
STAGES = 1  # @knob stages {1, 2, 3, 4} tiles of x and weights on their way

# @require OUTPUTS * POSITIONS <= 4096 * WARPS
# @require (OUTPUTS + POSITIONS) * DEPTH * STAGES <= 55000


@triton.jit
def convolve(
    x,
    w,
    bias,
    out,
    OUTPUTS: tl.constexpr,
    POSITIONS: tl.constexpr,
    DEPTH: tl.constexpr,
    STAGES: tl.constexpr,
    PRECISION: tl.constexpr,
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
    for first in tl.range(0, AXIS_inChannels * AXIS_taps, DEPTH, num_stages=STAGES):
        inner = first + tl.arange(0, DEPTH)
        is_inner = inner < AXIS_inChannels * AXIS_taps
        weight = w + output[:, None] * (AXIS_inChannels * AXIS_taps) + inner[None, :]
        weights = tl.load(weight, mask=is_output & is_inner[None, :], other=0.0)
        seen = position[None, :] + (inner % AXIS_taps - (AXIS_taps - 1) // 2)[:, None]
        inside = is_inner[:, None] & (seen >= 0) & (seen < AXIS_length)
        values = tl.load(x + (inner // AXIS_taps * AXIS_length)[:, None] + seen, mask=inside, other=0.0)
        sums = tl.dot(weights, values, sums, input_precision=PRECISION)
    sums += tl.load(bias + output, mask=output < AXIS_outChannels, other=0.0).to(tl.float32)[:, None]
    at = out + (sample * AXIS_outChannels + output[:, None]) * AXIS_length + position[None, :]
    tl.store(at, sums.to(out.dtype.element_ty), mask=is_output & (position < AXIS_length)[None, :])


def launch(tensors, axes):
    outputs = min(OUTPUTS, max(16, triton.next_power_of_2(AXIS_outChannels)))
    programs = AXIS_batch * triton.cdiv(AXIS_length, POSITIONS) * triton.cdiv(AXIS_outChannels, outputs)
    convolve[(programs,)](
        tensors["x"],
        tensors["w"],
        tensors["bias"],
        tensors["out"],
        OUTPUTS=outputs,
        POSITIONS=POSITIONS,
        DEPTH=DEPTH,
        STAGES=STAGES,
        PRECISION="ieee" if IS_EXACT else None,
        num_warps=WARPS,
    )
