// Layer norm row by row. Rows that are read in 16 bits may be kept in fp32 between the passes; several vectors at a time keep
// several sums, so that none waits for the one before it.

#include "launch.h"

// @data-types fp32, bf16, fp16
constexpr int UNROLL = 4;  // @knob unrolling {1, 2, 4, 8} vectors at a time, each with sums of its own
constexpr int GRAIN = 8192;  // @knob grain {2048, 8192, 32768, 131072} elements that a core takes at a time at least
constexpr int AHEAD = 0;  // @knob prefetch {0, 1, 2, 4} rows that are asked for ahead
constexpr int AT_ONCE = 0;  // @knob algorithm {0, 1} 1: mean and squares are added up together, relative to the first element

namespace {

constexpr int64_t N = AXIS_n;
constexpr int64_t WHOLE = N / lanes * lanes;

// Sum of each(vector) over a row; what a row lacks in its last vector counts as `missing`.
template <class T, class Each>
inline float sumOver(const T* from, float missing, Each each) {
  Floats sums[UNROLL] = {};
  int64_t i = 0;
  for (; i + UNROLL * lanes <= WHOLE; i += UNROLL * lanes) {
#pragma GCC unroll 8
    for (int u = 0; u < UNROLL; u++) sums[u] += each(load(from + i + u * lanes));
  }
  for (; i < WHOLE; i += lanes) sums[0] += each(load(from + i));
  if (WHOLE < N) {
    Floats last = loadPart(from + WHOLE, N - WHOLE);
    for (int64_t lane = N - WHOLE; lane < lanes; lane++) last[lane] = missing;
    sums[0] += each(last);
  }
  for (int u = 1; u < UNROLL; u++) sums[0] += sums[u];
  return sumOf(sums[0]);
}

template <class T>
void layerNorm(const Launch& launch) {
  const T* x = launch.tensor<T>(0);
  const T* gain = launch.tensor<T>(1);
  const T* bias = launch.tensor<T>(2);
  T* out = launch.tensor<T>(3);
  launch.each(AXIS_rows, 1 + GRAIN / N, [&](int64_t begin, int64_t end) {
    for (int64_t row = begin; row < end; row++) {
      const T* from = x + row * N;
      if (AHEAD > 0 && row + AHEAD < end) {
        const char* next = reinterpret_cast<const char*>(from + AHEAD * N);
        for (int64_t line = 0; line < N * int64_t(sizeof(T)); line += 64) __builtin_prefetch(next + line);
      }
      float mean, variance;
      if (AT_ONCE) {
        const float origin = toFloat(from[0]);
        // Two sums, but one after the other over a row that is in the nearest cache by then.
        const float beyond = sumOver(from, origin, [&](Floats v) { return v - origin; }) / float(N);
        const float squares = sumOver(from, origin, [&](Floats v) { return (v - origin) * (v - origin); }) / float(N);
        mean = origin + beyond;
        variance = std::max(0.0f, squares - beyond * beyond);
      } else {
        mean = sumOver(from, 0, [](Floats v) { return v; }) / float(N);
        variance = sumOver(from, mean, [&](Floats v) { return (v - mean) * (v - mean); }) / float(N);
      }
      const float scale = 1 / std::sqrt(variance + 1e-5f);
      T* to = out + row * N;
      overVectors(N, [&](int64_t i, auto get, auto put) {
        put(to + i, (get(from + i) - mean) * scale * get(gain + i) + get(bias + i));
      });
    }
  });
}

const Register layer32("layer-norm/fp32/candidate", layerNorm<float>);
const Register layer16("layer-norm/fp16/candidate", layerNorm<Half>);
const Register layerB16("layer-norm/bf16/candidate", layerNorm<BFloat>);

}  // namespace
