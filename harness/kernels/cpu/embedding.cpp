// Pooled lookups from tables of every storage type, and their gradient with row-wise Adagrad.
#include "launch.h"

namespace {

/// How far ahead rows are fetched: enough lines in flight to hide memory's latency.
constexpr int64_t prefetchBytes = 4096;

template <int count>
using Count = std::integral_constant<int, count>;

template <class T>
struct PlainRows {
  static constexpr bool scaled = false;
  const char* data;
  int64_t dim;
  int64_t rowBytes() const { return dim * int64_t(sizeof(T)); }
  const char* row(int64_t index) const { return data + index * rowBytes(); }
  const char* at(const char* row, int64_t column) const { return row + column * int64_t(sizeof(T)); }
  Floats load(const char* from) const { return ::load(reinterpret_cast<const T*>(from)); }
  float scale(const char*) const { return 1; }
  float bias(const char*) const { return 0; }
};

struct ByteRows {
  static constexpr bool scaled = true;
  const char* data;
  int64_t dim;
  int64_t rowBytes() const { return dim + 8; }
  const char* row(int64_t index) const { return data + index * rowBytes(); }
  const char* at(const char* row, int64_t column) const { return row + column; }
  Floats load(const char* from) const { return loadBytes(reinterpret_cast<const uint8_t*>(from)); }
  float scale(const char* row) const { return bitsAs<float>(*reinterpret_cast<const uint32_t*>(row + dim)); }
  float bias(const char* row) const { return bitsAs<float>(*reinterpret_cast<const uint32_t*>(row + dim + 4)); }
};

struct NibbleRows {
  static constexpr bool scaled = true;
  const char* data;
  int64_t dim;
  int64_t rowBytes() const { return dim / 2 + 4; }
  const char* row(int64_t index) const { return data + index * rowBytes(); }
  const char* at(const char* row, int64_t column) const { return row + column / 2; }
  Floats load(const char* from) const { return loadNibbles(reinterpret_cast<const uint8_t*>(from)); }
  float scale(const char* row) const { return toFloat(*reinterpret_cast<const Half*>(row + dim / 2)); }
  float bias(const char* row) const { return toFloat(*reinterpret_cast<const Half*>(row + dim / 2 + 2)); }
};

/// Sums columns [column, column + vectors · lanes) of the rows of one bag.
template <int vectors, class Rows, class Out>
void sumColumns(const Rows& rows, const int32_t* bag, int64_t pooling, int64_t ahead, const int32_t* last, int64_t column,
                int64_t valid, Out* out) {
  Floats sums[vectors] = {};
  float biases = 0;
  const int64_t bytes = rows.at(nullptr, vectors * lanes) - rows.at(nullptr, 0);
  for (int64_t i = 0; i < pooling; i++) {
    if (bag + i + ahead < last) {
      const char* nextRow = rows.row(bag[i + ahead]);
      const char* next = rows.at(nextRow, column);
      for (int64_t line = 0; line < bytes; line += 64) __builtin_prefetch(next + line);
      // A row that starts within a line reaches into one more; scale and bias are there.
      if (Rows::scaled) __builtin_prefetch(nextRow + rows.rowBytes() - 1);
    }
    const char* row = rows.row(bag[i]);
    const char* from = rows.at(row, column);
    const float scale = rows.scale(row);
    biases += rows.bias(row);
#pragma GCC unroll 8
    for (int v = 0; v < vectors; v++) {
      const Floats values = rows.load(rows.at(from, v * lanes));
      sums[v] += Rows::scaled ? values * scale : values;
    }
  }
  for (int v = 0; v < vectors; v++) {
    const Floats sum = Rows::scaled ? sums[v] + biases : sums[v];
    if ((v + 1) * lanes <= valid) store(out + column + v * lanes, sum);
    else storePart(out + column + v * lanes, sum, valid - v * lanes);
  }
}

template <class Rows, class Out>
void embeddingBag(const Launch& launch) {
  const int64_t dim = launch.axes[1], pooling = launch.axes[2], bags = launch.axes[3];
  const Rows rows{launch.tensor<char>(0), dim};
  const int32_t* indices = launch.tensor<int32_t>(1);
  Out* out = launch.tensor<Out>(2);
  const int64_t ahead = std::max<int64_t>(2, prefetchBytes / rows.rowBytes());
  const int64_t grain = std::max<int64_t>(1, 16384 / std::max<int64_t>(1, pooling * rows.rowBytes()));
  launch.each(bags, grain, [&](int64_t begin, int64_t end) {
    for (int64_t b = begin; b < end; b++) {
      const int32_t* bag = indices + b * pooling;
      for (int64_t column = 0; column < dim;) {
        const int64_t left = dim - column;
        const auto sum = [&](auto vectors) {
          constexpr int count = decltype(vectors)::value;
          // The last vector may reach over the row's end: into the next row, or the spare bytes behind the table.
          sumColumns<count>(rows, bag, pooling, ahead, indices + bags * pooling, column, left, out + b * dim);
          column += count * lanes;
        };
        switch (std::min<int64_t>(8, (left + lanes - 1) / lanes)) {
          case 1: sum(Count<1>{}); break;
          case 2: sum(Count<2>{}); break;
          case 3: sum(Count<3>{}); break;
          case 4: sum(Count<4>{}); break;
          case 5: sum(Count<5>{}); break;
          case 6: sum(Count<6>{}); break;
          case 7: sum(Count<7>{}); break;
          default: sum(Count<8>{});
        }
      }
    }
  });
}

template <class T>
void backward(const Launch& launch) {
  const int64_t dim = launch.axes[1], lookups = launch.axes[2] * launch.axes[3];
  T* table = launch.tensor<T>(0);
  float* momenta = launch.tensor<float>(1);
  const int32_t* rowIds = launch.tensor<int32_t>(2);
  const int32_t* rowStarts = launch.tensor<int32_t>(3);
  const int32_t* bagOf = launch.tensor<int32_t>(4);
  const float* gradients = launch.tensor<float>(5);
  launch.each(lookups, 64, [&](int64_t begin, int64_t end) {
    std::vector<float> total(static_cast<size_t>(dim));
    float* sum = total.data();
    for (int64_t u = begin; u < end && rowIds[u] >= 0; u++) {
      if (u + 4 < end && rowIds[u + 4] >= 0) {
        const char* next = reinterpret_cast<const char*>(table + rowIds[u + 4] * dim);
        for (int64_t line = 0; line < dim * int64_t(sizeof(T)); line += 64) __builtin_prefetch(next + line, 1);
        __builtin_prefetch(momenta + rowIds[u + 4], 1);
      }
      std::fill(total.begin(), total.end(), 0.0f);
      for (int64_t i = rowStarts[u]; i < rowStarts[u + 1]; i++) {
        const float* gradient = gradients + bagOf[i] * dim;
        overVectors(dim, [&](int64_t d, auto get, auto put) { put(sum + d, get(sum + d) + get(gradient + d)); });
      }
      Floats squares{};
      overVectors(dim, [&](int64_t d, auto get, auto) { squares += get(sum + d) * get(sum + d); });
      float& momentum = momenta[rowIds[u]];
      momentum += sumOf(squares) / float(dim);
      const float step = 0.01f / (std::sqrt(momentum) + 1e-8f);
      T* row = table + rowIds[u] * dim;
      overVectors(dim, [&](int64_t d, auto get, auto put) { put(row + d, get(row + d) - get(sum + d) * step); });
    }
  });
}

const Register bag32("embedding-bag/fp32", embeddingBag<PlainRows<float>, float>);
const Register bag16("embedding-bag/fp16", embeddingBag<PlainRows<Half>, Half>);
const Register bag8("embedding-bag/int8", embeddingBag<ByteRows, Half>);
const Register bag4("embedding-bag/int4", embeddingBag<NibbleRows, Half>);
const Register backward32("embedding-bag-backward/fp32", backward<float>);
const Register backward16("embedding-bag-backward/fp16", backward<Half>);

}  // namespace
