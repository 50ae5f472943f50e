// Operators that pass over their tensors once: bias and ReLU, products, gates, concat, split.
#include "launch.h"

namespace {

/// Elements that are worth a piece of work of their own.
constexpr int64_t grainElements = 16384;

template <class T>
void biasActivation(const Launch& launch) {
  const int64_t rows = launch.axes[0], n = launch.axes[1];
  const T* x = launch.tensor<T>(0);
  const T* bias = launch.tensor<T>(1);
  T* out = launch.tensor<T>(2);
  launch.each(rows, 1 + grainElements / n, [&](int64_t begin, int64_t end) {
    for (int64_t row = begin; row < end; row++) {
      overVectors(n, [&](int64_t i, auto get, auto put) {
        put(out + row * n + i, larger(get(x + row * n + i) + get(bias + i), Floats{}));
      });
    }
  });
}

template <class T>
void elementwise(const Launch& launch) {
  const int64_t count = launch.axes[0] * launch.axes[1], inputs = launch.axes[2];
  const T* x = launch.tensor<T>(0);
  T* out = launch.tensor<T>(1);
  const int64_t blocks = (count + lanes - 1) / lanes;
  launch.each(blocks, grainElements / lanes, [&](int64_t begin, int64_t end) {
    const int64_t first = begin * lanes;
    overVectors(std::min(count, end * lanes) - first, [&](int64_t i, auto get, auto put) {
      Floats product = get(x + first + i);
      for (int64_t input = 1; input < inputs; input++) product *= get(x + input * count + first + i);
      put(out + first + i, product);
    });
  });
}

/// a · sigmoid(a) · b.
template <class T>
void swiglu(const Launch& launch) {
  const int64_t count = launch.axes[0] * launch.axes[1];
  const T* a = launch.tensor<T>(0);
  const T* b = launch.tensor<T>(1);
  T* out = launch.tensor<T>(2);
  launch.each((count + lanes - 1) / lanes, grainElements / lanes, [&](int64_t begin, int64_t end) {
    const int64_t first = begin * lanes;
    overVectors(std::min(count, end * lanes) - first, [&](int64_t i, auto get, auto put) {
      const Floats gate = get(a + first + i);
      const Floats small = expOfNegative(smaller(gate, -gate));
      const Floats share = (gate < 0.0f ? small : broadcast(1.0f)) / (1.0f + small);
      put(out + first + i, gate * share * get(b + first + i));
    });
  });
}

/// A row of any length; short ones without the call that memcpy makes of a length that is not known.
inline void copyRow(char* to, const char* from, int64_t bytes) {
  if (bytes % 16 != 0 || bytes > 1024) {
    memcpy(to, from, size_t(bytes));
    return;
  }
  for (int64_t at = 0; at < bytes; at += 16) {
    typedef int32_t Four __attribute__((vector_size(16)));
    Four part;
    memcpy(&part, from + at, 16);
    memcpy(to + at, &part, 16);
  }
}

template <class T, bool isConcat>
void interleaveRows(const Launch& launch) {
  const int64_t rows = launch.axes[0], inputs = launch.axes[1], width = launch.axes[2];
  const T* from = launch.tensor<T>(0);
  T* to = launch.tensor<T>(1);
  launch.each(rows, 1 + grainElements / (inputs * width), [&](int64_t begin, int64_t end) {
    for (int64_t row = begin; row < end; row++) {
      for (int64_t input = 0; input < inputs; input++) {
        const int64_t apart = (input * rows + row) * width, together = (row * inputs + input) * width;
        const int64_t source = isConcat ? apart : together, target = isConcat ? together : apart;
        copyRow(reinterpret_cast<char*>(to + target), reinterpret_cast<const char*>(from + source), width * int64_t(sizeof(T)));
      }
    }
  });
}

const Register bias32("bias-activation/fp32", biasActivation<float>);
const Register bias16("bias-activation/fp16", biasActivation<Half>);
const Register biasB16("bias-activation/bf16", biasActivation<BFloat>);
const Register elementwise32("elementwise/fp32", elementwise<float>);
const Register elementwise16("elementwise/fp16", elementwise<Half>);
const Register elementwiseB16("elementwise/bf16", elementwise<BFloat>);
const Register swiglu32("swiglu/fp32", swiglu<float>);
const Register swiglu16("swiglu/fp16", swiglu<Half>);
const Register swigluB16("swiglu/bf16", swiglu<BFloat>);
const Register concat32("concat/fp32", interleaveRows<uint32_t, true>);
const Register concat16("concat/fp16", interleaveRows<uint16_t, true>);
const Register concatB16("concat/bf16", interleaveRows<uint16_t, true>);
const Register concat8("concat/int8", interleaveRows<uint8_t, true>);
const Register split32("split/fp32", interleaveRows<uint32_t, false>);
const Register split16("split/fp16", interleaveRows<uint16_t, false>);
const Register splitB16("split/bf16", interleaveRows<uint16_t, false>);
const Register split8("split/int8", interleaveRows<uint8_t, false>);

}  // namespace
