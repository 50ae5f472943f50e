// hidden = x · vᵀ, then y = x0 ⊙ (hidden · wᵀ + bias) + x with plain multiply-adds: a warp has a row's products with COLUMNS
// rows of weights, its lanes every 32nd element of them.

#define ELEMENT F16 // @data-types fp32 = F32, fp16 = F16, bf16 = BF16
#include "common.cuh"

#define COLUMNS 4 // @knob tiling {1, 2, 4, 8} elements of an answer's row that a warp forms
#define WARPS 4 // @knob warps {1, 2, 4, 8} warps of a block

// @launch hide grid(ceil_div(rank, COLUMNS * WARPS), batch) block(32 * WARPS) args(x, v, hidden)
// @launch cross grid(ceil_div(width, COLUMNS * WARPS), batch) block(32 * WARPS) args(hidden, w, x0, bias, x, y)

#define WIDTH AXIS_width
#define RANK AXIS_rank

// Products of one row with rows of weights [Height, Inner]; every lane has them all.
template <int Height, int Inner>
__device__ __forceinline__ void multiply(float (&sums)[COLUMNS], const element_t* row, const element_t* weights, int first) {
  for (int at = threadIdx.x % 32; at < Inner; at += 32) {
    const float value = toFloat(row[at]);
#pragma unroll
    for (int c = 0; c < COLUMNS; c++) {
      sums[c] += value * toFloat(weights[i64(min(first + c, Height - 1)) * Inner + at]);
    }
  }
#pragma unroll
  for (int c = 0; c < COLUMNS; c++) sums[c] = sumOfLanes<32>(sums[c]);
}

extern "C" __global__ void __launch_bounds__(32 * WARPS)
hide(const element_t* __restrict__ x, const element_t* __restrict__ v, element_t* __restrict__ hidden) {
  const i64 row = blockIdx.y;
  const int first = (blockIdx.x * WARPS + threadIdx.x / 32) * COLUMNS;
  float sums[COLUMNS] = {};
  multiply<RANK, WIDTH>(sums, x + row * WIDTH, v, first);
#pragma unroll
  for (int c = 0; c < COLUMNS; c++) {
    if (threadIdx.x % 32 == c && first + c < RANK) fromFloat(sums[c], hidden[row * RANK + first + c]);
  }
}

extern "C" __global__ void __launch_bounds__(32 * WARPS)
cross(const element_t* __restrict__ hidden, const element_t* __restrict__ w, const element_t* __restrict__ x0,
      const element_t* __restrict__ bias, const element_t* __restrict__ x, element_t* __restrict__ y) {
  const i64 row = blockIdx.y;
  const int first = (blockIdx.x * WARPS + threadIdx.x / 32) * COLUMNS;
  float sums[COLUMNS] = {};
  multiply<WIDTH, RANK>(sums, hidden + row * RANK, w, first);
#pragma unroll
  for (int c = 0; c < COLUMNS; c++) {
    const i64 at = row * WIDTH + first + c;
    if (threadIdx.x % 32 == c && first + c < WIDTH) {
      fromFloat(toFloat(x0[at]) * (sums[c] + toFloat(bias[first + c])) + toFloat(x[at]), y[at]);
    }
  }
}
