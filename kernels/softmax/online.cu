// Two passes over a row: largest element and sum of exponentials in one go, then the answers from what caches still hold.
// Registers hold no row: for rows of any length.

#define ELEMENT F32 // @data-types fp32 = F32, bf16 = BF16, fp16 = F16
#include "common.cuh"
#include "groups.cuh"
#include "online-softmax.cuh"

#define ACCESS 16 // @knob vector-width {8, 16} bytes of an access at most
#define HELD 8 // @knob warps-per-row {16, 8, 4} elements of a row for each thread that shares it
#define UNROLL 2 // @knob bytes-in-flight {1, 2, 4} accesses that a thread has open
#define BLOCK 256 // @knob warps {128, 256, 512} threads of a block
#define RESIDENT 128 // @knob persistent-grid {128, 16} blocks for each of 132 multiprocessors at most
#define QUICK 1 // @knob approximation {0, 1} 1: exponentials by the device's power of two
#define PAST 0 // @knob cache-hints {0, 1} 1: answers are written past the caches

// @launch softmax grid(min(ceil_div(2 * rows * n, HELD * BLOCK), 132 * RESIDENT)) block(BLOCK) args(x, out)

constexpr i64 ROWS = AXIS_rows;
constexpr int N = AXIS_n;
constexpr int PER = elementsOfAccess(N, sizeof(element_t), ACCESS);
constexpr int THREADS = threadsOfRow(N, HELD, PER, BLOCK);
constexpr int GROUPS = BLOCK / THREADS;

extern "C" __global__ void __launch_bounds__(BLOCK)
softmax(const element_t* __restrict__ x, element_t* __restrict__ out) {
  __shared__ float partial[BLOCK / WARP];
  for (i64 first = i64(blockIdx.x) * GROUPS; first < ROWS; first += i64(gridDim.x) * GROUPS) {
    const i64 row = first + threadIdx.x / THREADS;
    const int length = row < ROWS ? N : 0;
    // A row that is not there is read as another one: all threads of a block meet.
    const element_t* from = x + (row < ROWS ? row : 0) * N;
    const Exponentials of = exponentialsOf<THREADS, UNROLL, PER, QUICK>(from, N, partial);
    const float factor = 1.0f / of.sum;
#pragma unroll UNROLL
    for (int column = threadIdx.x % THREADS * PER; column < length; column += THREADS * PER) {
      const Vector<element_t, PER> v = loadVector<element_t, PER>(from + column);
      float y[PER];
#pragma unroll
      for (int i = 0; i < PER; i++) y[i] = exponential<QUICK>(toFloat(v.at[i]) - of.most) * factor;
      storeNumbers<PAST>(out + row * N + column, y);
    }
  }
}
