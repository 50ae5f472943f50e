// Every element by itself, whatever its row; several vectors at a time, whose divisions and exponentials overlap.

#include "launch.h"

// @data-types fp32, bf16, fp16
constexpr int UNROLL = 2;  // @knob unrolling {1, 2, 4, 8} vectors at a time
constexpr int GRAIN = 16384;  // @knob grain {4096, 16384, 65536, 262144} elements that a core takes at a time at least
constexpr int AHEAD = 0;  // @knob prefetch {0, 256, 512, 1024, 2048} elements that are asked for ahead

namespace {

constexpr int64_t TOTAL = int64_t(AXIS_rows) * AXIS_n;
constexpr int64_t STEP = UNROLL * lanes;

// a · sigmoid(a) · b by e^−|a|, which is never large.
inline Floats gated(Floats a, Floats b) {
  const Floats size = larger(a, -a);
  const Floats power = expOfNegative(-size);
  const Floats share = (a < 0.0f ? power : broadcast(1.0f)) / (1.0f + power);
  return a * share * b;
}

template <class T>
void swiglu(const Launch& launch) {
  const T* a = launch.tensor<T>(0);
  const T* b = launch.tensor<T>(1);
  T* out = launch.tensor<T>(2);
  launch.each((TOTAL + STEP - 1) / STEP, GRAIN / STEP, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin * STEP; i < end * STEP; i += STEP) {
      if (AHEAD > 0) {
        for (int64_t line = 0; line < STEP * int64_t(sizeof(T)); line += 64) {
          __builtin_prefetch(reinterpret_cast<const char*>(a + i + AHEAD) + line);
          __builtin_prefetch(reinterpret_cast<const char*>(b + i + AHEAD) + line);
        }
      }
      if (i + STEP > TOTAL) {
        overVectors(TOTAL - i, [&](int64_t at, auto get, auto put) { put(out + i + at, gated(get(a + i + at), get(b + i + at))); });
        continue;
      }
      Floats values[UNROLL];
#pragma GCC unroll 8
      for (int u = 0; u < UNROLL; u++) values[u] = gated(load(a + i + u * lanes), load(b + i + u * lanes));
#pragma GCC unroll 8
      for (int u = 0; u < UNROLL; u++) store(out + i + u * lanes, values[u]);
    }
  });
}

const Register swiglu32("swiglu/fp32/candidate", swiglu<float>);
const Register swiglu16("swiglu/fp16/candidate", swiglu<Half>);
const Register swigluB16("swiglu/bf16/candidate", swiglu<BFloat>);

}  // namespace
