"""
Binary search without a branch, written out step by step: in as many steps as the table asks for, or in twenty, which are
enough for any table below 2²⁰ ids.
"""

import triton
import triton.language as tl

BLOCK = 128  # @knob tiling {64, 128, 256, 512} values of a program
WARPS = 4  # @knob warps {1, 2, 4, 8} warps of a program
STEPS = 0  # @knob unrolling {0, 20} steps of every search; 0: as many as the table asks for
KEPT = 1  # @knob cache-hints {0, 1} 1: caches keep the table longer than other data

# @require BLOCK >= 32 * WARPS
# @require (STEPS == 0) + (ids < 1048576) >= 1


@triton.jit
def map_id(values, table, out, BLOCK: tl.constexpr, STEPS: tl.constexpr, POLICY: tl.constexpr):
    at = tl.program_id(0) * BLOCK + tl.arange(0, BLOCK)
    inside = at < AXIS_values
    value = tl.load(values + at, mask=inside, other=0)
    # As many ids are known to lie below the value.
    place = tl.zeros([BLOCK], tl.int32)
    for step in tl.static_range(STEPS):
        further = place + (1 << (STEPS - 1 - step))
        probe = tl.load(table + tl.minimum(further, AXIS_ids) - 1, eviction_policy=POLICY)
        place = tl.where((further <= AXIS_ids) & (probe < value), further, place)
    place = tl.minimum(place, AXIS_ids - 1)
    found = tl.load(table + place, eviction_policy=POLICY)
    tl.store(out + at, tl.where(found == value, place + 1, 0), mask=inside)


def launch(tensors, axes):
    # 0 … ids are possible.
    steps = STEPS if STEPS > 0 else axes["ids"].bit_length()
    map_id[(triton.cdiv(AXIS_values, BLOCK),)](
        tensors["values"],
        tensors["table"],
        tensors["out"],
        BLOCK=BLOCK,
        STEPS=steps,
        POLICY="evict_last" if KEPT else "",
        num_warps=WARPS,
    )
