// A block has values of one feature and its borders in shared memory; halving without branches takes as many steps as there
// are bits in the number of borders.

// @data-types fp32
#include "common.cuh"
#include "groups.cuh"

#define UNROLL 4 // @knob bytes-in-flight {2, 4, 8} values that a thread searches side by side
#define BLOCK 128 // @knob warps {64, 128, 256} threads of a block
#define PAST 1 // @knob cache-hints {0, 1} 1: answers are written past the caches

// @require borders <= 4096
// @require features <= 65535
// @launch bucketise grid(ceil_div(batch, BLOCK * UNROLL), features) block(BLOCK) args(x, borders, firstBuckets, out)

constexpr int BATCH = AXIS_batch;
constexpr int BORDERS = AXIS_borders;

extern "C" __global__ void __launch_bounds__(BLOCK)
bucketise(const float* __restrict__ x, const float* __restrict__ borders, const int* __restrict__ firstBuckets,
          int* __restrict__ out) {
  __shared__ float own[BORDERS];
  const i64 feature = blockIdx.y;
  for (int k = threadIdx.x; k < BORDERS; k += BLOCK) own[k] = loadKept(borders + feature * BORDERS + k);
  const int first = blockIdx.x * BLOCK * UNROLL + threadIdx.x;
  float value[UNROLL];
  int below[UNROLL];
#pragma unroll
  for (int u = 0; u < UNROLL; u++) {
    value[u] = x[feature * BATCH + min(BATCH - 1, first + u * BLOCK)];
    below[u] = 0;
  }
  __syncthreads();
#pragma unroll
  for (int left = BORDERS; left > 0; left -= (left + 1) / 2) {
#pragma unroll
    for (int u = 0; u < UNROLL; u++) {
      below[u] += own[below[u] + (left + 1) / 2 - 1] <= value[u] ? (left + 1) / 2 : 0;
    }
  }
  const int firstBucket = loadKept(firstBuckets + feature);
#pragma unroll
  for (int u = 0; u < UNROLL; u++) {
    const int at = first + u * BLOCK;
    int* to = out + feature * BATCH + at;
    if (at < BATCH) storeRaw<PAST>(to, firstBucket + below[u]);
  }
}
