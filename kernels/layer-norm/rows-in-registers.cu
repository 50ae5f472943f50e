// A group of threads holds rows in registers, so that they are read once and written once. A warp has a row alone as long as it
// can, and nobody waits for other warps. Gain and bias are read before sums are there.

#define ELEMENT F32 // @data-types fp32 = F32, bf16 = BF16, fp16 = F16
#include "common.cuh"
#include "groups.cuh"

#define ACCESS 16 // @knob vector-width {4, 8, 16} bytes of an access at most
#define HELD 8 // @knob warps-per-row {32, 16, 8, 4} elements of a row for each thread that shares it
#define ALONE 16 // @knob warps-per-row {8, 16, 32, 64} elements of each lane up to which a warp has a row alone
#define OPEN 1 // @knob bytes-in-flight {1, 2, 4} rows that a group of threads has open
#define BLOCK 128 // @knob warps {64, 128, 256, 512, 1024} threads of a block
#define RESIDENT 1024 // @knob persistent-grid {1024, 32, 16, 8, 4} blocks for each of 132 multiprocessors at most
#define AT_ONCE 1 // @knob algorithm {0, 1} 1: mean and squares are added up together, relative to the row's first element
#define EARLY 1 // @knob recompute {0, 1} 1: gain and bias stay in registers from the beginning on
#define PAST 1 // @knob cache-hints {0, 1} 1: answers are written past the caches

// @require ceil_div(n, BLOCK) * OPEN <= 64
// @require min(n, 32 * ALONE) * OPEN <= 64 * 32
// @let parted 1 + (n > HELD) + 2 * (n > 2 * HELD) + 4 * (n > 4 * HELD) + 8 * (n > 8 * HELD) + 16 * (n > 16 * HELD) + 32 * (n > 32 * HELD) * (n > 32 * ALONE)
// @let threads min(BLOCK, parted + (n > 32 * ALONE) * (64 * (n > 64 * HELD) + 128 * (n > 128 * HELD) + 256 * (n > 256 * HELD) + 512 * (n > 512 * HELD)))
// @launch layerNorm grid(min(ceil_div(rows * threads, BLOCK * OPEN), 132 * RESIDENT)) block(BLOCK) args(x, gain, bias, out)

constexpr i64 ROWS = AXIS_rows;
constexpr int N = AXIS_n;
constexpr int PER = elementsOfAccess(N, sizeof(element_t), ACCESS);
constexpr int WANTED = threadsOfRow(N, HELD, PER, BLOCK);
constexpr int THREADS = WANTED > WARP && N <= WARP * ALONE ? WARP : WANTED;
constexpr int CHUNKS = divideUp(N, THREADS * PER);
constexpr int GROUPS = BLOCK / THREADS;
typedef float Held[CHUNKS][PER];
typedef Vector<element_t, PER> Pieces[CHUNKS];

__device__ __forceinline__ int columnOf(int chunk) { return (threadIdx.x % THREADS + chunk * THREADS) * PER; }

// Takes `less` off all elements of the row; adds up what is left, and its squares.
__device__ __forceinline__ void shift(Held& held, float less, float& sum, float& squares) {
  sum = squares = 0.0f;
#pragma unroll
  for (int c = 0; c < CHUNKS; c++) {
#pragma unroll
    for (int i = 0; i < PER; i++) {
      held[c][i] = columnOf(c) < N ? held[c][i] - less : 0.0f;
      sum += held[c][i];
      squares += held[c][i] * held[c][i];
    }
  }
}

// Leaves what rows have beyond their means; gives the variances.
__device__ __forceinline__ void centre(Held (&held)[OPEN], const float (&origins)[OPEN], float (&variances)[OPEN],
                                       float* partial) {
  float sums[2 * OPEN];
  float ignored;
#pragma unroll
  for (int o = 0; o < OPEN; o++) shift(held[o], AT_ONCE ? origins[o] : 0.0f, sums[o], sums[OPEN + o]);
  if (AT_ONCE) {
    overGroup<Sum, THREADS>(sums, partial);
#pragma unroll
    for (int o = 0; o < OPEN; o++) {
      const float mean = sums[o] * (1.0f / N);
      variances[o] = fmaxf(0.0f, sums[OPEN + o] * (1.0f / N) - mean * mean);
      shift(held[o], mean, ignored, ignored);
    }
    return;
  }
#pragma unroll
  for (int o = 0; o < OPEN; o++) variances[o] = sums[o];
  overGroup<Sum, THREADS>(variances, partial);
#pragma unroll
  for (int o = 0; o < OPEN; o++) {
    const float mean = variances[o] * (1.0f / N);
    shift(held[o], mean, ignored, variances[o]);
  }
  overGroup<Sum, THREADS>(variances, partial);
#pragma unroll
  for (int o = 0; o < OPEN; o++) variances[o] *= 1.0f / N;
}

__device__ __forceinline__ void readPieces(const element_t* from, Pieces& pieces) {
#pragma unroll
  for (int c = 0; c < CHUNKS; c++) {
    if (columnOf(c) < N) pieces[c] = loadVector<element_t, PER>(from + columnOf(c));
  }
}

extern "C" __global__ void __launch_bounds__(BLOCK)
layerNorm(const element_t* __restrict__ x, const element_t* __restrict__ gain, const element_t* __restrict__ bias,
          element_t* __restrict__ out) {
  __shared__ float partial[2 * OPEN * BLOCK / WARP];
  Pieces gains, biases;
  const i64 stride = i64(gridDim.x) * GROUPS * OPEN;
  for (i64 first = i64(blockIdx.x) * GROUPS * OPEN; first < ROWS; first += stride) {
    const i64 row = first + threadIdx.x / THREADS;
    Held held[OPEN];
    float origins[OPEN], variances[OPEN];
#pragma unroll
    for (int o = 0; o < OPEN; o++) {
      const i64 own = row + o * GROUPS;
      readRow<THREADS>(x + own * N, own < ROWS ? N : 0, 0.0f, held[o]);
      origins[o] = AT_ONCE && THREADS > WARP && own < ROWS ? toFloat(x[own * N]) : 0.0f;
    }
    if (EARLY && first == i64(blockIdx.x) * GROUPS * OPEN) {
      readPieces(gain, gains);
      readPieces(bias, biases);
    }
#pragma unroll
    for (int o = 0; o < OPEN; o++) {
      if constexpr (AT_ONCE && THREADS <= WARP) origins[o] = fromLane<THREADS>(held[o][0][0], 0);
    }
    centre(held, origins, variances, partial);
    if (!EARLY) {
      readPieces(gain, gains);
      readPieces(bias, biases);
    }
#pragma unroll
    for (int o = 0; o < OPEN; o++) {
      const float factor = 1.0f / sqrtf(variances[o] + 1e-5f);
#pragma unroll
      for (int c = 0; c < CHUNKS; c++) {
#pragma unroll
        for (int i = 0; i < PER; i++) {
          held[o][c][i] = held[o][c][i] * factor * toFloat(gains[c].at[i]) + toFloat(biases[c].at[i]);
        }
      }
      writeRow<THREADS, PAST>(out + (row + o * GROUPS) * N, row + o * GROUPS < ROWS ? N : 0, held[o]);
    }
  }
}
