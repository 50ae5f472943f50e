// Every element by itself, whatever its row: threads take accesses of all tensors side by side, several of them open at a
// time. What does not fill an access at the very end is done element by element.

#define ELEMENT F32 // @data-types fp32 = F32, bf16 = BF16, fp16 = F16
#include "common.cuh"
#include "groups.cuh"

#define ACCESS 16 // @knob vector-width {2, 4, 8, 16} bytes of an access at most
#define OPEN 16 // @knob bytes-in-flight {4, 8, 16, 32} elements of each input that a thread has open; fewer where blocks would be few
#define BLOCK 256 // @knob warps {64, 128, 256, 512, 1024} threads of a block
#define RESIDENT 1024 // @knob persistent-grid {1024, 16, 8, 4} blocks for each of 132 multiprocessors at most
#define SIGMOID 2 // @knob approximation {0, 1, 2} 0: expf and a division, 1: the device's power of two, 2: its reciprocal as well
#define PAST 0 // @knob cache-hints {0, 1} 1: answers are written past the caches

// @let open max(4, min(OPEN, ceil_div(rows * n, 528 * BLOCK)))
// @launch swiglu grid(min(ceil_div(rows * n, BLOCK * open), 132 * RESIDENT)) block(BLOCK) args(a, b, out)

constexpr i64 TOTAL = i64(AXIS_rows) * AXIS_n;
constexpr int PER = ACCESS > int(sizeof(element_t)) ? ACCESS / int(sizeof(element_t)) : 1;
constexpr i64 ACCESSES = TOTAL / PER;
constexpr int ENOUGH = TOTAL > i64(OPEN) * 528 * BLOCK ? OPEN : divideUp(TOTAL, 528 * BLOCK);
constexpr int UNROLL = ENOUGH > PER ? ENOUGH / PER : 1;

__device__ __forceinline__ float gated(float a, float b) {
  const float denominator = 1.0f + exponential<(SIGMOID > 0)>(-a);
  return SIGMOID == 2 ? __fdividef(a, denominator) * b : a / denominator * b;
}

extern "C" __global__ void __launch_bounds__(BLOCK)
swiglu(const element_t* __restrict__ a, const element_t* __restrict__ b, element_t* __restrict__ out) {
  for (i64 start = i64(blockIdx.x) * BLOCK * UNROLL; start < ACCESSES; start += i64(gridDim.x) * BLOCK * UNROLL) {
    Vector<element_t, PER> left[UNROLL], right[UNROLL];
#pragma unroll
    for (int u = 0; u < UNROLL; u++) {
      const i64 at = start + u * BLOCK + threadIdx.x;
      if (at >= ACCESSES) continue;
      left[u] = loadVectorOnce<element_t, PER>(a + at * PER);
      right[u] = loadVectorOnce<element_t, PER>(b + at * PER);
    }
#pragma unroll
    for (int u = 0; u < UNROLL; u++) {
      const i64 at = start + u * BLOCK + threadIdx.x;
      if (at >= ACCESSES) continue;
      float y[PER];
#pragma unroll
      for (int i = 0; i < PER; i++) y[i] = gated(toFloat(left[u].at[i]), toFloat(right[u].at[i]));
      storeNumbers<PAST>(out + at * PER, y);
    }
  }
  const i64 rest = ACCESSES * PER + threadIdx.x;
  if (blockIdx.x == 0 && rest < TOTAL) fromFloat(gated(toFloat(a[rest]), toFloat(b[rest])), out[rest]);
}
