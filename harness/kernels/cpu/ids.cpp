// Sparse ids to dense ones, and dense features to buckets that are numbered over all of them.
#include "launch.h"

namespace {

/// 1 + the place of each value among rising ids, 0 where it is none of them. Steps do not depend on the data.
template <class T>
void mapId(const Launch& launch) {
  const int64_t count = launch.axes[0], ids = launch.axes[1];
  const T* values = launch.tensor<T>(0);
  const T* table = launch.tensor<T>(1);
  int32_t* out = launch.tensor<int32_t>(2);
  launch.each(count, 2048, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; i++) {
      const T value = values[i];
      const T* first = table;
      for (int64_t left = ids; left > 1;) {
        const int64_t half = left / 2;
        first += first[half - 1] < value ? half : 0;
        left -= half;
      }
      out[i] = *first == value ? int32_t(first - table) + 1 : 0;
    }
  });
}

/// The first bucket of a feature and the number of its borders ≤ x.
void mergeBucketised(const Launch& launch) {
  const int64_t batch = launch.axes[0], features = launch.axes[1], borders = launch.axes[2];
  const float* x = launch.tensor<float>(0);
  const float* allBorders = launch.tensor<float>(1);
  const int32_t* firstBuckets = launch.tensor<int32_t>(2);
  float* out = launch.tensor<float>(3);
  const int64_t blocks = (batch + lanes - 1) / lanes;
  launch.each(features * blocks, 512, [&](int64_t begin, int64_t end) {
    for (int64_t block = begin; block < end; block++) {
      const int64_t feature = block / blocks, first = block % blocks * lanes;
      const float* own = allBorders + feature * borders;
      const int64_t at = feature * batch + first;
      overVectors(std::min<int64_t>(lanes, batch - first), [&](int64_t i, auto get, auto put) {
        const Floats value = get(x + at + i);
        Ints bucket = broadcast(firstBuckets[feature]);
        // A comparison that holds is -1.
        for (int64_t k = 0; k < borders; k++) bucket -= (Ints)(broadcast(own[k]) <= value);
        put(out + at + i, (Floats)bucket);
      });
    }
  });
}

const Register mapIdInt("map-id/int32", mapId<int32_t>);
const Register mapIdFloat("map-id/fp32", mapId<float>);
const Register merge("merge-bucketised/fp32", mergeBucketised);

}  // namespace
