// softmax(q·kᵀ/√dim)·v, padded or jagged: a block of queries at a time against all keys of its sequence and head.
#include "multiply.h"

namespace {

constexpr int64_t queriesTogether = 4;
constexpr int64_t queriesOfTask = 64;

/// One head of one sequence: `length` rows of `dim` elements, `stride` apart, in q, k, v and out.
template <class T>
struct Head {
  const T *q, *k, *v;
  T* out;
  int64_t length, stride;
};

/// Rows as fp32, one behind the other, each padded with zeros to whole vectors.
template <class T>
void widen(const T* from, int64_t rows, int64_t stride, int64_t dim, int64_t width, float* to) {
  for (int64_t row = 0; row < rows; row++) {
    for (int64_t d = 0; d < width; d += lanes) {
      const T* part = from + row * stride + d;
      store(to + row * width + d, d + lanes <= dim ? load(part) : loadPart(part, dim - d));
    }
  }
}

/// Turns `length` scores into weights that add up to the value returned; scores behind them count as none.
float softmax(float* scores, int64_t length, int64_t width, float scale) {
  for (int64_t j = length; j < width; j++) scores[j] = -INFINITY;
  Floats most = load(scores);
  for (int64_t j = lanes; j < width; j += lanes) most = larger(most, load(scores + j));
  const float largest = largestOf(most);
  Floats sum{};
  for (int64_t j = 0; j < width; j += lanes) {
    const Floats weight = expOfNegative((load(scores + j) - largest) * scale);
    store(scores + j, weight);
    sum += weight;
  }
  return sumOf(sum);
}

/// Weighted sums of the values for `count` queries, `vectors` vectors of dim from `column` on.
template <int count, int vectors>
void weigh(const float* weights, int64_t weightStride, const float* values, int64_t length, int64_t width, int64_t column,
           float* sums) {
  Floats total[count][vectors] = {};
  for (int64_t j = 0; j < length; j++) {
    Floats value[vectors];
#pragma GCC unroll 4
    for (int v = 0; v < vectors; v++) value[v] = load(values + j * width + column + v * lanes);
#pragma GCC unroll 4
    for (int i = 0; i < count; i++) {
      const float weight = weights[i * weightStride + j];
#pragma GCC unroll 4
      for (int v = 0; v < vectors; v++) total[i][v] += value[v] * weight;
    }
  }
  for (int i = 0; i < count; i++) {
    for (int v = 0; v < vectors; v++) store(sums + i * width + column + v * lanes, total[i][v]);
  }
}

/// Queries [begin, end) of a head, whose keys and values are in fp32.
template <class T>
void attend(const Head<T>& head, int64_t dim, int64_t width, const float* keys, const float* values, int64_t begin,
            int64_t end) {
  using Arithmetic = FloatArithmetic<float>;
  const int64_t scoreWidth = roundUp(head.length, lanes);
  const size_t floats = size_t(queriesTogether * (2 * width + scoreWidth));
  float* queries = reinterpret_cast<float*>(scratch(3, floats * 4));
  float* scores = queries + queriesTogether * width;
  float* sums = scores + queriesTogether * scoreWidth;
  const float scale = 1 / std::sqrt(float(dim));
  for (int64_t first = begin; first < end; first += queriesTogether) {
    const int64_t count = std::min(queriesTogether, end - first);
    widen(head.q + first * head.stride, count, head.stride, dim, width, queries);
    // Queries that are not there are taken from the last block's: their answers are not written.
    multiplyDots<Arithmetic>({queries, queriesTogether, width}, {keys, head.length, width}, width,
                             Piece{0, queriesTogether, 0, head.length}, [&](const Tile& tile) {
                               for (int64_t i = 0; i < tile.rows; i++) {
                                 memcpy(scores + (tile.row + i) * scoreWidth + tile.column, tile.at<float>(i),
                                        size_t(tile.columns) * 4);
                               }
                             });
    float totals[queriesTogether];
    for (int64_t i = 0; i < queriesTogether; i++) {
      totals[i] = softmax(scores + i * scoreWidth, head.length, scoreWidth, scale);
    }
    int64_t column = 0;
    for (; column + 4 * lanes <= width; column += 4 * lanes) {
      weigh<queriesTogether, 4>(scores, scoreWidth, values, head.length, width, column, sums);
    }
    for (; column < width; column += lanes) {
      weigh<queriesTogether, 1>(scores, scoreWidth, values, head.length, width, column, sums);
    }
    for (int64_t i = 0; i < count; i++) {
      T* to = head.out + (first + i) * head.stride;
      overVectors(dim, [&](int64_t d, auto get, auto put) { put(to + d, get(sums + i * width + d) * (1 / totals[i])); });
    }
  }
}

/// Heads [0, heads) as pieces of work: all queries of a head, or 64 at a time where heads are too few for the cores.
template <class T, class HeadOf>
void overHeads(const Launch& launch, int64_t heads, int64_t longest, int64_t dim, HeadOf headOf) {
  const int64_t width = roundUp(dim, lanes);
  const int64_t blocks = heads >= 4 * launch.cores ? 1 : (longest + queriesOfTask - 1) / queriesOfTask;
  const int64_t grain = 1 + 16384 / (longest * longest * dim);
  launch.each(heads * blocks, grain, [&](int64_t begin, int64_t end) {
    for (int64_t task = begin; task < end; task++) {
      const Head<T> head = headOf(task / blocks);
      const int64_t queries = blocks == 1 ? head.length : queriesOfTask, first = task % blocks * queries;
      if (first >= head.length) continue;
      float* keys = reinterpret_cast<float*>(scratch(0, size_t(head.length * width) * 4));
      float* values = reinterpret_cast<float*>(scratch(1, size_t(head.length * width) * 4));
      widen(head.k, head.length, head.stride, dim, width, keys);
      widen(head.v, head.length, head.stride, dim, width, values);
      attend(head, dim, width, keys, values, first, std::min(head.length, first + queries));
    }
  });
}

template <class T>
void attention(const Launch& launch) {
  const int64_t heads = launch.axes[0] * launch.axes[1], length = launch.axes[2], dim = launch.axes[3];
  const int64_t size = length * dim;
  const auto headOf = [&](int64_t index) {
    const auto at = [&](int tensor) { return launch.tensor<T>(tensor) + index * size; };
    return Head<T>{at(0), at(1), at(2), at(3), length, dim};
  };
  overHeads<T>(launch, heads, length, dim, headOf);
}

template <class T>
void attentionJagged(const Launch& launch) {
  const int64_t batch = launch.axes[0], heads = launch.axes[1], mean = launch.axes[2], dim = launch.axes[3];
  const int32_t* offsets = launch.tensor<int32_t>(3);
  const auto headOf = [&](int64_t index) {
    const int64_t sequence = index / heads, first = offsets[sequence], last = offsets[sequence + 1];
    const auto at = [&](int tensor) { return launch.tensor<T>(tensor) + (first * heads + index % heads) * dim; };
    return Head<T>{at(0), at(1), at(2), at(4), last - first, heads * dim};
  };
  overHeads<T>(launch, batch * heads, 2 * mean - 1, dim, headOf);
}

const Register padded32("attention/fp32", attention<float>);
const Register padded16("attention/fp16", attention<Half>);
const Register paddedB16("attention/bf16", attention<BFloat>);
const Register jagged32("attention-jagged/fp32", attentionJagged<float>);
const Register jagged16("attention-jagged/fp16", attentionJagged<Half>);
const Register jaggedB16("attention-jagged/bf16", attentionJagged<BFloat>);

}  // namespace
