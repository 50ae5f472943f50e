// One pass over a row of logits: largest and sum of exponentials in one go. Short rows have a group of threads each; long ones
// are cut into pieces, a block to each, and a second launch puts pieces together, a thread to each row.

#define ELEMENT F32 // @data-types fp32 = F32, bf16 = BF16, fp16 = F16
#include "common.cuh"
#include "groups.cuh"
#include "online-softmax.cuh"

#define ACCESS 16 // @knob vector-width {4, 8, 16} bytes of an access at most
#define HELD 16 // @knob warps-per-row {256, 128, 64, 32, 16, 8} elements of a row for each thread that shares it
#define PIECE 4096 // @knob split {2048, 4096, 8192, 16384, 32768, 1048576} classes of the longest row that is not cut, and of a piece
#define UNROLL 4 // @knob bytes-in-flight {1, 2, 4, 8} accesses that a thread has open
#define BLOCK 256 // @knob warps {64, 128, 256, 512, 1024} threads of a block
#define RESIDENT 1024 // @knob persistent-grid {1024, 32, 16, 8, 4} blocks for each of 132 multiprocessors at most
#define QUICK 1 // @knob approximation {0, 1} 1: exponentials by the device's power of two

// @let pieces ceil_div(classes, PIECE)
// @require rows * pieces < 2147483647
// @scratch 8 * rows * pieces
// @launch crossEntropy grid(min(ceil_div(2 * rows * classes, HELD * BLOCK), 132 * RESIDENT)) block(BLOCK) args(logits, targets, loss) when(pieces == 1)
// @launch sums grid(rows * pieces) block(BLOCK) args(logits, scratch) when(pieces > 1)
// @launch losses grid(ceil_div(rows, 64)) block(64) args(logits, targets, scratch, loss) when(pieces > 1)

constexpr i64 ROWS = AXIS_rows;
constexpr int N = AXIS_classes;
constexpr int PIECES = divideUp(N, PIECE);
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

extern "C" __global__ void __launch_bounds__(BLOCK)
sums(const element_t* __restrict__ logits, float2* __restrict__ pieces) {
  __shared__ float partial[BLOCK / WARP];
  // Pieces of about the same length, in whole accesses.
  constexpr int LENGTH = divideUp(N / PER, PIECES) * PER;
  const int start = min(N, int(blockIdx.x % PIECES) * LENGTH);
  const element_t* from = logits + i64(blockIdx.x / PIECES) * N + start;
  const Exponentials of = exponentialsOf<BLOCK, UNROLL, PER, QUICK>(from, min(LENGTH, N - start), partial);
  if (threadIdx.x == 0) pieces[blockIdx.x] = make_float2(of.most, of.sum);
}

extern "C" __global__ void __launch_bounds__(64)
losses(const element_t* __restrict__ logits, const int* __restrict__ targets, const float2* __restrict__ pieces,
       float* __restrict__ loss) {
  const int row = blockIdx.x * 64 + threadIdx.x;
  if (row >= ROWS) return;
  const float wanted = toFloat(logits[i64(row) * N + targets[row]]);
  const float2* own = pieces + i64(row) * PIECES;
  float most = LEAST_F;
  float sum = 0.0f;
#pragma unroll 8
  for (int i = 0; i < PIECES; i++) most = fmaxf(most, own[i].x);
#pragma unroll 8
  for (int i = 0; i < PIECES; i++) sum += own[i].y * exponential<QUICK>(own[i].x - most);
  loss[row] = logf(sum) + most - wanted;
}
