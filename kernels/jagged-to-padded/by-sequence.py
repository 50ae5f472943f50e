"""
What stays of a sequence lies together before and after: a program copies a piece of it, whatever row an element is in, and
writes zeros behind its end. Short sequences share a program.
"""

import triton
import triton.language as tl

BLOCK = 2048  # @knob tiling {512, 1024, 2048, 4096, 8192} elements of a program
WARPS = 4  # @knob warps {1, 2, 4, 8} warps of a program
ONCE = 1  # @knob cache-hints {0, 1} 1: caches may drop first what is read and written here only once

# @require BLOCK >= 32 * WARPS
# @require BLOCK <= 2048 * WARPS


@triton.jit
def pad(
    values, offsets, out, SEQUENCES: tl.constexpr, PIECE: tl.constexpr, PIECES: tl.constexpr, POLICY: tl.constexpr
):
    sequence = (tl.program_id(0) // PIECES).to(tl.int64) * SEQUENCES + tl.arange(0, SEQUENCES)
    is_sequence = sequence < AXIS_batch
    first = tl.load(offsets + sequence, mask=is_sequence, other=0)
    end = tl.load(offsets + sequence + 1, mask=is_sequence, other=0)
    place = tl.program_id(0) % PIECES * PIECE + tl.arange(0, PIECE)
    inside = is_sequence[:, None] & (place < AXIS_padded * AXIS_dim)[None, :]
    is_there = inside & (place[None, :] < ((end - first) * AXIS_dim)[:, None])
    source = values + (first.to(tl.int64) * AXIS_dim)[:, None] + place[None, :]
    value = tl.load(source, mask=is_there, other=0.0, eviction_policy=POLICY)
    at = sequence[:, None] * (AXIS_padded * AXIS_dim) + place[None, :]
    tl.store(out + at, value, mask=inside, eviction_policy=POLICY)


def launch(tensors, axes):
    piece = min(BLOCK, triton.next_power_of_2(AXIS_padded * AXIS_dim))
    pieces = triton.cdiv(AXIS_padded * AXIS_dim, piece)
    sequences = min(BLOCK // piece, triton.next_power_of_2(AXIS_batch))
    pad[(triton.cdiv(AXIS_batch, sequences) * pieces,)](
        tensors["values"],
        tensors["offsets"],
        tensors["out"],
        SEQUENCES=sequences,
        PIECE=piece,
        PIECES=pieces,
        POLICY="evict_first" if ONCE else "",
        num_warps=WARPS,
    )
