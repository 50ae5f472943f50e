// A group of threads holds a row in registers, so that it is read once and written once. A warp has a row alone as long as it
// can, and nobody waits for other warps. Few rows are spread over more threads; long ones get wider blocks.

#define ELEMENT F32 // @data-types fp32 = F32, bf16 = BF16, fp16 = F16
#include "common.cuh"
#include "groups.cuh"

#define HELD 16 // @knob warps-per-row {4, 8, 16, 32} elements of a row for each thread that shares it; fewer where threads would be few
#define ALONE 16 // @knob warps-per-row {8, 16, 32} elements of each lane up to which a warp has a row alone
#define WIDE 256 // @knob warps-per-row {128, 256, 512, 1024} threads that share a row at most
#define BLOCK 128 // @knob warps {64, 128, 256} threads of a block at least
#define AT_ONCE 1 // @knob algorithm {0, 1} 1: mean and squares are added up together, relative to the row's first element
#define EARLY 16 // @knob recompute {0, 16, 32} elements of each thread up to which gain and bias are read before sums are there
#define ONCE 0 // @knob cache-hints {0, 1} 1: rows are read past L1
#define PAST 1 // @knob cache-hints {0, 1} 1: answers are written past the caches

// @require ceil_div(n, WIDE) <= 64
// @let few rows * n / 32768
// @let held min(HELD, 4 + 4 * (few >= 8) + 8 * (few >= 16) + 16 * (few >= 32))
// @let lanes 1 + (n > held) + 2 * (n > 2 * held) + 4 * (n > 4 * held) + 8 * (n > 8 * held) + 16 * (n > 16 * held)
// @let more 32 * (n > 32 * held) + 64 * (n > 64 * held) + 128 * (n > 128 * held) + 256 * (n > 256 * held) + 512 * (n > 512 * held)
// @let threads min(WIDE, lanes + (n > 32 * ALONE) * more)
// @launch layerNorm grid(ceil_div(rows * threads, max(BLOCK, threads))) block(max(BLOCK, threads)) args(x, gain, bias, out)

constexpr i64 ROWS = AXIS_rows;
constexpr int N = AXIS_n;
constexpr i64 FEW = ROWS * N / 32768;
constexpr int SPREAD = FEW >= 32 ? 32 : FEW >= 16 ? 16 : FEW >= 8 ? 8 : 4;
constexpr int OWN = HELD < SPREAD ? HELD : SPREAD;
constexpr int WIDEST = OWN * int(sizeof(element_t)) < 16 ? OWN * int(sizeof(element_t)) : 16;
constexpr int PER = elementsOfAccess(N, sizeof(element_t), WIDEST);
constexpr int WANTED = threadsOfRow(N, OWN, PER, WIDE);
constexpr int THREADS = WANTED > WARP && N <= WARP * ALONE ? WARP : WANTED;
constexpr int THREADS_OF_BLOCK = BLOCK > THREADS ? BLOCK : THREADS;
constexpr int CHUNKS = divideUp(N, THREADS * PER);
constexpr int GROUPS = THREADS_OF_BLOCK / THREADS;
constexpr bool IS_FULL = CHUNKS * THREADS * PER == N;
constexpr bool IS_EARLY = CHUNKS * PER <= EARLY;
typedef float Held[CHUNKS][PER];
typedef Vector<element_t, PER> Pieces[CHUNKS];
typedef float Partial[2][2 * THREADS_OF_BLOCK / WARP];

__device__ __forceinline__ int columnOf(int chunk) { return (threadIdx.x % THREADS + chunk * THREADS) * PER; }

// Takes `less` off all elements of the row; adds up what is left, and its squares.
__device__ __forceinline__ void shift(Held& held, float less, float& sum, float& squares) {
  sum = squares = 0.0f;
#pragma unroll
  for (int c = 0; c < CHUNKS; c++) {
#pragma unroll
    for (int i = 0; i < PER; i++) {
      held[c][i] = IS_FULL || columnOf(c) < N ? held[c][i] - less : 0.0f;
      sum += held[c][i];
      squares += held[c][i] * held[c][i];
    }
  }
}

// Leaves what the row has beyond its mean; gives the variance.
__device__ __forceinline__ float centre(Held& held, float origin, Partial& partial) {
  float ignored;
  if (AT_ONCE) {
    float sums[2];
    shift(held, origin, sums[0], sums[1]);
    overGroup<Sum, THREADS, true>(sums, partial[0]);
    const float mean = sums[0] * (1.0f / N);
    shift(held, mean, ignored, ignored);
    return fmaxf(0.0f, sums[1] * (1.0f / N) - mean * mean);
  }
  float sum[1], squares[1];
  shift(held, 0.0f, sum[0], ignored);
  overGroup<Sum, THREADS, true>(sum, partial[0]);
  shift(held, sum[0] * (1.0f / N), ignored, squares[0]);
  overGroup<Sum, THREADS, true>(squares, partial[1]);
  return squares[0] * (1.0f / N);
}

__device__ __forceinline__ void readPieces(const element_t* from, Pieces& pieces) {
#pragma unroll
  for (int c = 0; c < CHUNKS; c++) {
    if (columnOf(c) < N) pieces[c] = loadNumbers<false, element_t, PER>(from + columnOf(c));
  }
}

extern "C" __global__ void __launch_bounds__(THREADS_OF_BLOCK)
layerNorm(const element_t* __restrict__ x, const element_t* __restrict__ gain, const element_t* __restrict__ bias,
          element_t* __restrict__ out) {
  __shared__ Partial partial;
  const i64 row = i64(blockIdx.x) * GROUPS + threadIdx.x / THREADS;
  const int length = ROWS % GROUPS == 0 || row < ROWS ? N : 0;
  Held held;
  Pieces gains, biases;
  readRow<THREADS, ONCE>(x + row * N, length, 0.0f, held);
  float origin = AT_ONCE && THREADS > WARP && length > 0 ? toFloat(x[row * N]) : 0.0f;
  if (IS_EARLY) {
    readPieces(gain, gains);
    readPieces(bias, biases);
  }
  if constexpr (AT_ONCE && THREADS <= WARP) origin = fromLane<THREADS>(held[0][0], 0);
  const float factor = rsqrtf(centre(held, origin, partial) + 1e-5f);
  if (!IS_EARLY) {
    readPieces(gain, gains);
    readPieces(bias, biases);
  }
#pragma unroll
  for (int c = 0; c < CHUNKS; c++) {
#pragma unroll
    for (int i = 0; i < PER; i++) {
      held[c][i] = held[c][i] * factor * toFloat(gains[c].at[i]) + toFloat(biases[c].at[i]);
    }
  }
  writeRow<THREADS, PAST>(out + row * N, length, held);
}
