// A block has a few samples of one feature. A first launch sums the lengths of their events; in the second, each block adds up
// what lies before its samples by itself, so that no launch in between has to, and its warps copy sample after sample.
// Where no sample can have more events than are kept, all of it is one copy.

#define ELEMENT I32 // @data-types int32 = I32, fp32 = F32
#include "common.cuh"
#include "groups.cuh"

#define SAMPLES 8 // @knob tiling {1, 2, 4, 8} samples of a block
#define BLOCK 256 // @knob warps {128, 256, 512} threads of a block
#define UNROLL 4 // @knob bytes-in-flight {2, 4, 8} values that a thread has open
#define WHOLE 1 // @knob branching {0, 1} 1: what cannot be truncated is copied as a whole, without a look at lengths
#define PAST 0 // @knob cache-hints {0, 1} 1: answers are written past the caches

// @require features <= 65535
// @let cut (kept < events) + (WHOLE == 0)
// @scratch 8 * features * batch
// @launch sumLengths grid(ceil_div(batch, SAMPLES), features) block(BLOCK) args(outerLengths, innerLengths, keptOuterLengths, scratch) when(cut >= 1)
// @launch copyEvents grid(ceil_div(batch, SAMPLES), features) block(BLOCK) args(outerLengths, innerLengths, values, scratch, keptInnerLengths, keptValues) when(cut >= 1)
// @launch copyWhole grid(min(ceil_div(batch * events * features * length, BLOCK * 8 * UNROLL), 132 * 8)) block(BLOCK) args(outerLengths, innerLengths, values, keptOuterLengths, keptInnerLengths, keptValues) when(cut == 0)

constexpr int BATCH = AXIS_batch;
constexpr int KEPT = AXIS_kept;
constexpr int LENGTH = AXIS_length;
constexpr int WARPS = BLOCK / WARP;

// Sums over all samples, and over those before the block's first.
struct Events {
  int all, stay, before, stayBefore;
};

// Each number over all threads of the block.
template <int Count> __device__ __forceinline__ void overBlock(int (&x)[Count]) {
  __shared__ int partial[WARPS][Count];
#pragma unroll
  for (int i = 0; i < Count; i++) {
#pragma unroll
    for (int apart = WARP / 2; apart > 0; apart /= 2) x[i] += fromLaneXor<WARP>(x[i], apart);
  }
  __syncthreads();
  if (threadIdx.x % WARP == 0) {
#pragma unroll
    for (int i = 0; i < Count; i++) partial[threadIdx.x / WARP][i] = x[i];
  }
  __syncthreads();
#pragma unroll
  for (int i = 0; i < Count; i++) {
    x[i] = 0;
#pragma unroll
    for (int w = 0; w < WARPS; w++) x[i] += partial[w][i];
  }
}

__device__ __forceinline__ Events countEvents(const int* outer, int firstSample) {
  int sums[4] = {0, 0, 0, 0};
  for (int sample = threadIdx.x; sample < BATCH; sample += BLOCK) {
    const int own = loadKept(outer + sample);
    sums[0] += own;
    sums[1] += min(own, KEPT);
    if (sample < firstSample) {
      sums[2] += own;
      sums[3] += min(own, KEPT);
    }
  }
  overBlock(sums);
  return {sums[0], sums[1], sums[2], sums[3]};
}

extern "C" __global__ void __launch_bounds__(BLOCK)
sumLengths(const int* __restrict__ outer, const int* __restrict__ inner, int* __restrict__ keptOuter,
           uint2* __restrict__ sums) {
  __shared__ int own[SAMPLES];
  const int firstSample = blockIdx.x * SAMPLES;
  const i64 feature = blockIdx.y;
  if (threadIdx.x < SAMPLES) {
    const int sample = firstSample + threadIdx.x;
    own[threadIdx.x] = sample < BATCH ? outer[sample] : 0;
    if (feature == 0 && sample < BATCH) keptOuter[sample] = min(own[threadIdx.x], KEPT);
  }
  const Events events = countEvents(outer, firstSample);
  const int* lengths = inner + feature * events.all + events.before;
  int start = 0;
  for (int i = 0; i < SAMPLES && firstSample + i < BATCH; i++) {
    if (i % WARPS == threadIdx.x / WARP) {
      int all = 0;
      int stay = 0;
#pragma unroll UNROLL
      for (int event = threadIdx.x % WARP; event < own[i]; event += WARP) {
        const int length = loadKept(lengths + start + event);
        all += length;
        if (event < KEPT) stay += length;
      }
#pragma unroll
      for (int apart = WARP / 2; apart > 0; apart /= 2) {
        all += fromLaneXor<WARP>(all, apart);
        stay += fromLaneXor<WARP>(stay, apart);
      }
      if (threadIdx.x % WARP == 0) sums[feature * BATCH + firstSample + i] = make_uint2(all, stay);
    }
    start += own[i];
  }
}

// By one warp.
__device__ __forceinline__ void copyWords(const u32* from, u32* to, int count) {
  for (int first = threadIdx.x % WARP; first < count; first += WARP * UNROLL) {
    u32 held[UNROLL];
#pragma unroll
    for (int u = 0; u < UNROLL; u++) held[u] = first + u * WARP < count ? loadOnce(from + first + u * WARP) : 0;
#pragma unroll
    for (int u = 0; u < UNROLL; u++) {
      if (first + u * WARP < count) storeRaw<PAST>(to + first + u * WARP, held[u]);
    }
  }
}

extern "C" __global__ void __launch_bounds__(BLOCK)
copyEvents(const int* __restrict__ outer, const u32* __restrict__ inner, const u32* __restrict__ values,
           const uint2* __restrict__ sums, u32* __restrict__ keptInner, u32* __restrict__ keptValues) {
  __shared__ int own[SAMPLES];
  __shared__ uint2 ofSample[SAMPLES];
  const int firstSample = blockIdx.x * SAMPLES;
  const i64 feature = blockIdx.y;
  const uint2* ofFeature = sums + feature * BATCH;
  if (threadIdx.x < SAMPLES && firstSample + threadIdx.x < BATCH) {
    own[threadIdx.x] = outer[firstSample + threadIdx.x];
    ofSample[threadIdx.x] = ofFeature[firstSample + threadIdx.x];
  }
  const Events events = countEvents(outer, firstSample);
  int before[2] = {0, 0};
  for (int sample = threadIdx.x; sample < firstSample; sample += BLOCK) {
    const uint2 each = ofFeature[sample];
    before[0] += int(each.x);
    before[1] += int(each.y);
  }
  overBlock(before);
  // Every feature has LENGTH values an event on average, of all events and of those that stay.
  const u32* from = values + feature * events.all * LENGTH + before[0];
  u32* to = keptValues + feature * events.stay * LENGTH + before[1];
  const u32* fromLengths = inner + feature * events.all + events.before;
  u32* toLengths = keptInner + feature * events.stay + events.stayBefore;
  for (int i = 0; i < SAMPLES && firstSample + i < BATCH; i++) {
    const int stay = min(own[i], KEPT);
    if (i % WARPS == threadIdx.x / WARP) {
      copyWords(fromLengths, toLengths, stay);
      copyWords(from, to, int(ofSample[i].y));
    }
    fromLengths += own[i];
    toLengths += stay;
    from += ofSample[i].x;
    to += ofSample[i].y;
  }
}

// By all blocks: 16 bytes an access, then what is left of the last.
__device__ __forceinline__ void copyAll(const u32* from, u32* to, i64 count) {
  const i64 quads = count / 4;
  const i64 stride = i64(gridDim.x) * BLOCK * UNROLL;
  for (i64 first = i64(blockIdx.x) * BLOCK * UNROLL + threadIdx.x; first < quads; first += stride) {
    uint4 held[UNROLL];
#pragma unroll
    for (int u = 0; u < UNROLL; u++) {
      if (first + u * BLOCK < quads) held[u] = loadOnce(reinterpret_cast<const uint4*>(from) + first + u * BLOCK);
    }
#pragma unroll
    for (int u = 0; u < UNROLL; u++) {
      if (first + u * BLOCK < quads) storeRaw<PAST>(reinterpret_cast<uint4*>(to) + first + u * BLOCK, held[u]);
    }
  }
  if (blockIdx.x == 0 && threadIdx.x < count - quads * 4) to[quads * 4 + threadIdx.x] = from[quads * 4 + threadIdx.x];
}

extern "C" __global__ void __launch_bounds__(BLOCK)
copyWhole(const int* __restrict__ outer, const u32* __restrict__ inner, const u32* __restrict__ values,
          int* __restrict__ keptOuter, u32* __restrict__ keptInner, u32* __restrict__ keptValues) {
  const i64 lengths = i64(countEvents(outer, 0).all) * AXIS_features;
  if (blockIdx.x == 0) {
    for (int sample = threadIdx.x; sample < BATCH; sample += BLOCK) keptOuter[sample] = outer[sample];
  }
  copyAll(inner, keptInner, lengths);
  copyAll(values, keptValues, lengths * LENGTH);
}
