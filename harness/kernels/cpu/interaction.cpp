// How feature vectors meet: all their dot products, or the factorisation machine's sum of them.
#include "multiply.h"

namespace {

/// Lower triangle of x·xᵀ of each sample, by the dot products that small matrix products use.
template <class Arithmetic>
void dotInteraction(const Launch& launch) {
  using Element = typename Arithmetic::Element;
  const int64_t batch = launch.axes[0], vectors = launch.axes[1], dim = launch.axes[2];
  const int64_t pairs = vectors * (vectors - 1) / 2;
  const Element* x = launch.tensor<Element>(0);
  Element* out = launch.tensor<Element>(1);
  launch.each(batch, 1 + 8192 / (vectors * dim), [&](int64_t begin, int64_t end) {
    for (int64_t sample = begin; sample < end; sample++) {
      const Matrix<Element> matrix{x + sample * vectors * dim, vectors, dim};
      Element* to = out + sample * pairs;
      const auto keepBelow = [&](const Tile& tile) {
        for (int64_t i = 0; i < tile.rows; i++) {
          const int64_t row = tile.row + i, first = row * (row - 1) / 2;
          for (int64_t j = 0; j < tile.columns && tile.column + j < row; j++) {
            to[first + tile.column + j] = fromFloat<Element>(tile.at<float>(i)[j]);
          }
        }
      };
      for (int64_t column = 0; column < vectors; column += 4) {
        multiplyDots<Arithmetic>(matrix, matrix, dim, column, vectors, column, std::min(vectors, column + 4), keepBelow);
      }
    }
  });
}

/// ½ Σ [(Σ v)² − Σ v²] of each sample.
template <class T>
void factorisationMachine(const Launch& launch) {
  const int64_t batch = launch.axes[0], vectors = launch.axes[1], dim = launch.axes[2];
  const T* x = launch.tensor<T>(0);
  float* out = launch.tensor<float>(1);
  launch.each(batch, 1 + 8192 / (vectors * dim), [&](int64_t begin, int64_t end) {
    for (int64_t sample = begin; sample < end; sample++) {
      const T* from = x + sample * vectors * dim;
      Floats total{};
      overVectors(dim, [&](int64_t d, auto get, auto) {
        Floats sum{}, squares{};
        for (int64_t v = 0; v < vectors; v++) {
          const Floats value = get(from + v * dim + d);
          sum += value;
          squares += value * value;
        }
        total += sum * sum - squares;
      });
      out[sample] = 0.5f * sumOf(total);
    }
  });
}

const Register dot32("dot-interaction/fp32", dotInteraction<FloatArithmetic<float>>);
const Register dot16("dot-interaction/fp16", dotInteraction<FloatArithmetic<Half>>);
const Register dotB16("dot-interaction/bf16", dotInteraction<BFloatArithmetic>);
const Register machine32("factorisation-machine/fp32", factorisationMachine<float>);
const Register machine16("factorisation-machine/fp16", factorisationMachine<Half>);
const Register machineB16("factorisation-machine/bf16", factorisationMachine<BFloat>);

}  // namespace
