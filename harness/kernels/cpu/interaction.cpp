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
          const int64_t row = tile.row + i;
          Element* line = to + row * (row - 1) / 2 + tile.column;
          const float* sums = tile.at<float>(i);
          if (tile.columns == 4 && tile.column + 4 <= row) {
            for (int64_t j = 0; j < 4; j++) line[j] = fromFloat<Element>(sums[j]);
          } else {
            for (int64_t j = 0; j < tile.columns && tile.column + j < row; j++) line[j] = fromFloat<Element>(sums[j]);
          }
        }
      };
      for (int64_t column = 0; column < vectors; column += 4) {
        const int64_t first = std::max<int64_t>(0, std::min(column, vectors - 4));
        multiplyDots<Arithmetic>(matrix, matrix, dim, Piece{first, vectors, first, std::min(vectors, first + 4)}, keepBelow);
      }
    }
  });
}

/// (Σ v)² − Σ v² over `count` vectors of dim, so that memory is read along rows.
template <int count, class T>
inline Floats addBlock(const T* from, int64_t vectors, int64_t dim) {
  Floats sums[count] = {}, squares{};
  for (int64_t v = 0; v < vectors; v++) {
#pragma GCC unroll 4
    for (int i = 0; i < count; i++) {
      const Floats value = load(from + v * dim + i * lanes);
      sums[i] += value;
      squares += value * value;
    }
  }
  Floats total = -squares;
  for (int i = 0; i < count; i++) total += sums[i] * sums[i];
  return total;
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
      int64_t d = 0;
      for (; d + 4 * lanes <= dim; d += 4 * lanes) total += addBlock<4>(from + d, vectors, dim);
      overVectors(dim - d, [&](int64_t i, auto get, auto) {
        Floats sum{}, squares{};
        for (int64_t v = 0; v < vectors; v++) {
          const Floats value = get(from + v * dim + d + i);
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
