// A block has values of one feature and keeps its borders in registers or in shared memory; every border is compared with
// every value, without a branch.

// @data-types fp32
#include "common.cuh"
#include "groups.cuh"

#define PER 4 // @knob vector-width {2, 4} values of one access, where rows allow
#define UNROLL 2 // @knob bytes-in-flight {1, 2, 4} accesses that a thread has open
#define BLOCK 128 // @knob warps {64, 128, 256} threads of a block
#define STAGED 0 // @knob shared-staging {0, 1} 1: borders are read into shared memory first
#define PAST 1 // @knob cache-hints {0, 1} 1: answers are written past the caches

// @require borders <= 4096
// @require features <= 65535
// @launch bucketise grid(ceil_div(batch, BLOCK * UNROLL * PER), features) block(BLOCK) args(x, borders, firstBuckets, out)

constexpr int BATCH = AXIS_batch;
constexpr int BORDERS = AXIS_borders;
constexpr int WIDTH = elementsOfAccess(BATCH, 4, 4 * PER);

extern "C" __global__ void __launch_bounds__(BLOCK)
bucketise(const float* __restrict__ x, const float* __restrict__ borders, const int* __restrict__ firstBuckets,
          int* __restrict__ out) {
  __shared__ float staged[STAGED ? BORDERS : 1];
  const i64 feature = blockIdx.y;
  const float* own = borders + feature * BORDERS;
  if (STAGED) {
    for (int k = threadIdx.x; k < BORDERS; k += BLOCK) staged[k] = own[k];
    __syncthreads();
  }
  const int firstBucket = loadKept(firstBuckets + feature);
  const float* from = x + feature * BATCH;
  int* to = out + feature * BATCH;
  constexpr int TILE = BLOCK * UNROLL * WIDTH;
  for (int first = blockIdx.x * TILE; first < BATCH; first += gridDim.x * TILE) {
    Vector<float, WIDTH> value[UNROLL];
    Vector<int, WIDTH> bucket[UNROLL];
#pragma unroll
    for (int u = 0; u < UNROLL; u++) {
      const int at = first + (u * BLOCK + threadIdx.x) * WIDTH;
      zero(value[u].raw);
      if (at < BATCH) value[u] = loadVectorOnce<float, WIDTH>(from + at);
#pragma unroll
      for (int i = 0; i < WIDTH; i++) bucket[u].at[i] = firstBucket;
    }
#pragma unroll 16
    for (int k = 0; k < BORDERS; k++) {
      const float border = STAGED ? staged[k] : loadKept(own + k);
#pragma unroll
      for (int u = 0; u < UNROLL; u++) {
#pragma unroll
        for (int i = 0; i < WIDTH; i++) bucket[u].at[i] += border <= value[u].at[i];
      }
    }
#pragma unroll
    for (int u = 0; u < UNROLL; u++) {
      const int at = first + (u * BLOCK + threadIdx.x) * WIDTH;
      if (at < BATCH) storeRaw<PAST>(reinterpret_cast<Vector<int, WIDTH>::raw_t*>(to + at), bucket[u].raw);
    }
  }
}
