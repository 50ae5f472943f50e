// A group of threads holds a row in registers, so that it is read once and written once. A warp has a row alone as long as it
// can, and nobody waits for other warps. Few rows are spread over more threads; long ones get wider blocks.

#define ELEMENT F32 // @data-types fp32 = F32, bf16 = BF16, fp16 = F16
#include "common.cuh"
#include "groups.cuh"

#define HELD 8 // @knob warps-per-row {4, 8, 16, 32} elements of a row for each thread that shares it; fewer where threads would be few
#define ALONE 16 // @knob warps-per-row {8, 16, 32} elements of each lane up to which a warp has a row alone
#define WIDE 256 // @knob warps-per-row {128, 256, 512, 1024} threads that share a row at most
#define BLOCK 128 // @knob warps {64, 128, 256} threads of a block at least
#define QUICK 1 // @knob approximation {0, 1} 1: exponentials by the device's power of two
#define ONCE 0 // @knob cache-hints {0, 1} 1: rows are read past L1
#define PAST 1 // @knob cache-hints {0, 1} 1: answers are written past the caches

// @require ceil_div(n, WIDE) <= 64
// @let few rows * n / 32768
// @let held min(HELD, 4 + 4 * (few >= 8) + 8 * (few >= 16) + 16 * (few >= 32))
// @let lanes 1 + (n > held) + 2 * (n > 2 * held) + 4 * (n > 4 * held) + 8 * (n > 8 * held) + 16 * (n > 16 * held)
// @let more 32 * (n > 32 * held) + 64 * (n > 64 * held) + 128 * (n > 128 * held) + 256 * (n > 256 * held) + 512 * (n > 512 * held)
// @let threads min(WIDE, lanes + (n > 32 * ALONE) * more)
// @launch softmax grid(ceil_div(rows * threads, max(BLOCK, threads))) block(max(BLOCK, threads)) args(x, out)

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

extern "C" __global__ void __launch_bounds__(THREADS_OF_BLOCK)
softmax(const element_t* __restrict__ x, element_t* __restrict__ out) {
  __shared__ float partial[2][THREADS_OF_BLOCK / WARP];
  const i64 row = i64(blockIdx.x) * GROUPS + threadIdx.x / THREADS;
  const int length = ROWS % GROUPS == 0 || row < ROWS ? N : 0;
  float held[CHUNKS][PER];
  readRow<THREADS, ONCE>(x + row * N, length, -INFINITY_F, held);
  float most[1] = {-INFINITY_F};
#pragma unroll
  for (int c = 0; c < CHUNKS; c++) {
#pragma unroll
    for (int i = 0; i < PER; i++) most[0] = fmaxf(most[0], held[c][i]);
  }
  overGroup<Largest, THREADS, true>(most, partial[0]);
  float sum[1] = {0.0f};
#pragma unroll
  for (int c = 0; c < CHUNKS; c++) {
#pragma unroll
    for (int i = 0; i < PER; i++) sum[0] += held[c][i] = exponential<QUICK>(held[c][i] - most[0]);
  }
  overGroup<Sum, THREADS, true>(sum, partial[1]);
  const float factor = __fdividef(1.0f, sum[0]);
#pragma unroll
  for (int c = 0; c < CHUNKS; c++) {
#pragma unroll
    for (int i = 0; i < PER; i++) held[c][i] *= factor;
  }
  writeRow<THREADS, PAST>(out + row * N, length, held);
}
