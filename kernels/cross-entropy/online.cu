// One pass over a row of logits: largest and sum of exponentials in one go by a group of threads. Blocks stay and take row
// after row.

#define ELEMENT F32 // @data-types fp32 = F32, bf16 = BF16, fp16 = F16
#include "common.cuh"
#include "groups.cuh"
#include "online-softmax.cuh"

#define ACCESS 16 // @knob vector-width {4, 8, 16} bytes of an access at most
#define HELD 32 // @knob warps-per-row {256, 128, 64, 32, 16, 8} elements of a row for each thread that shares it
#define UNROLL 4 // @knob bytes-in-flight {1, 2, 4, 8} accesses that a thread has open
#define BLOCK 256 // @knob warps {64, 128, 256, 512, 1024} threads of a block
#define RESIDENT 16 // @knob persistent-grid {128, 32, 16, 8, 4} blocks for each of 132 multiprocessors at most
#define QUICK 1 // @knob approximation {0, 1} 1: exponentials by the device's power of two

// @launch crossEntropy grid(min(ceil_div(2 * rows * classes, HELD * BLOCK), 132 * RESIDENT)) block(BLOCK) args(logits, targets, loss)

constexpr i64 ROWS = AXIS_rows;
constexpr int N = AXIS_classes;
constexpr int PER = elementsOfAccess(N, sizeof(element_t), ACCESS);
constexpr int THREADS = threadsOfRow(N, HELD, PER, BLOCK);
constexpr int GROUPS = BLOCK / THREADS;

extern "C" __global__ void __launch_bounds__(BLOCK)
crossEntropy(const element_t* __restrict__ logits, const int* __restrict__ targets, float* __restrict__ loss) {
  __shared__ float partial[BLOCK / WARP];
  for (i64 first = i64(blockIdx.x) * GROUPS; first < ROWS; first += i64(gridDim.x) * GROUPS) {
    const i64 row = first + threadIdx.x / THREADS;
    const bool isWriter = row < ROWS && threadIdx.x % THREADS == 0;
    // Asked for before the row, so that it waits for no one.
    const float wanted = isWriter ? toFloat(logits[row * N + targets[row]]) : 0.0f;
    // A row that is not there is read as another one: all threads of a block meet.
    const element_t* from = logits + (row < ROWS ? row : 0) * N;
    const Exponentials of = exponentialsOf<THREADS, UNROLL, PER, QUICK>(from, N, partial);
    if (isWriter) loss[row] = logf(of.sum) + of.most - wanted;
  }
}
