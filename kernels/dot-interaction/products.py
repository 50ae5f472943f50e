"""All products of a sample's vectors by one product of matrices, of which what lies below the diagonal is kept."""

import triton
import triton.language as tl

DEPTH = 64  # @knob tiling {16, 32, 64, 128} columns of the vectors at a time
WARPS = 1  # @knob warps {1, 2, 4} warps of a program
RESIDENT = 1024  # @knob persistent-grid {1024, 32, 16, 8, 4} programs for each of 132 multiprocessors at most
STAGES = 2  # @knob stages {1, 2, 3, 4} samples on their way
ONCE = 0  # @knob cache-hints {0, 1} 1: caches may drop first what is read and written here only once

# @require vectors <= 128
# @require batch * vectors * vectors <= 2147483647
# @require vectors * vectors <= 4096 * WARPS
# @require align(vectors, 16) * DEPTH * STAGES <= 55000


@triton.jit
def interact(x, out, VECTORS: tl.constexpr, DEPTH: tl.constexpr, STAGES: tl.constexpr, POLICY: tl.constexpr):
    vector = tl.arange(0, VECTORS)
    is_vector = (vector < AXIS_vectors)[:, None]
    i = vector[:, None]
    j = vector[None, :]
    is_pair = is_vector & (j < i)
    pair = i * (i - 1) // 2 + j
    chunks: tl.constexpr = (AXIS_dim + DEPTH - 1) // DEPTH
    for sample in tl.range(tl.program_id(0), AXIS_batch, tl.num_programs(0), num_stages=STAGES):
        row = (sample * AXIS_vectors + vector).to(tl.int64)
        products = tl.zeros([VECTORS, VECTORS], tl.float32)
        for chunk in tl.static_range(chunks):
            depth = chunk * DEPTH + tl.arange(0, DEPTH)
            inside = is_vector & (depth < AXIS_dim)[None, :]
            at = x + row[:, None] * AXIS_dim + depth[None, :]
            rows = tl.load(at, mask=inside, other=0.0, eviction_policy=POLICY)
            products = tl.dot(rows, tl.trans(rows), products)
        at = out + sample * (AXIS_vectors * (AXIS_vectors - 1) // 2) + pair
        tl.store(at, products.to(out.dtype.element_ty), mask=is_pair, eviction_policy=POLICY)


def launch(tensors, axes):
    interact[(min(AXIS_batch, 132 * RESIDENT),)](
        tensors["x"],
        tensors["out"],
        VECTORS=max(16, triton.next_power_of_2(AXIS_vectors)),
        DEPTH=min(DEPTH, max(16, triton.next_power_of_2(AXIS_dim))),
        STAGES=STAGES,
        POLICY="evict_first" if ONCE else "",
        num_warps=WARPS,
    )
