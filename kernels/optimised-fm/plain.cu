// The factorisation machine as two products with plain multiply-adds, one thread for a few of their elements.
// Association 0: (x · xᵀ) · y, with the small products of vectors in scratch memory; 1: x · (xᵀ · y).

#define ELEMENT F16 // @data-types fp32 = F32, fp16 = F16, bf16 = BF16
#include "common.cuh"

#define ASSOCIATION 0 // @knob association {0, 1} which product is formed first
#define THREADS 128 // @knob warps {64, 128, 256} threads of a block
#define ROWS 4 // @knob tiling {1, 2, 4, 8} rows of the answer that a thread holds

// @scratch 4 * batch * (vectors * vectors * (1 - ASSOCIATION) + dim * rank * ASSOCIATION)
// @launch squares grid(ceil_div(batch * vectors * vectors, THREADS)) block(THREADS) args(x, scratch) when(ASSOCIATION == 0)
// @launch applied grid(ceil_div(rank, THREADS), ceil_div(vectors, ROWS), batch) block(THREADS) args(scratch, y, out) when(ASSOCIATION == 0)
// @launch inner grid(ceil_div(rank, THREADS), ceil_div(dim, ROWS), batch) block(THREADS) args(x, y, scratch) when(ASSOCIATION == 1)
// @launch outer grid(ceil_div(rank, THREADS), ceil_div(vectors, ROWS), batch) block(THREADS) args(x, scratch, out) when(ASSOCIATION == 1)

#define BATCH AXIS_batch
#define VECTORS AXIS_vectors
#define DIM AXIS_dim
#define RANK AXIS_rank

extern "C" __global__ void squares(const element_t* __restrict__ x, float* __restrict__ gram) {
  const i64 at = i64(blockIdx.x) * THREADS + threadIdx.x;
  if (at >= i64(BATCH) * VECTORS * VECTORS) return;
  const element_t* left = x + at / VECTORS * DIM;
  const element_t* right = x + (at / (VECTORS * VECTORS) * VECTORS + at % VECTORS) * DIM;
  float sum = 0.0f;
  for (int d = 0; d < DIM; d++) sum += toFloat(left[d]) * toFloat(right[d]);
  gram[at] = sum;
}

// ROWS rows of left [Height, Depth] · right [Depth, RANK] at one column; left may be given as its transpose.
template <int Height, int Depth, bool IsTransposed, class Left, class Right, class Out>
__device__ __forceinline__ void multiply(const Left* left, const Right* right, Out* out) {
  const int column = blockIdx.x * THREADS + threadIdx.x;
  if (column >= RANK) return;
  const int first = blockIdx.y * ROWS;
  const i64 sample = blockIdx.z;
  left += sample * Height * Depth;
  right += sample * Depth * RANK + column;
  out += sample * Height * RANK + column;
  float sums[ROWS] = {};
  for (int k = 0; k < Depth; k++) {
    const float value = toFloat(right[i64(k) * RANK]);
#pragma unroll
    for (int i = 0; i < ROWS; i++) {
      const int row = min(first + i, Height - 1);
      sums[i] += toFloat(left[IsTransposed ? k * Height + row : row * Depth + k]) * value;
    }
  }
#pragma unroll
  for (int i = 0; i < ROWS; i++) {
    if (first + i < Height) fromFloat(sums[i], out[i64(first + i) * RANK]);
  }
}

extern "C" __global__ void applied(const float* __restrict__ gram, const element_t* __restrict__ y,
                                   element_t* __restrict__ out) {
  multiply<VECTORS, VECTORS, false>(gram, y, out);
}

extern "C" __global__ void inner(const element_t* __restrict__ x, const element_t* __restrict__ y,
                                 float* __restrict__ products) {
  multiply<DIM, VECTORS, true>(x, y, products);
}

extern "C" __global__ void outer(const element_t* __restrict__ x, const float* __restrict__ products,
                                 element_t* __restrict__ out) {
  multiply<VECTORS, DIM, false>(x, products, out);
}
