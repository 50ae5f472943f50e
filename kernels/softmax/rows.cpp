// Softmax row by row: the largest element, exponentials that go to the answer as they are added up, and their division.
// Several vectors at a time keep several sums, so that none waits for the one before it.

#include <cfloat>

#include "launch.h"

// @data-types fp32, bf16, fp16
constexpr int UNROLL = 4;  // @knob unrolling {1, 2, 4, 8} vectors at a time, each with a largest element and a sum of its own
constexpr int GRAIN = 8192;  // @knob grain {2048, 8192, 32768, 131072} elements that a core takes at a time at least
constexpr int KEPT = 1;  // @knob recompute {0, 1} 1: exponentials are kept in fp32 beside the answer; 0: formed twice

namespace {

constexpr int64_t N = AXIS_n;
constexpr int64_t STEP = UNROLL * lanes;

// The rest of a row, UNROLL vectors at a time as long as there are so many.
template <class Step>
inline void overRow(Step step) {
  int64_t i = 0;
  for (; i + STEP <= N; i += STEP) {
#pragma GCC unroll 8
    for (int u = 0; u < UNROLL; u++) step(u, i + u * lanes, lanes);
  }
  for (; i < N; i += lanes) step(0, i, std::min<int64_t>(lanes, N - i));
}

template <class T>
inline Floats get(const T* from, int64_t count, float missing) {
  if (count == lanes) return load(from);
  Floats values = loadPart(from, count);
  for (int64_t i = count; i < lanes; i++) values[i] = missing;
  return values;
}

template <class T>
inline void put(T* to, Floats values, int64_t count) {
  if (count == lanes) store(to, values);
  else storePart(to, values, count);
}

template <class T>
void softmax(const Launch& launch) {
  const T* x = launch.tensor<T>(0);
  T* out = launch.tensor<T>(1);
  launch.each(AXIS_rows, 1 + GRAIN / N, [&](int64_t begin, int64_t end) {
    std::vector<float> kept(KEPT ? size_t(N) : 0);
    for (int64_t row = begin; row < end; row++) {
      const T* from = x + row * N;
      T* to = out + row * N;
      Floats most[UNROLL];
      for (Floats& each : most) each = broadcast(-FLT_MAX);
      overRow([&](int u, int64_t i, int64_t count) { most[u] = larger(most[u], get(from + i, count, -FLT_MAX)); });
      for (int u = 1; u < UNROLL; u++) most[0] = larger(most[0], most[u]);
      const float mostOfRow = largestOf(most[0]);
      Floats sums[UNROLL] = {};
      overRow([&](int u, int64_t i, int64_t count) {
        const Floats power = expOfNegative(get(from + i, count, -FLT_MAX) - mostOfRow);
        sums[u] += power;
        if (KEPT) put(kept.data() + i, power, count);
      });
      for (int u = 1; u < UNROLL; u++) sums[0] += sums[u];
      const float factor = 1 / sumOf(sums[0]);
      overRow([&](int, int64_t i, int64_t count) {
        const Floats power = KEPT ? get(kept.data() + i, count, 0) : expOfNegative(get(from + i, count, -FLT_MAX) - mostOfRow);
        put(to + i, power * factor, count);
      });
    }
  });
}

const Register softmax32("softmax/fp32/candidate", softmax<float>);
const Register softmax16("softmax/fp16/candidate", softmax<Half>);
const Register softmaxB16("softmax/bf16/candidate", softmax<BFloat>);

}  // namespace
