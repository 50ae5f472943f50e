// Layer norm and RMS norm over rows.
#include "launch.h"

namespace {

constexpr float epsilon = 1e-5f;

template <class T>
void layerNorm(const Launch& launch) {
  const int64_t rows = launch.axes[0], n = launch.axes[1];
  const T* x = launch.tensor<T>(0);
  const T* gain = launch.tensor<T>(1);
  const T* bias = launch.tensor<T>(2);
  T* out = launch.tensor<T>(3);
  launch.each(rows, 1 + 8192 / n, [&](int64_t begin, int64_t end) {
    for (int64_t row = begin; row < end; row++) {
      const T* from = x + row * n;
      Floats sums{};
      overVectors(n, [&](int64_t i, auto get, auto) { sums += get(from + i); });
      const float mean = sumOf(sums) / float(n);
      Floats squares{};
      const int64_t whole = n - n % lanes;
      for (int64_t i = 0; i < whole; i += lanes) {
        const Floats centred = load(from + i) - mean;
        squares += centred * centred;
      }
      float variance = sumOf(squares);
      for (int64_t i = whole; i < n; i++) variance += (toFloat(from[i]) - mean) * (toFloat(from[i]) - mean);
      const float scale = 1 / std::sqrt(variance / float(n) + epsilon);
      overVectors(n, [&](int64_t i, auto get, auto put) {
        put(out + row * n + i, (get(from + i) - mean) * scale * get(gain + i) + get(bias + i));
      });
    }
  });
}

template <class T>
void rmsNorm(const Launch& launch) {
  const int64_t rows = launch.axes[0], n = launch.axes[1];
  const T* x = launch.tensor<T>(0);
  const T* gain = launch.tensor<T>(1);
  T* out = launch.tensor<T>(2);
  launch.each(rows, 1 + 8192 / n, [&](int64_t begin, int64_t end) {
    for (int64_t row = begin; row < end; row++) {
      const T* from = x + row * n;
      Floats squares{};
      overVectors(n, [&](int64_t i, auto get, auto) { squares += get(from + i) * get(from + i); });
      const float scale = 1 / std::sqrt(sumOf(squares) / float(n) + epsilon);
      overVectors(n, [&](int64_t i, auto get, auto put) {
        put(out + row * n + i, get(from + i) * scale * get(gain + i));
      });
    }
  });
}

const Register layer32("layer-norm/fp32", layerNorm<float>);
const Register layer16("layer-norm/fp16", layerNorm<Half>);
const Register layerB16("layer-norm/bf16", layerNorm<BFloat>);
const Register rms32("rms-norm/fp32", rmsNorm<float>);
const Register rms16("rms-norm/fp16", rmsNorm<Half>);
const Register rmsB16("rms-norm/bf16", rmsNorm<BFloat>);

}  // namespace
