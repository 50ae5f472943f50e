// One-dimensional convolution with plain multiply-adds: a thread has one position and OUTPUTS output channels of a sample.

#define ELEMENT F16 // @data-types fp32 = F32, tf32 = F32, fp16 = F16, bf16 = BF16
#include "common.cuh"

#define THREADS 128 // @knob warps {64, 128, 256} threads of a block, side by side over positions
#define OUTPUTS 4 // @knob tiling {1, 2, 4, 8, 16} output channels of a thread
#define FLAT 1 // @knob launch-shape {0, 1} whether positions of all samples follow each other, or each sample has its own blocks

// @launch convolve grid(FLAT * ceil_div(batch * length, THREADS) + (1 - FLAT) * batch * ceil_div(length, THREADS), ceil_div(outChannels, OUTPUTS)) block(THREADS) args(x, w, bias, out)

#define IN AXIS_inChannels
#define OUT AXIS_outChannels
#define LENGTH AXIS_length
#define TAPS AXIS_taps
#define BLOCKS_OF_SAMPLE ((LENGTH + THREADS - 1) / THREADS)

extern "C" __global__ void __launch_bounds__(THREADS)
convolve(const element_t* __restrict__ x, const element_t* __restrict__ w, const element_t* __restrict__ bias,
         element_t* __restrict__ out) {
  const i64 flat = i64(blockIdx.x) * THREADS + threadIdx.x;
  const i64 sample = FLAT ? flat / LENGTH : blockIdx.x / BLOCKS_OF_SAMPLE;
  const int position = FLAT ? int(flat % LENGTH) : int(blockIdx.x % BLOCKS_OF_SAMPLE) * THREADS + threadIdx.x;
  if (sample >= AXIS_batch || position >= LENGTH) return;
  const int first = blockIdx.y * OUTPUTS;
  const element_t* from = x + sample * IN * LENGTH;
  float sums[OUTPUTS];
#pragma unroll
  for (int o = 0; o < OUTPUTS; o++) sums[o] = toFloat(bias[min(first + o, OUT - 1)]);
  for (int i = 0; i < IN; i++) {
#pragma unroll
    for (int tap = 0; tap < TAPS; tap++) {
      const int moved = position + tap - (TAPS - 1) / 2;
      if (moved < 0 || moved >= LENGTH) continue;
      const float value = toFloat(from[i * LENGTH + moved]);
#pragma unroll
      for (int o = 0; o < OUTPUTS; o++) {
        sums[o] += toFloat(w[(min(first + o, OUT - 1) * IN + i) * TAPS + tap]) * value;
      }
    }
  }
#pragma unroll
  for (int o = 0; o < OUTPUTS; o++) {
    if (first + o < OUT) fromFloat(sums[o], out[(sample * OUT + first + o) * LENGTH + position]);
  }
}
