// A first launch cuts the range of ids into buckets of equal width, and writes where each begins in the table. A value then
// reads its bucket and halves what is in it: a few steps where ids are spread evenly, never wrong where they are not.

#define NUMBER int // @data-types int32 = int, fp32 = float
#include "common.cuh"
#include "groups.cuh"

#define IDS_OF_BUCKET 2 // @knob tiling {1, 2, 4, 8, 16, 32} ids of a bucket, were they spread evenly
#define UNROLL 1 // @knob bytes-in-flight {1, 2, 4, 8} values that a thread searches side by side
#define BLOCK 128 // @knob warps {64, 128, 256, 512, 1024} threads of a block
#define RESIDENT 1024 // @knob persistent-grid {1024, 16, 8, 4, 2} blocks for each of 132 multiprocessors at most

// @scratch 4 * (ceil_div(ids, IDS_OF_BUCKET) + 1)
// @launch fillBuckets grid(ceil_div(ids, BLOCK)) block(BLOCK) args(table, scratch)
// @launch mapId grid(min(ceil_div(values, BLOCK * UNROLL), 132 * RESIDENT)) block(BLOCK) args(values, table, scratch, out)

typedef NUMBER number_t;
constexpr int VALUES = AXIS_values;
constexpr int IDS = AXIS_ids;
constexpr int BUCKETS = divideUp(IDS, IDS_OF_BUCKET);

// Never falls where values rise: what rounding does to it is the same in both launches.
__device__ __forceinline__ int bucketOf(number_t value, number_t least, float scale) {
  const float place = (float(value) - float(least)) * scale;
  return int(fminf(fmaxf(place, 0.0f), float(BUCKETS - 1)));
}
__device__ __forceinline__ float scaleOf(const number_t* table) {
  return float(BUCKETS) / fmaxf(1e-30f, float(table[IDS - 1]) - float(table[0]));
}

// starts[b]: ids in the buckets before b.
extern "C" __global__ void __launch_bounds__(BLOCK)
fillBuckets(const number_t* __restrict__ table, int* __restrict__ starts) {
  const int id = blockIdx.x * BLOCK + threadIdx.x;
  if (id >= IDS) return;
  const number_t least = table[0];
  const float scale = scaleOf(table);
  const int own = bucketOf(table[id], least, scale);
  const int before = id > 0 ? bucketOf(table[id - 1], least, scale) : -1;
  for (int bucket = before + 1; bucket <= own; bucket++) starts[bucket] = id;
  if (id < IDS - 1) return;
  for (int bucket = own + 1; bucket <= BUCKETS; bucket++) starts[bucket] = IDS;
}

extern "C" __global__ void __launch_bounds__(BLOCK)
mapId(const number_t* __restrict__ values, const number_t* __restrict__ table, const int* __restrict__ starts,
      int* __restrict__ out) {
  const number_t least = table[0];
  const float scale = scaleOf(table);
  for (i64 first = i64(blockIdx.x) * BLOCK * UNROLL; first < VALUES; first += i64(gridDim.x) * BLOCK * UNROLL) {
    number_t value[UNROLL];
    int low[UNROLL], high[UNROLL];
#pragma unroll
    for (int u = 0; u < UNROLL; u++) value[u] = values[min(i64(VALUES - 1), first + u * BLOCK + threadIdx.x)];
#pragma unroll
    for (int u = 0; u < UNROLL; u++) {
      const int bucket = bucketOf(value[u], least, scale);
      low[u] = loadKept(starts + bucket);
      high[u] = loadKept(starts + bucket + 1);
    }
    // All searches go on until the longest of them is done.
    for (bool isOpen = true; isOpen;) {
      isOpen = false;
#pragma unroll
      for (int u = 0; u < UNROLL; u++) {
        if (low[u] >= high[u]) continue;
        const int middle = (low[u] + high[u]) / 2;
        if (loadKept(table + middle) < value[u]) low[u] = middle + 1;
        else high[u] = middle;
        isOpen |= low[u] < high[u];
      }
    }
#pragma unroll
    for (int u = 0; u < UNROLL; u++) {
      const i64 at = first + u * BLOCK + threadIdx.x;
      const int place = min(low[u], IDS - 1);
      if (at < VALUES) out[at] = loadKept(table + place) == value[u] ? place + 1 : 0;
    }
  }
}
