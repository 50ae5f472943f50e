// Few long rows: SPLIT blocks share a row. A first launch leaves each piece's largest element and sum of exponentials in
// scratch memory; a second one puts them together and writes the answers.

#define ELEMENT F32 // @data-types fp32 = F32, bf16 = BF16, fp16 = F16
#include "common.cuh"
#include "groups.cuh"
#include "online-softmax.cuh"

#define ACCESS 16 // @knob vector-width {4, 8, 16} bytes of an access at most
#define SPLIT 8 // @knob split {1, 2, 4, 8, 16, 32} blocks that share a row
#define UNROLL 2 // @knob bytes-in-flight {1, 2, 4, 8} accesses that a thread has open
#define BLOCK 256 // @knob warps {64, 128, 256, 512, 1024} threads of a block
#define QUICK 1 // @knob approximation {0, 1} 1: exponentials by the device's power of two
#define PAST 0 // @knob cache-hints {0, 1} 1: answers are written past the caches

// @require rows * SPLIT < 2147483647
// @scratch 8 * rows * SPLIT
// @launch sums grid(rows * SPLIT) block(BLOCK) args(x, scratch)
// @launch answers grid(rows * SPLIT) block(BLOCK) args(x, scratch, out)

constexpr int N = AXIS_n;
constexpr int PER = elementsOfAccess(N, sizeof(element_t), ACCESS);
constexpr int PIECE = divideUp(N / PER, SPLIT) * PER;

__device__ __forceinline__ int pieceStart() { return min(N, int(blockIdx.x % SPLIT) * PIECE); }

extern "C" __global__ void __launch_bounds__(BLOCK)
sums(const element_t* __restrict__ x, float2* __restrict__ pieces) {
  __shared__ float partial[BLOCK / WARP];
  const int start = pieceStart();
  const element_t* from = x + i64(blockIdx.x / SPLIT) * N + start;
  const Exponentials of = exponentialsOf<BLOCK, UNROLL, PER, QUICK>(from, min(PIECE, N - start), partial);
  if (threadIdx.x == 0) pieces[blockIdx.x] = make_float2(of.most, of.sum);
}

extern "C" __global__ void __launch_bounds__(BLOCK)
answers(const element_t* __restrict__ x, const float2* __restrict__ pieces, element_t* __restrict__ out) {
  const float2* own = pieces + blockIdx.x / SPLIT * SPLIT;
  float most = LEAST_F;
  float sum = 0.0f;
#pragma unroll
  for (int i = 0; i < SPLIT; i++) most = fmaxf(most, own[i].x);
#pragma unroll
  for (int i = 0; i < SPLIT; i++) sum += own[i].y * exponential<QUICK>(own[i].x - most);
  const float factor = 1.0f / sum;
  const int start = pieceStart();
  const int end = min(N, start + PIECE);
  const i64 row = i64(blockIdx.x / SPLIT) * N;
#pragma unroll UNROLL
  for (int column = start + threadIdx.x * PER; column < end; column += BLOCK * PER) {
    const Vector<element_t, PER> v = loadVector<element_t, PER>(x + row + column);
    float y[PER];
#pragma unroll
    for (int i = 0; i < PER; i++) y[i] = exponential<QUICK>(toFloat(v.at[i]) - most) * factor;
    storeNumbers<PAST>(out + row + column, y);
  }
}
