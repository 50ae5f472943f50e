// A block has a row and keeps it in shared memory as it was read: long rows leave the registers to loads in flight.

#define ELEMENT F32 // @data-types fp32 = F32, bf16 = BF16, fp16 = F16
#include "common.cuh"
#include "groups.cuh"

#define ACCESS 16 // @knob vector-width {4, 8, 16} bytes of an access at most
#define BLOCK 256 // @knob warps-per-row {32, 64, 128, 256, 512, 1024} threads that share a row
#define UNROLL 4 // @knob bytes-in-flight {1, 2, 4, 8} accesses that a thread has open
#define RESIDENT 8 // @knob persistent-grid {128, 32, 16, 8, 4} blocks for each of 132 multiprocessors at most
#define PAST 0 // @knob cache-hints {0, 1} 1: answers are written past the caches

// @require n <= 50000
// @launch layerNorm grid(min(rows, 132 * RESIDENT)) block(BLOCK) shared(4 * align(n, 4)) args(x, gain, bias, out)

constexpr int ROWS = AXIS_rows;
constexpr int N = AXIS_n;
constexpr int PER = elementsOfAccess(N, sizeof(element_t), ACCESS);

extern "C" __global__ void __launch_bounds__(BLOCK)
layerNorm(const element_t* __restrict__ x, const element_t* __restrict__ gain, const element_t* __restrict__ bias,
          element_t* __restrict__ out) {
  extern __shared__ uint4 memory[];
  __shared__ float partial[BLOCK / WARP];
  element_t* kept = reinterpret_cast<element_t*>(memory);
  for (i64 row = blockIdx.x; row < ROWS; row += gridDim.x) {
    float total[1] = {0.0f};
    for (int start = 0; start < N; start += BLOCK * PER * UNROLL) {
      Vector<element_t, PER> read[UNROLL];
#pragma unroll
      for (int u = 0; u < UNROLL; u++) {
        const int column = start + (u * BLOCK + threadIdx.x) * PER;
        if (column < N) read[u] = loadVectorOnce<element_t, PER>(x + row * N + column);
      }
#pragma unroll
      for (int u = 0; u < UNROLL; u++) {
        const int column = start + (u * BLOCK + threadIdx.x) * PER;
        if (column >= N) continue;
        *reinterpret_cast<Vector<element_t, PER>::raw_t*>(kept + column) = read[u].raw;
#pragma unroll
        for (int i = 0; i < PER; i++) total[0] += toFloat(read[u].at[i]);
      }
    }
    overGroup<Sum, BLOCK>(total, partial);
    const float mean = total[0] * (1.0f / N);
    float squares[1] = {0.0f};
    // Each thread reads what it wrote: nobody waits for others.
    for (int column = threadIdx.x * PER; column < N; column += BLOCK * PER) {
      const Vector<element_t, PER> v = loadVector<element_t, PER>(kept + column);
#pragma unroll
      for (int i = 0; i < PER; i++) squares[0] += (toFloat(v.at[i]) - mean) * (toFloat(v.at[i]) - mean);
    }
    overGroup<Sum, BLOCK>(squares, partial);
    const float factor = 1.0f / sqrtf(squares[0] * (1.0f / N) + 1e-5f);
#pragma unroll UNROLL
    for (int column = threadIdx.x * PER; column < N; column += BLOCK * PER) {
      const Vector<element_t, PER> v = loadVector<element_t, PER>(kept + column);
      const Vector<element_t, PER> g = loadVector<element_t, PER>(gain + column);
      const Vector<element_t, PER> b = loadVector<element_t, PER>(bias + column);
      float y[PER];
#pragma unroll
      for (int i = 0; i < PER; i++) y[i] = (toFloat(v.at[i]) - mean) * factor * toFloat(g.at[i]) + toFloat(b.at[i]);
      storeNumbers<PAST>(out + row * N + column, y);
    }
  }
}
