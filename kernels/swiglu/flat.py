"""Elements one after another, whatever row they are in. Programs stay and take block after block."""

import triton
import triton.language as tl

BLOCK = 1024  # @knob tiling {256, 512, 1024, 2048, 4096} elements of a block
WARPS = 4  # @knob warps {1, 2, 4, 8} warps of a program
RESIDENT = 1024  # @knob persistent-grid {1024, 64, 32, 16, 8} programs for each of 132 multiprocessors at most
STAGES = 1  # @knob stages {1, 2, 3} blocks on their way
ONCE = 0  # @knob cache-hints {0, 1} 1: caches may drop first what is read and written here only once

# @require BLOCK >= 32 * WARPS
# @require BLOCK <= 2048 * WARPS
# @require rows * n + BLOCK <= 2147483647


@triton.jit
def swiglu(a, b, out, blocks, BLOCK: tl.constexpr, STAGES: tl.constexpr, POLICY: tl.constexpr):
    for block in tl.range(tl.program_id(0), blocks, tl.num_programs(0), num_stages=STAGES):
        at = block * BLOCK + tl.arange(0, BLOCK)
        inside = at < AXIS_rows * AXIS_n
        gate = tl.load(a + at, mask=inside, other=0.0, eviction_policy=POLICY).to(tl.float32)
        value = tl.load(b + at, mask=inside, other=0.0, eviction_policy=POLICY).to(tl.float32)
        answer = gate / (1.0 + tl.exp(-gate)) * value
        tl.store(out + at, answer.to(out.dtype.element_ty), mask=inside, eviction_policy=POLICY)


def launch(tensors, axes):
    blocks = triton.cdiv(AXIS_rows * AXIS_n, BLOCK)
    swiglu[(min(blocks, 132 * RESIDENT),)](
        tensors["a"],
        tensors["b"],
        tensors["out"],
        blocks,
        BLOCK=BLOCK,
        STAGES=STAGES,
        POLICY="evict_first" if ONCE else "",
        num_warps=WARPS,
    )
