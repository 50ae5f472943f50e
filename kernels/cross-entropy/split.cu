// Few rows of many classes: SPLIT blocks share a row and leave each piece's largest and sum of exponentials in scratch
// memory; a second launch puts them together, a thread to each row.

#define ELEMENT F32 // @data-types fp32 = F32, bf16 = BF16, fp16 = F16
#include "common.cuh"
#include "groups.cuh"
#include "online-softmax.cuh"

#define ACCESS 16 // @knob vector-width {4, 8, 16} bytes of an access at most
#define SPLIT 8 // @knob split {1, 2, 4, 8, 16, 32, 64} blocks that share a row
#define UNROLL 4 // @knob bytes-in-flight {1, 2, 4, 8} accesses that a thread has open
#define BLOCK 256 // @knob warps {64, 128, 256, 512, 1024} threads of a block
#define QUICK 1 // @knob approximation {0, 1} 1: exponentials by the device's power of two

// @require rows * SPLIT < 2147483647
// @scratch 8 * rows * SPLIT
// @launch sums grid(rows * SPLIT) block(BLOCK) args(logits, scratch)
// @launch losses grid(ceil_div(rows, 64)) block(64) args(logits, targets, scratch, loss)

constexpr int ROWS = AXIS_rows;
constexpr int N = AXIS_classes;
constexpr int PER = elementsOfAccess(N, sizeof(element_t), ACCESS);
constexpr int PIECE = divideUp(N / PER, SPLIT) * PER;

extern "C" __global__ void __launch_bounds__(BLOCK)
sums(const element_t* __restrict__ logits, float2* __restrict__ pieces) {
  __shared__ float partial[BLOCK / WARP];
  const int start = min(N, int(blockIdx.x % SPLIT) * PIECE);
  const element_t* from = logits + i64(blockIdx.x / SPLIT) * N + start;
  const Exponentials of = exponentialsOf<BLOCK, UNROLL, PER, QUICK>(from, min(PIECE, N - start), partial);
  if (threadIdx.x == 0) pieces[blockIdx.x] = make_float2(of.most, of.sum);
}

extern "C" __global__ void __launch_bounds__(64)
losses(const element_t* __restrict__ logits, const int* __restrict__ targets, const float2* __restrict__ pieces,
       float* __restrict__ loss) {
  const int row = blockIdx.x * 64 + threadIdx.x;
  if (row >= ROWS) return;
  const float wanted = toFloat(logits[i64(row) * N + targets[row]]);
  const float2* own = pieces + i64(row) * SPLIT;
  float most = LEAST_F;
  float sum = 0.0f;
#pragma unroll
  for (int i = 0; i < SPLIT; i++) most = fmaxf(most, own[i].x);
#pragma unroll
  for (int i = 0; i < SPLIT; i++) sum += own[i].y * exponential<QUICK>(own[i].x - most);
  loss[row] = logf(sum) + most - wanted;
}
