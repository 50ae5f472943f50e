// Products with a small inner dimension or weights of each sample, plainly: a row of sums, a scaled row added at a time.
#include "multiply.h"

namespace {

/// sums += factor × from
template <class T>
inline void addScaled(float* sums, const T* from, float factor, int64_t count) {
  overVectors(count, [&](int64_t i, auto get, auto put) { put(sums + i, get(sums + i) + factor * get(from + i)); });
}

template <class T>
inline void storeRow(T* to, const float* from, int64_t count) {
  overVectors(count, [&](int64_t i, auto get, auto put) { put(to + i, get(from + i)); });
}

template <class T>
inline float dotOf(const T* a, const T* b, int64_t count) {
  Floats sum{};
  overVectors(count, [&](int64_t i, auto get, auto) { sum += get(a + i) * get(b + i); });
  return sumOf(sum);
}

/// x·(xᵀ·y) as (x·xᵀ)·y.
template <class T>
void optimisedFm(const Launch& launch) {
  const int64_t batch = launch.axes[0], vectors = launch.axes[1], dim = launch.axes[2], rank = launch.axes[3];
  const T* x = launch.tensor<T>(0);
  const T* y = launch.tensor<T>(1);
  T* out = launch.tensor<T>(2);
  launch.each(batch * vectors, 1 + 16384 / (vectors * (dim + rank)), [&](int64_t begin, int64_t end) {
    float* sums = reinterpret_cast<float*>(scratch(0, size_t(rank) * 4));
    for (int64_t row = begin; row < end; row++) {
      const int64_t first = row / vectors * vectors;
      std::fill(sums, sums + rank, 0.0f);
      for (int64_t j = first; j < first + vectors; j++) {
        addScaled(sums, y + j * rank, dotOf(x + row * dim, x + j * dim, dim), rank);
      }
      storeRow(out + row * rank, sums, rank);
    }
  });
}

/// x · Φ(x), the error function by Abramowitz and Stegun 7.1.26: within 1.5e-7.
inline Floats geluOf(Floats x) {
  const Floats z = larger(x, -x) * 0.70710678f;
  const Floats t = 1.0f / (1.0f + 0.3275911f * z);
  const Floats series = ((((1.061405429f * t - 1.453152027f) * t + 1.421413741f) * t - 0.284496736f) * t + 0.254829592f) * t;
  const Floats tail = 0.5f * series * expOfNegative(-z * z);
  return x * (x < 0.0f ? tail : 1.0f - tail);
}

template <class T>
void pffn(const Launch& launch) {
  const int64_t batch = launch.axes[0], length = launch.axes[1], dim = launch.axes[2], width = launch.axes[3];
  const bool isActivated = launch.axes[4] == 1;
  const T* x = launch.tensor<T>(0);
  const T* w = launch.tensor<T>(1);
  const T* bias = launch.tensor<T>(2);
  const T* gain = launch.tensor<T>(3);
  T* out = launch.tensor<T>(4);
  launch.each(batch * length, 1 + 16384 / (dim * width), [&](int64_t begin, int64_t end) {
    float* hidden = reinterpret_cast<float*>(scratch(0, size_t(width) * 4));
    for (int64_t row = begin; row < end; row++) {
      const int64_t sample = row / length;
      overVectors(width, [&](int64_t k, auto get, auto put) { put(hidden + k, get(bias + sample * width + k)); });
      for (int64_t d = 0; d < dim; d++) {
        addScaled(hidden, w + (sample * dim + d) * width, toFloat(x[row * dim + d]), width);
      }
      Floats squares{};
      overVectors(width, [&](int64_t k, auto get, auto put) {
        const Floats value = isActivated ? geluOf(get(hidden + k)) : get(hidden + k);
        put(hidden + k, value);
        squares += value * value;
      });
      const float scale = 1 / std::sqrt(sumOf(squares) / float(width) + 1e-5f);
      overVectors(width, [&](int64_t k, auto get, auto put) {
        put(out + row * width + k, get(hidden + k) * scale * get(gain + k));
      });
    }
  });
}

template <class T>
void conv1d(const Launch& launch) {
  const int64_t batch = launch.axes[0], inChannels = launch.axes[1], outChannels = launch.axes[2];
  const int64_t length = launch.axes[3], taps = launch.axes[4], before = (taps - 1) / 2;
  const T* x = launch.tensor<T>(0);
  const T* w = launch.tensor<T>(1);
  const T* bias = launch.tensor<T>(2);
  T* out = launch.tensor<T>(3);
  launch.each(batch * outChannels, 1 + 16384 / (inChannels * taps * length), [&](int64_t begin, int64_t end) {
    float* sums = reinterpret_cast<float*>(scratch(0, size_t(length) * 4));
    for (int64_t row = begin; row < end; row++) {
      const int64_t sample = row / outChannels, channel = row % outChannels;
      std::fill(sums, sums + length, toFloat(bias[channel]));
      for (int64_t i = 0; i < inChannels; i++) {
        const T* from = x + (sample * inChannels + i) * length;
        for (int64_t tap = 0; tap < taps; tap++) {
          const int64_t moved = tap - before, first = std::max<int64_t>(0, -moved);
          const int64_t end = std::min(length, length - moved);
          const float weight = toFloat(w[(channel * inChannels + i) * taps + tap]);
          if (first < end) addScaled(sums + first, from + first + moved, weight, end - first);
        }
      }
      storeRow(out + row * length, sums, length);
    }
  });
}

const Register machine32("optimised-fm/fp32", optimisedFm<float>);
const Register machine16("optimised-fm/fp16", optimisedFm<Half>);
const Register machineB16("optimised-fm/bf16", optimisedFm<BFloat>);
const Register pffn32("pffn/fp32", pffn<float>);
const Register pffn16("pffn/fp16", pffn<Half>);
const Register pffnB16("pffn/bf16", pffn<BFloat>);
const Register conv32("conv1d/fp32", conv1d<float>);
const Register conv16("conv1d/fp16", conv1d<Half>);
const Register convB16("conv1d/bf16", conv1d<BFloat>);

}  // namespace
