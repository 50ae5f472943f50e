// A group of threads holds a row in registers, so that it is read once and written once. Blocks stay and take row after row.

#define ELEMENT F32 // @data-types fp32 = F32, bf16 = BF16, fp16 = F16
#include "common.cuh"
#include "groups.cuh"

#define ACCESS 16 // @knob vector-width {4, 8, 16} bytes of an access at most
#define HELD 8 // @knob warps-per-row {32, 16, 8, 4, 2} elements of a row for each thread that shares it
#define BLOCK 128 // @knob warps {64, 128, 256, 512, 1024} threads of a block
#define RESIDENT 16 // @knob persistent-grid {128, 32, 16, 8, 4} blocks for each of 132 multiprocessors at most
#define AT_ONCE 0 // @knob algorithm {0, 1} 1: mean and squares are added up together, relative to the row's first element
#define PAST 0 // @knob cache-hints {0, 1} 1: answers are written past the caches

// @require ceil_div(n, BLOCK) <= 64
// @launch layerNorm grid(min(ceil_div(2 * rows * n, HELD * BLOCK), 132 * RESIDENT)) block(BLOCK) args(x, gain, bias, out)

constexpr i64 ROWS = AXIS_rows;
constexpr int N = AXIS_n;
constexpr int PER = elementsOfAccess(N, sizeof(element_t), ACCESS);
constexpr int THREADS = threadsOfRow(N, HELD, PER, BLOCK);
constexpr int CHUNKS = divideUp(N, THREADS * PER);
constexpr int GROUPS = BLOCK / THREADS;

__device__ __forceinline__ bool isInRow(int chunk) { return (threadIdx.x % THREADS + chunk * THREADS) * PER < N; }

// Leaves what the row has beyond its mean; gives the variance.
__device__ __forceinline__ float centre(float (&held)[CHUNKS][PER], float origin, float* partial) {
  float sums[2] = {0.0f, 0.0f};
#pragma unroll
  for (int c = 0; c < CHUNKS; c++) {
#pragma unroll
    for (int i = 0; i < PER; i++) {
      if (AT_ONCE) held[c][i] = isInRow(c) ? held[c][i] - origin : 0.0f;
      sums[0] += held[c][i];
      sums[1] += held[c][i] * held[c][i];
    }
  }
  float total[1] = {sums[0]};
  if (AT_ONCE) overGroup<Sum, THREADS>(sums, partial);
  else overGroup<Sum, THREADS>(total, partial);
  const float mean = (AT_ONCE ? sums[0] : total[0]) * (1.0f / N);
  float squares[1] = {0.0f};
#pragma unroll
  for (int c = 0; c < CHUNKS; c++) {
#pragma unroll
    for (int i = 0; i < PER; i++) {
      held[c][i] = isInRow(c) ? held[c][i] - mean : 0.0f;
      squares[0] += held[c][i] * held[c][i];
    }
  }
  if (AT_ONCE) return fmaxf(0.0f, sums[1] * (1.0f / N) - mean * mean);
  overGroup<Sum, THREADS>(squares, partial);
  return squares[0] * (1.0f / N);
}

extern "C" __global__ void __launch_bounds__(BLOCK)
layerNorm(const element_t* __restrict__ x, const element_t* __restrict__ gain, const element_t* __restrict__ bias,
          element_t* __restrict__ out) {
  __shared__ float partial[2 * BLOCK / WARP];
  for (i64 first = i64(blockIdx.x) * GROUPS; first < ROWS; first += i64(gridDim.x) * GROUPS) {
    const i64 row = first + threadIdx.x / THREADS;
    const int length = row < ROWS ? N : 0;
    float held[CHUNKS][PER];
    readRow<THREADS>(x + row * N, length, 0.0f, held);
    const float origin = AT_ONCE && row < ROWS ? toFloat(x[row * N]) : 0.0f;
    const float factor = 1.0f / sqrtf(centre(held, origin, partial) + 1e-5f);
#pragma unroll
    for (int c = 0; c < CHUNKS; c++) {
      if (!isInRow(c)) continue;
      const int column = (threadIdx.x % THREADS + c * THREADS) * PER;
      const Vector<element_t, PER> g = loadVector<element_t, PER>(gain + column);
      const Vector<element_t, PER> b = loadVector<element_t, PER>(bias + column);
#pragma unroll
      for (int i = 0; i < PER; i++) held[c][i] = held[c][i] * factor * toFloat(g.at[i]) + toFloat(b.at[i]);
    }
    writeRow<THREADS, PAST>(out + row * N, length, held);
  }
}
