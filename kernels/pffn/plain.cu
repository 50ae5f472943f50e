// h = x · w + bias, GELU, RMS norm and gain with plain multiply-adds: a warp has ROWS rows, its lanes every 32nd column.

#define ELEMENT F16 // @data-types fp32 = F32, fp16 = F16, bf16 = BF16
#include "common.cuh"

#define ROWS 2 // @knob tiling {1, 2, 4, 8} rows of a warp
#define WARPS 4 // @knob warps {1, 2, 4, 8} warps of a block

// @require ROWS * ceil_div(width, 32) <= 96
// @let blocks ceil_div(length, ROWS * WARPS)
// @launch rows grid(blocks, batch) block(32 * WARPS) args(x, w, bias, gain, out)

#define LENGTH AXIS_length
#define DIM AXIS_dim
#define WIDTH AXIS_width
#define COLUMNS ((WIDTH + 31) / 32)

extern "C" __global__ void __launch_bounds__(32 * WARPS)
rows(const element_t* __restrict__ x, const element_t* __restrict__ w, const element_t* __restrict__ bias,
     const element_t* __restrict__ gain, element_t* __restrict__ out) {
  const i64 sample = blockIdx.y;
  const int lane = threadIdx.x % 32;
  const int first = (blockIdx.x * WARPS + threadIdx.x / 32) * ROWS;
  const element_t* from = x + sample * LENGTH * DIM;
  const element_t* weights = w + sample * DIM * WIDTH;
  float sums[ROWS][COLUMNS] = {};
  for (int d = 0; d < DIM; d++) {
    float value[ROWS];
#pragma unroll
    for (int i = 0; i < ROWS; i++) value[i] = toFloat(from[min(first + i, LENGTH - 1) * DIM + d]);
#pragma unroll
    for (int c = 0; c < COLUMNS; c++) {
      const float weight = toFloat(weights[d * WIDTH + min(c * 32 + lane, WIDTH - 1)]);
#pragma unroll
      for (int i = 0; i < ROWS; i++) sums[i][c] += value[i] * weight;
    }
  }
#pragma unroll
  for (int i = 0; i < ROWS; i++) {
    float square = 0.0f;
#pragma unroll
    for (int c = 0; c < COLUMNS; c++) {
      if (c * 32 + lane >= WIDTH) continue;
      float& value = sums[i][c];
      value += toFloat(bias[sample * WIDTH + c * 32 + lane]);
      if (AXIS_gelu) value *= 0.5f * (1.0f + erff(value * 0.70710678f));
      square += value * value;
    }
    const float factor = rsqrtf(sumOfLanes<32>(square) * (1.0f / WIDTH) + 1e-5f);
    if (first + i >= LENGTH) continue;
#pragma unroll
    for (int c = 0; c < COLUMNS; c++) {
      const int column = c * 32 + lane;
      if (column < WIDTH) {
        fromFloat(sums[i][c] * factor * toFloat(gain[column]), out[(sample * LENGTH + first + i) * WIDTH + column]);
      }
    }
  }
}
