// What looks at whole rows: softmax, cross-entropy, the largest elements, gradients of RMS norm.
#include <numeric>

#include "multiply.h"

namespace {

/// A row as fp32, and what softmax makes of it: e^(x - largest) instead, zeros up to a whole vector behind them.
struct Exponentials {
  float* values;
  float largest, sum;
};

template <class T>
Exponentials exponentialsOf(const T* from, int64_t n) {
  const int64_t whole = roundUp(n, lanes);
  float* values = reinterpret_cast<float*>(scratch(0, size_t(whole) * 4));
  overVectors(n, [&](int64_t i, auto get, auto put) { put(values + i, get(from + i)); });
  std::fill(values + n, values + whole, -INFINITY);
  Floats most = load(values);
  for (int64_t i = lanes; i < whole; i += lanes) most = larger(most, load(values + i));
  const float largest = largestOf(most);
  Floats sum{};
  for (int64_t i = 0; i < whole; i += lanes) {
    const Floats value = expOfNegative(load(values + i) - largest);
    store(values + i, value);
    sum += value;
  }
  return {values, largest, sumOf(sum)};
}

template <class T>
void softmax(const Launch& launch) {
  const int64_t rows = launch.axes[0], n = launch.axes[1];
  const T* x = launch.tensor<T>(0);
  T* out = launch.tensor<T>(1);
  launch.each(rows, 1 + 8192 / n, [&](int64_t begin, int64_t end) {
    for (int64_t row = begin; row < end; row++) {
      const Exponentials of = exponentialsOf(x + row * n, n);
      const float factor = 1 / of.sum;
      overVectors(n, [&](int64_t i, auto get, auto put) { put(out + row * n + i, get(of.values + i) * factor); });
    }
  });
}

template <class T>
void crossEntropy(const Launch& launch) {
  const int64_t rows = launch.axes[0], classes = launch.axes[1];
  const T* logits = launch.tensor<T>(0);
  const int32_t* targets = launch.tensor<int32_t>(1);
  float* loss = launch.tensor<float>(2);
  launch.each(rows, 1 + 8192 / classes, [&](int64_t begin, int64_t end) {
    for (int64_t row = begin; row < end; row++) {
      const Exponentials of = exponentialsOf(logits + row * classes, classes);
      loss[row] = std::log(of.sum) + of.largest - toFloat(logits[row * classes + targets[row]]);
    }
  });
}

template <class T>
void topK(const Launch& launch) {
  const int64_t rows = launch.axes[0], n = launch.axes[1], k = launch.axes[2];
  const T* x = launch.tensor<T>(0);
  T* values = launch.tensor<T>(1);
  int32_t* indices = launch.tensor<int32_t>(2);
  launch.each(rows, 1 + 4096 / n, [&](int64_t begin, int64_t end) {
    float* own = reinterpret_cast<float*>(scratch(0, size_t(n) * 4));
    int32_t* order = reinterpret_cast<int32_t*>(scratch(1, size_t(n) * 4));
    for (int64_t row = begin; row < end; row++) {
      overVectors(n, [&](int64_t i, auto get, auto put) { put(own + i, get(x + row * n + i)); });
      std::iota(order, order + n, 0);
      std::partial_sort(order, order + k, order + n,
                        [&](int32_t a, int32_t b) { return own[a] > own[b] || (own[a] == own[b] && a < b); });
      for (int64_t i = 0; i < k; i++) {
        indices[row * k + i] = order[i];
        values[row * k + i] = x[row * n + order[i]];
      }
    }
  });
}

/// Row by row first, which leaves each row's factor, then column by column.
template <class T>
void rmsNormBackward(const Launch& launch) {
  const int64_t rows = launch.axes[0], n = launch.axes[1];
  const T* x = launch.tensor<T>(0);
  const T* gain = launch.tensor<T>(1);
  const T* dy = launch.tensor<T>(2);
  T* dx = launch.tensor<T>(3);
  T* dgain = launch.tensor<T>(4);
  float* factors = reinterpret_cast<float*>(scratch(0, size_t(rows) * 4));
  launch.each(rows, 1 + 8192 / n, [&](int64_t begin, int64_t end) {
    for (int64_t row = begin; row < end; row++) {
      const T *values = x + row * n, *gradient = dy + row * n;
      Floats squares{}, projections{};
      overVectors(n, [&](int64_t i, auto get, auto) {
        const Floats value = get(values + i);
        squares += value * value;
        projections += get(gradient + i) * get(gain + i) * value;
      });
      const float factor = 1 / std::sqrt(sumOf(squares) / float(n) + 1e-5f);
      const float along = sumOf(projections) / float(n) * factor * factor;
      factors[row] = factor;
      overVectors(n, [&](int64_t i, auto get, auto put) {
        put(dx + row * n + i, factor * (get(gradient + i) * get(gain + i) - get(values + i) * along));
      });
    }
  });
  const int64_t blocks = (n + lanes - 1) / lanes;
  launch.each(blocks, 1 + 8192 / (rows * lanes), [&](int64_t begin, int64_t end) {
    const int64_t first = begin * lanes;
    overVectors(std::min(n, end * lanes) - first, [&](int64_t i, auto get, auto put) {
      Floats sum{};
      for (int64_t row = 0; row < rows; row++) {
        const int64_t at = row * n + first + i;
        sum += get(dy + at) * get(x + at) * factors[row];
      }
      put(dgain + first + i, sum);
    });
  });
}

const Register softmax32("softmax/fp32", softmax<float>);
const Register softmax16("softmax/fp16", softmax<Half>);
const Register softmaxB16("softmax/bf16", softmax<BFloat>);
const Register entropy32("cross-entropy/fp32", crossEntropy<float>);
const Register entropy16("cross-entropy/fp16", crossEntropy<Half>);
const Register entropyB16("cross-entropy/bf16", crossEntropy<BFloat>);
const Register top32("top-k/fp32", topK<float>);
const Register top16("top-k/fp16", topK<Half>);
const Register topB16("top-k/bf16", topK<BFloat>);
const Register backward32("rms-norm-backward/fp32", rmsNormBackward<float>);
const Register backward16("rms-norm-backward/fp16", rmsNormBackward<Half>);
const Register backwardB16("rms-norm-backward/bf16", rmsNormBackward<BFloat>);

}  // namespace
