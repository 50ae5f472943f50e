// A group of threads holds a row in registers, so that it is read once and written once. Blocks stay and take row after row.

#define ELEMENT F32 // @data-types fp32 = F32, bf16 = BF16, fp16 = F16
#include "common.cuh"
#include "groups.cuh"

#define ACCESS 16 // @knob vector-width {4, 8, 16} bytes of an access at most
#define HELD 8 // @knob warps-per-row {32, 16, 8, 4, 2} elements of a row for each thread that shares it
#define BLOCK 128 // @knob warps {64, 128, 256, 512, 1024} threads of a block
#define RESIDENT 16 // @knob persistent-grid {128, 32, 16, 8, 4} blocks for each of 132 multiprocessors at most
#define QUICK 1 // @knob approximation {0, 1} 1: exponentials by the device's power of two
#define PAST 0 // @knob cache-hints {0, 1} 1: answers are written past the caches

// @require ceil_div(n, BLOCK) <= 64
// @launch softmax grid(min(ceil_div(2 * rows * n, HELD * BLOCK), 132 * RESIDENT)) block(BLOCK) args(x, out)

constexpr i64 ROWS = AXIS_rows;
constexpr int N = AXIS_n;
constexpr int PER = elementsOfAccess(N, sizeof(element_t), ACCESS);
constexpr int THREADS = threadsOfRow(N, HELD, PER, BLOCK);
constexpr int CHUNKS = divideUp(N, THREADS * PER);
constexpr int GROUPS = BLOCK / THREADS;

extern "C" __global__ void __launch_bounds__(BLOCK)
softmax(const element_t* __restrict__ x, element_t* __restrict__ out) {
  __shared__ float partial[BLOCK / WARP];
  for (i64 first = i64(blockIdx.x) * GROUPS; first < ROWS; first += i64(gridDim.x) * GROUPS) {
    const i64 row = first + threadIdx.x / THREADS;
    const int length = row < ROWS ? N : 0;
    float held[CHUNKS][PER];
    readRow<THREADS>(x + row * N, length, -INFINITY_F, held);
    float most[1] = {-INFINITY_F};
#pragma unroll
    for (int c = 0; c < CHUNKS; c++) {
#pragma unroll
      for (int i = 0; i < PER; i++) most[0] = fmaxf(most[0], held[c][i]);
    }
    overGroup<Largest, THREADS>(most, partial);
    float sum[1] = {0.0f};
#pragma unroll
    for (int c = 0; c < CHUNKS; c++) {
#pragma unroll
      for (int i = 0; i < PER; i++) sum[0] += held[c][i] = exponential<QUICK>(held[c][i] - most[0]);
    }
    overGroup<Sum, THREADS>(sum, partial);
    const float factor = 1.0f / sum[0];
#pragma unroll
    for (int c = 0; c < CHUNKS; c++) {
#pragma unroll
      for (int i = 0; i < PER; i++) held[c][i] *= factor;
    }
    writeRow<THREADS, PAST>(out + row * N, length, held);
  }
}
