// A bag's sums stay in registers, a few vectors of columns at a time; rows to come are asked for ahead.

#include "launch.h"

// @data-types fp32, fp16
constexpr int VECTORS = 8;  // @knob tiling {1, 2, 4, 8, 16} vectors of columns whose sums stay in registers
constexpr int AHEAD = 16;  // @knob prefetch {0, 4, 8, 16, 32, 64} lookups that are asked for ahead
constexpr int GRAIN = 16384;  // @knob grain {4096, 16384, 65536, 262144} bytes of rows that a core takes at a time at least
constexpr int PAST = 0;  // @knob cache-hints {0, 1} 1: rows are asked for as if read once, past most caches

namespace {

constexpr int64_t DIM = AXIS_dim;
constexpr int64_t POOLING = AXIS_pooling;
constexpr int64_t BAGS = AXIS_bags;
constexpr int64_t LOOKUPS = BAGS * POOLING;

template <class T>
struct PlainRows {
  static constexpr int64_t bytes = DIM * int64_t(sizeof(T));
  static Floats values(const char* row, int64_t column) { return load(reinterpret_cast<const T*>(row) + column); }
};

// Columns of one bag from `column` on; a last vector may reach over a row's end, into the next or what lies behind the table.
template <class Rows, int Vectors, class Out>
inline void sumColumns(const char* table, const int32_t* bag, int64_t asked, int64_t column, Out* out) {
  Floats sums[Vectors] = {};
  for (int64_t i = 0; i < POOLING; i++) {
    if (AHEAD > 0 && i < asked) {
      const char* next = table + bag[i + AHEAD] * Rows::bytes;
      for (int64_t byte = 0; byte < Rows::bytes; byte += 64) __builtin_prefetch(next + byte, 0, PAST ? 0 : 3);
    }
    const char* row = table + bag[i] * Rows::bytes;
#pragma GCC unroll 16
    for (int v = 0; v < Vectors; v++) sums[v] += Rows::values(row, column + v * lanes);
  }
  for (int v = 0; v < Vectors; v++) {
    const int64_t at = column + v * lanes;
    if (at + lanes <= DIM) store(out + at, sums[v]);
    else if (at < DIM) storePart(out + at, sums[v], DIM - at);
  }
}

template <class Rows, class Out>
void embeddingBag(const Launch& launch) {
  const char* table = launch.tensor<char>(0);
  const int32_t* indices = launch.tensor<int32_t>(1);
  Out* out = launch.tensor<Out>(2);
  constexpr int64_t REST = (DIM + lanes - 1) / lanes % VECTORS;
  launch.each(BAGS, 1 + GRAIN / (POOLING * Rows::bytes), [&](int64_t begin, int64_t end) {
    for (int64_t b = begin; b < end; b++) {
      const int32_t* bag = indices + b * POOLING;
      // Only the first columns ask for whole rows.
      int64_t asked = LOOKUPS - b * POOLING - AHEAD;
      int64_t column = 0;
      for (; column + (VECTORS - 1) * lanes < DIM; column += VECTORS * lanes) {
        sumColumns<Rows, VECTORS>(table, bag, asked, column, out + b * DIM);
        asked = 0;
      }
      if constexpr (REST > 0) sumColumns<Rows, REST>(table, bag, asked, column, out + b * DIM);
    }
  });
}

const Register bag32("embedding-bag/fp32/candidate", embeddingBag<PlainRows<float>, float>);
const Register bag16("embedding-bag/fp16/candidate", embeddingBag<PlainRows<Half>, Half>);

}  // namespace
