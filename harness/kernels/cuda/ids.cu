#include "common.cuh"

// Sparse ids to dense ones, and dense features to buckets that are numbered over all of them. A thread has a value at a
// time; tables stay in the caches.

#if ELEMENT == I32
typedef int number_t;
#else
typedef float number_t;
#endif

// values [count], rising table [ids] → 1 + place of the value in the table, 0 where it is not there
extern "C" __global__ void __launch_bounds__(256)
mapId(const number_t* __restrict__ values, const number_t* __restrict__ table, int* __restrict__ out, i64 count, int ids) {
  const i64 stride = i64(gridDim.x) * blockDim.x;
  for (i64 at = i64(blockIdx.x) * blockDim.x + threadIdx.x; at < count; at += stride) {
    const number_t value = values[at];
    int low = 0;
    int high = ids;
    while (low < high) {
      const int middle = (low + high) / 2;
      if (table[middle] < value) low = middle + 1;
      else high = middle;
    }
    const int place = min(low, ids - 1);
    out[at] = table[place] == value ? place + 1 : 0;
  }
}

// x [features, batch], rising borders [features, most], firstBuckets [features] → first bucket + borders up to x
extern "C" __global__ void __launch_bounds__(256)
mergeBucketised(const float* __restrict__ x, const float* __restrict__ borders, const int* __restrict__ firstBuckets,
                int* __restrict__ out, i64 count, int batch, int most) {
  const i64 stride = i64(gridDim.x) * blockDim.x;
  for (i64 at = i64(blockIdx.x) * blockDim.x + threadIdx.x; at < count; at += stride) {
    const i64 feature = at / batch;
    const float value = x[at];
    int bucket = firstBuckets[feature];
    for (int k = 0; k < most; k++) bucket += borders[feature * most + k] <= value;
    out[at] = bucket;
  }
}
