// Halving without branches for several values side by side, so that their reads of the table wait together. The next reads
// of all of them may be asked for as soon as they are known.

#include "launch.h"

// @data-types int32, fp32
constexpr int TOGETHER = 16;  // @knob bytes-in-flight {1, 4, 8, 16, 32} values that are searched side by side
constexpr int GRAIN = 2048;  // @knob grain {512, 2048, 8192, 32768} values that a core takes at a time at least
constexpr int AHEAD = 0;  // @knob prefetch {0, 1} 1: both places that may be read next are asked for

namespace {

constexpr int64_t VALUES = AXIS_values;
constexpr int32_t IDS = AXIS_ids;

template <class T>
void mapId(const Launch& launch) {
  const T* values = launch.tensor<T>(0);
  const T* table = launch.tensor<T>(1);
  int32_t* out = launch.tensor<int32_t>(2);
  launch.each((VALUES + TOGETHER - 1) / TOGETHER, 1 + GRAIN / TOGETHER, [&](int64_t begin, int64_t end) {
    for (int64_t block = begin; block < end; block++) {
      const int64_t first = block * TOGETHER;
      const int valid = int(std::min<int64_t>(TOGETHER, VALUES - first));
      T value[TOGETHER] = {};
      int32_t place[TOGETHER] = {};
      memcpy(value, values + first, size_t(valid) * sizeof(T));
      for (int32_t left = IDS; left > 1;) {
        const int32_t half = left / 2;
        left -= half;
        for (int i = 0; i < TOGETHER; i++) {
          if (AHEAD) {
            __builtin_prefetch(table + place[i] + left / 2);
            __builtin_prefetch(table + place[i] + half + left / 2);
          }
          place[i] += table[place[i] + half - 1] < value[i] ? half : 0;
        }
      }
      for (int i = 0; i < valid; i++) out[first + i] = table[place[i]] == value[i] ? place[i] + 1 : 0;
    }
  });
}

const Register mapIdInt("map-id/int32/candidate", mapId<int32_t>);
const Register mapIdFloat("map-id/fp32/candidate", mapId<float>);

}  // namespace
