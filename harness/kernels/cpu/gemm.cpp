// Fully connected layers, and the low-rank cross of DCN v2 made of two of them.
#include "multiply.h"

namespace {

/// As int8Scale of the operator: answers of an int8 product spread over about ± 40 whatever k.
float int8Scale(int64_t k) { return float(std::exp2(-std::floor(std::log2(std::sqrt(double(k)) * 137) + 0.5))); }

int8_t saturate(float value) { return int8_t(std::max(-128.0f, std::min(127.0f, std::nearbyint(value)))); }

/// Writes a tile's row of fp32 sums as elements.
template <class T>
void writeRow(const float* sums, int64_t count, T* to) {
  overVectors(count, [&](int64_t i, auto get, auto put) { put(to + i, get(sums + i)); });
}

/// Writes tiles of a product into a row-major matrix of n columns.
template <class Arithmetic>
struct Write {
  typename Arithmetic::Element* to;
  int64_t n;
  float scale;
  void operator()(const Tile& tile) const {
    for (int64_t i = 0; i < tile.rows; i++) {
      auto* out = to + (tile.row + i) * n + tile.column;
      if constexpr (std::is_same_v<typename Arithmetic::Element, int8_t>) {
        const int32_t* sums = tile.at<int32_t>(i);
        int64_t j = 0;
#if defined(RANKFLEET_AVX512)
        for (; j + lanes <= tile.columns; j += lanes) {
          const Floats scaled = __builtin_convertvector(loadWords<Ints>(reinterpret_cast<const char*>(sums + j)), Floats) * scale;
          _mm_storeu_si128((__m128i*)(out + j), _mm512_cvtsepi32_epi8(_mm512_cvtps_epi32((__m512)scaled)));
        }
#endif
        for (; j < tile.columns; j++) out[j] = saturate(float(sums[j]) * scale);
      } else {
        writeRow(tile.at<float>(i), tile.columns, out);
      }
    }
  }
};

template <class Arithmetic>
void gemm(const Launch& launch) {
  using Element = typename Arithmetic::Element;
  const int64_t m = launch.axes[0], n = launch.axes[1], k = launch.axes[2];
  multiply<Arithmetic>(launch, {launch.tensor<Element>(0), m, k}, {launch.tensor<Element>(1), n, k}, k,
                       Write<Arithmetic>{launch.tensor<Element>(2), n, int8Scale(k)});
}

/// y = x0 ⊙ (hidden · wᵀ + bias) + x.
template <class Arithmetic>
struct Cross {
  using Element = typename Arithmetic::Element;
  const Element *x0, *x, *bias;
  Element* y;
  int64_t width;
  float scale;
  void operator()(const Tile& tile) const {
    for (int64_t i = 0; i < tile.rows; i++) {
      const int64_t first = (tile.row + i) * width + tile.column;
      if constexpr (std::is_same_v<Element, int8_t>) {
        const int32_t* sums = tile.at<int32_t>(i);
        for (int64_t j = 0; j < tile.columns; j++) {
          const float z = float(sums[j]) * scale + float(bias[tile.column + j]);
          y[first + j] = saturate(float(x0[first + j]) * z / 128 + float(x[first + j]));
        }
      } else {
        const float* sums = tile.at<float>(i);
        overVectors(tile.columns, [&](int64_t j, auto get, auto put) {
          put(y + first + j, get(x0 + first + j) * (get(sums + j) + get(bias + tile.column + j)) + get(x + first + j));
        });
      }
    }
  }
};

template <class Arithmetic>
void crossLowRank(const Launch& launch) {
  using Element = typename Arithmetic::Element;
  const int64_t batch = launch.axes[0], width = launch.axes[1], rank = launch.axes[2];
  const auto input = [&](int i) { return launch.tensor<Element>(i); };
  multiply<Arithmetic>(launch, {input(1), batch, width}, {input(2), rank, width}, width,
                       Write<Arithmetic>{input(5), rank, int8Scale(width)});
  multiply<Arithmetic>(launch, {input(5), batch, rank}, {input(3), width, rank}, rank,
                       Cross<Arithmetic>{input(0), input(1), input(4), input(6), width, int8Scale(rank)});
}

const Register gemm32("gemm/fp32", gemm<FloatArithmetic<float>>);
const Register gemm16("gemm/fp16", gemm<FloatArithmetic<Half>>);
const Register gemmB16("gemm/bf16", gemm<BFloatArithmetic>);
const Register gemm8("gemm/int8", gemm<Int8Arithmetic>);
const Register cross32("cross-low-rank/fp32", crossLowRank<FloatArithmetic<float>>);
const Register cross16("cross-low-rank/fp16", crossLowRank<FloatArithmetic<Half>>);
const Register crossB16("cross-low-rank/bf16", crossLowRank<BFloatArithmetic>);
const Register cross8("cross-low-rank/int8", crossLowRank<Int8Arithmetic>);

}  // namespace
