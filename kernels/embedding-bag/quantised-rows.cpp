// Rows of codes with a scale and a bias each. A bag's sums stay in registers, a few vectors of columns at a time; biases are
// added up apart, and rows to come are asked for ahead.

#include "launch.h"

// @data-types int8, int4
constexpr int VECTORS = 8;  // @knob tiling {1, 2, 4, 8, 16} vectors of columns whose sums stay in registers
constexpr int AHEAD = 16;  // @knob prefetch {0, 4, 8, 16, 32, 64} lookups that are asked for ahead
constexpr int GRAIN = 16384;  // @knob grain {4096, 16384, 65536, 262144} bytes of rows that a core takes at a time at least
constexpr int PAST = 0;  // @knob cache-hints {0, 1} 1: rows are asked for as if read once, past most caches

namespace {

constexpr int64_t DIM = AXIS_dim;
constexpr int64_t POOLING = AXIS_pooling;
constexpr int64_t BAGS = AXIS_bags;
constexpr int64_t LOOKUPS = BAGS * POOLING;

struct ByteRows {
  static constexpr int64_t bytes = DIM + 8;
  static Floats values(const char* row, int64_t column) { return loadBytes(reinterpret_cast<const uint8_t*>(row) + column); }
  static float number(const char* row, int64_t at) {
    float value;
    memcpy(&value, row + at, 4);
    return value;
  }
  static float scale(const char* row) { return number(row, DIM); }
  static float bias(const char* row) { return number(row, DIM + 4); }
};

struct NibbleRows {
  static constexpr int64_t bytes = DIM / 2 + 4;
  static Floats values(const char* row, int64_t column) {
    return loadNibbles(reinterpret_cast<const uint8_t*>(row) + column / 2);
  }
  static float number(const char* row, int64_t at) {
    Half value;
    memcpy(&value, row + at, 2);
    return toFloat(value);
  }
  static float scale(const char* row) { return number(row, DIM / 2); }
  static float bias(const char* row) { return number(row, DIM / 2 + 2); }
};

// Columns of one bag from `column` on; a last vector may reach over a row's end, into the next or what lies behind the table.
template <class Rows, int Vectors>
inline void sumColumns(const char* table, const int32_t* bag, int64_t asked, int64_t column, Half* out) {
  Floats sums[Vectors] = {};
  float biases = 0;
  for (int64_t i = 0; i < POOLING; i++) {
    if (AHEAD > 0 && i < asked) {
      const char* next = table + bag[i + AHEAD] * Rows::bytes;
      for (int64_t byte = 0; byte < Rows::bytes; byte += 64) __builtin_prefetch(next + byte, 0, PAST ? 0 : 3);
      // Scale and bias stand at its end, and may reach into one more line.
      __builtin_prefetch(next + Rows::bytes - 1, 0, PAST ? 0 : 3);
    }
    const char* row = table + bag[i] * Rows::bytes;
    const float scale = Rows::scale(row);
    biases += Rows::bias(row);
#pragma GCC unroll 16
    for (int v = 0; v < Vectors; v++) {
      sums[v] += Rows::values(row, column + v * lanes) * scale;
    }
  }
  for (int v = 0; v < Vectors; v++) {
    const int64_t at = column + v * lanes;
    if (at + lanes <= DIM) store(out + at, sums[v] + biases);
    else if (at < DIM) storePart(out + at, sums[v] + biases, DIM - at);
  }
}

template <class Rows>
void embeddingBag(const Launch& launch) {
  const char* table = launch.tensor<char>(0);
  const int32_t* indices = launch.tensor<int32_t>(1);
  Half* out = launch.tensor<Half>(2);
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

const Register bag8("embedding-bag/int8/candidate", embeddingBag<ByteRows>);
const Register bag4("embedding-bag/int4/candidate", embeddingBag<NibbleRows>);

}  // namespace
