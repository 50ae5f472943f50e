// Row-wise quantisation: a row's range by several vectors side by side, then its codes, a vector at a time.

#include <algorithm>
#include <cmath>

#include "launch.h"

// @data-types int8, int4
constexpr int UNROLL = 2;  // @knob unrolling {1, 2, 4, 8} vectors at a time in the search for a row's range
constexpr int GRAIN = 4096;  // @knob grain {1024, 4096, 16384, 65536} elements that a core takes at a time at least
constexpr int AHEAD = 0;  // @knob prefetch {0, 1, 2, 4, 8} rows that are asked for ahead
constexpr int BY_MAGIC = 1;  // @knob approximation {0, 1} 1: numbers are rounded by adding 1.5 · 2²³, which vectorises

namespace {

constexpr int64_t DIM = AXIS_dim;
constexpr int64_t WHOLE = DIM / lanes * lanes;

struct Range {
  float low, high;
};

inline Range rangeOf(const float* row) {
  Floats low[UNROLL], high[UNROLL];
  for (int u = 0; u < UNROLL; u++) low[u] = high[u] = broadcast(row[0]);
  int64_t i = 0;
  for (; i + UNROLL * lanes <= WHOLE; i += UNROLL * lanes) {
#pragma GCC unroll 8
    for (int u = 0; u < UNROLL; u++) {
      const Floats values = load(row + i + u * lanes);
      low[u] = smaller(low[u], values);
      high[u] = larger(high[u], values);
    }
  }
  for (; i < WHOLE; i += lanes) {
    low[0] = smaller(low[0], load(row + i));
    high[0] = larger(high[0], load(row + i));
  }
  for (int u = 1; u < UNROLL; u++) {
    low[0] = smaller(low[0], low[u]);
    high[0] = larger(high[0], high[u]);
  }
  Range range{smallestOf(low[0]), largestOf(high[0])};
  for (; i < DIM; i++) range = {std::min(range.low, row[i]), std::max(range.high, row[i])};
  return range;
}

// Codes 0 … most, to nearest, ties to even.
inline void encode(const float* row, float scale, float bias, float most, uint8_t* codes) {
  // A constant row has no scale: its bias says it all.
  const float inverse = scale > 0 ? 1 / scale : 1;
  for (int64_t i = 0; i < DIM; i++) {
    const float steps = std::min(most, std::max(0.0f, (row[i] - bias) * inverse));
    codes[i] = BY_MAGIC ? uint8_t(bitsAs<uint32_t>(steps + 12582912.0f)) : uint8_t(int32_t(std::nearbyint(steps)));
  }
}

template <bool isInt4>
void quantise(const Launch& launch) {
  const float* x = launch.tensor<float>(0);
  uint8_t* out = launch.tensor<uint8_t>(1);
  constexpr int64_t rowBytes = isInt4 ? DIM / 2 + 4 : DIM + 8;
  launch.each(AXIS_rows, 1 + GRAIN / DIM, [&](int64_t begin, int64_t end) {
    for (int64_t row = begin; row < end; row++) {
      const float* from = x + row * DIM;
      if (AHEAD > 0 && row + AHEAD < end) {
        for (int64_t i = 0; i < DIM; i += 16) __builtin_prefetch(from + AHEAD * DIM + i);
      }
      uint8_t* to = out + row * rowBytes;
      const Range range = rangeOf(from);
      if (isInt4) {
        uint8_t codes[DIM];
        const Half ends[2] = {fromFloat<Half>((range.high - range.low) / 15), fromFloat<Half>(range.low)};
        encode(from, toFloat(ends[0]), toFloat(ends[1]), 15, codes);
        for (int64_t i = 0; i < DIM / 2; i++) to[i] = uint8_t(codes[2 * i] | codes[2 * i + 1] << 4);
        memcpy(to + DIM / 2, ends, 4);
      } else {
        const float ends[2] = {(range.high - range.low) / 255, range.low};
        encode(from, ends[0], ends[1], 255, to);
        memcpy(to + DIM, ends, 8);
      }
    }
  });
}

const Register quantise8("quantise/int8/candidate", quantise<false>);
const Register quantise4("quantise/int4/candidate", quantise<true>);

}  // namespace
