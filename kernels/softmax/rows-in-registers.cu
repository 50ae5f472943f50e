// A group of threads holds rows in registers, so that they are read once and written once. A warp has a row alone as long as it
// can, and nobody waits for other warps.

#define ELEMENT F32 // @data-types fp32 = F32, bf16 = BF16, fp16 = F16
#include "common.cuh"
#include "groups.cuh"

#define ACCESS 16 // @knob vector-width {4, 8, 16} bytes of an access at most
#define HELD 8 // @knob warps-per-row {32, 16, 8, 4} elements of a row for each thread that shares it
#define ALONE 16 // @knob warps-per-row {8, 16, 32, 64} elements of each lane up to which a warp has a row alone
#define OPEN 1 // @knob bytes-in-flight {1, 2, 4} rows that a group of threads has open
#define BLOCK 128 // @knob warps {64, 128, 256, 512, 1024} threads of a block
#define RESIDENT 1024 // @knob persistent-grid {1024, 32, 16, 8, 4} blocks for each of 132 multiprocessors at most
#define QUICK 1 // @knob approximation {0, 1} 1: exponentials by the device's power of two
#define PAST 1 // @knob cache-hints {0, 1} 1: answers are written past the caches

// @require ceil_div(n, BLOCK) * OPEN <= 64
// @require min(n, 32 * ALONE) * OPEN <= 64 * 32
// @let parted 1 + (n > HELD) + 2 * (n > 2 * HELD) + 4 * (n > 4 * HELD) + 8 * (n > 8 * HELD) + 16 * (n > 16 * HELD) + 32 * (n > 32 * HELD) * (n > 32 * ALONE)
// @let threads min(BLOCK, parted + (n > 32 * ALONE) * (64 * (n > 64 * HELD) + 128 * (n > 128 * HELD) + 256 * (n > 256 * HELD) + 512 * (n > 512 * HELD)))
// @launch softmax grid(min(ceil_div(rows * threads, BLOCK * OPEN), 132 * RESIDENT)) block(BLOCK) args(x, out)

constexpr i64 ROWS = AXIS_rows;
constexpr int N = AXIS_n;
constexpr int PER = elementsOfAccess(N, sizeof(element_t), ACCESS);
constexpr int WANTED = threadsOfRow(N, HELD, PER, BLOCK);
constexpr int THREADS = WANTED > WARP && N <= WARP * ALONE ? WARP : WANTED;
constexpr int CHUNKS = divideUp(N, THREADS * PER);
constexpr int GROUPS = BLOCK / THREADS;

extern "C" __global__ void __launch_bounds__(BLOCK)
softmax(const element_t* __restrict__ x, element_t* __restrict__ out) {
  __shared__ float partial[OPEN * BLOCK / WARP];
  const i64 stride = i64(gridDim.x) * GROUPS * OPEN;
  for (i64 first = i64(blockIdx.x) * GROUPS * OPEN; first < ROWS; first += stride) {
    const i64 row = first + threadIdx.x / THREADS;
    float held[OPEN][CHUNKS][PER];
    float most[OPEN];
#pragma unroll
    for (int o = 0; o < OPEN; o++) {
      readRow<THREADS>(x + (row + o * GROUPS) * N, row + o * GROUPS < ROWS ? N : 0, -INFINITY_F, held[o]);
    }
#pragma unroll
    for (int o = 0; o < OPEN; o++) {
      most[o] = -INFINITY_F;
#pragma unroll
      for (int c = 0; c < CHUNKS; c++) {
#pragma unroll
        for (int i = 0; i < PER; i++) most[o] = fmaxf(most[o], held[o][c][i]);
      }
    }
    overGroup<Largest, THREADS>(most, partial);
    float sum[OPEN];
#pragma unroll
    for (int o = 0; o < OPEN; o++) {
      sum[o] = 0.0f;
#pragma unroll
      for (int c = 0; c < CHUNKS; c++) {
#pragma unroll
        for (int i = 0; i < PER; i++) sum[o] += held[o][c][i] = exponential<QUICK>(held[o][c][i] - most[o]);
      }
    }
    overGroup<Sum, THREADS>(sum, partial);
#pragma unroll
    for (int o = 0; o < OPEN; o++) {
      const float factor = 1.0f / sum[o];
#pragma unroll
      for (int c = 0; c < CHUNKS; c++) {
#pragma unroll
        for (int i = 0; i < PER; i++) held[o][c][i] *= factor;
      }
      writeRow<THREADS, PAST>(out + (row + o * GROUPS) * N, row + o * GROUPS < ROWS ? N : 0, held[o]);
    }
  }
}
