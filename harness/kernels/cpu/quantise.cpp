// Row-wise quantisation and back; buckets and hashes of ids.
#include "launch.h"

namespace {

struct Range {
  float low, high;
};

Range rangeOf(const float* row, int64_t dim) {
  Floats low = broadcast(row[0]), high = low;
  const int64_t whole = dim - dim % lanes;
  for (int64_t i = 0; i < whole; i += lanes) {
    low = smaller(low, load(row + i));
    high = larger(high, load(row + i));
  }
  Range range{smallestOf(low), largestOf(high)};
  for (int64_t i = whole; i < dim; i++) {
    range.low = std::min(range.low, row[i]);
    range.high = std::max(range.high, row[i]);
  }
  return range;
}

/// Codes 0 … most of the row, to nearest, ties to even.
void encode(const float* row, int64_t dim, float scale, float bias, float most, uint8_t* codes) {
  // A constant row has no scale: its bias says it all.
  const float inverse = scale > 0 ? 1 / scale : 1;
  for (int64_t i = 0; i < dim; i++) {
    const float code = std::nearbyint((row[i] - bias) * inverse);
    codes[i] = uint8_t(int32_t(std::min(most, std::max(0.0f, code))));
  }
}

template <bool isInt4>
void quantise(const Launch& launch) {
  const int64_t rows = launch.axes[0], dim = launch.axes[1];
  const float* x = launch.tensor<float>(0);
  uint8_t* out = launch.tensor<uint8_t>(1);
  const int64_t rowBytes = isInt4 ? dim / 2 + 4 : dim + 8;
  launch.each(rows, 1 + 4096 / dim, [&](int64_t begin, int64_t end) {
    std::vector<uint8_t> codes(static_cast<size_t>(dim));
    for (int64_t row = begin; row < end; row++) {
      const float* from = x + row * dim;
      uint8_t* to = out + row * rowBytes;
      const Range range = rangeOf(from, dim);
      if (isInt4) {
        const Half scale = fromFloat<Half>((range.high - range.low) / 15), bias = fromFloat<Half>(range.low);
        encode(from, dim, toFloat(scale), toFloat(bias), 15, codes.data());
        for (int64_t i = 0; i < dim / 2; i++) {
          uint16_t pair;
          memcpy(&pair, codes.data() + 2 * i, 2);
          to[i] = uint8_t(pair | (pair >> 4));
        }
        memcpy(to + dim / 2, &scale, 2);
        memcpy(to + dim / 2 + 2, &bias, 2);
      } else {
        const float scale = (range.high - range.low) / 255;
        encode(from, dim, scale, range.low, 255, to);
        memcpy(to + dim, &scale, 4);
        memcpy(to + dim + 4, &range.low, 4);
      }
    }
  });
}

template <bool isInt4>
void dequantise(const Launch& launch) {
  const int64_t rows = launch.axes[0], dim = launch.axes[1];
  const uint8_t* x = launch.tensor<uint8_t>(0);
  float* out = launch.tensor<float>(1);
  const int64_t rowBytes = isInt4 ? dim / 2 + 4 : dim + 8;
  launch.each(rows, 1 + 8192 / dim, [&](int64_t begin, int64_t end) {
    for (int64_t row = begin; row < end; row++) {
      const uint8_t* from = x + row * rowBytes;
      float scale, bias;
      if (isInt4) {
        Half pair[2];
        memcpy(pair, from + dim / 2, 4);
        scale = toFloat(pair[0]);
        bias = toFloat(pair[1]);
      } else {
        memcpy(&scale, from + dim, 4);
        memcpy(&bias, from + dim + 4, 4);
      }
      for (int64_t i = 0; i < dim; i += lanes) {
        const Floats value = (isInt4 ? loadNibbles(from + i / 2) : loadBytes(from + i)) * scale + bias;
        if (i + lanes <= dim) store(out + row * dim + i, value);
        else storePart(out + row * dim + i, value, dim - i);
      }
    }
  });
}

/// Few boundaries: each is compared with a vector of values.
void bucketiseFew(const Launch& launch) {
  const int64_t count = launch.axes[0], boundaryCount = launch.axes[1];
  const float* values = launch.tensor<float>(0);
  const float* boundaries = launch.tensor<float>(1);
  int32_t* out = launch.tensor<int32_t>(2);
  launch.each((count + lanes - 1) / lanes, 1024, [&](int64_t begin, int64_t end) {
    const int64_t first = begin * lanes;
    overVectors(std::min(count, end * lanes) - first, [&](int64_t i, auto get, auto put) {
      const Floats value = get(values + first + i);
      Ints below{};
      // A comparison that holds is -1.
      for (int64_t j = 0; j < boundaryCount; j++) below -= (Ints)(broadcast(boundaries[j]) <= value);
      put(reinterpret_cast<float*>(out) + first + i, (Floats)below);
    });
  });
}

/// Number of boundaries ≤ value, by halving, for 16 values side by side.
void bucketise(const Launch& launch) {
  const int64_t count = launch.axes[0], boundaryCount = launch.axes[1];
  const float* values = launch.tensor<float>(0);
  const float* boundaries = launch.tensor<float>(1);
  int32_t* out = launch.tensor<int32_t>(2);
  if (boundaryCount <= 32) return bucketiseFew(launch);
  constexpr int together = 16;
  launch.each((count + together - 1) / together, 256, [&](int64_t begin, int64_t end) {
    for (int64_t block = begin; block < end; block++) {
      const int64_t first = block * together;
      const int valid = int(std::min<int64_t>(together, count - first));
      float value[together] = {};
      int32_t below[together] = {};
      memcpy(value, values + first, size_t(valid) * 4);
      int32_t left = int32_t(boundaryCount);
      while (left > 0) {
        const int32_t half = (left + 1) / 2;
        for (int i = 0; i < together; i++) below[i] += boundaries[below[i] + half - 1] <= value[i] ? half : 0;
        left -= half;
      }
      memcpy(out + first, below, size_t(valid) * 4);
    }
  });
}

/// Modulo by a double's reciprocal, put right by one either way: exact for 32-bit numbers, and it vectorises.
void hash(const Launch& launch) {
  const int64_t count = launch.axes[0];
  const double rows = double(launch.axes[1]), inverse = 1 / rows;
  const uint32_t* ids = launch.tensor<uint32_t>(0);
  int32_t* out = launch.tensor<int32_t>(1);
  launch.each(count, 8192, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; i++) {
      uint32_t h = ids[i];
      h = (h ^ (h >> 16)) * 0x85ebca6bu;
      h = (h ^ (h >> 13)) * 0xc2b2ae35u;
      h ^= h >> 16;
      const double whole = double(h);
      double rest = whole - std::floor(whole * inverse) * rows;
      rest += rest < 0 ? rows : 0;
      rest -= rest >= rows ? rows : 0;
      out[i] = int32_t(rest);
    }
  });
}

const Register quantise8("quantise/int8", quantise<false>);
const Register quantise4("quantise/int4", quantise<true>);
const Register dequantise8("dequantise/int8", dequantise<false>);
const Register dequantise4("dequantise/int4", dequantise<true>);
const Register buckets("bucketise/fp32", bucketise);
const Register hashes("hash/int32", hash);

}  // namespace
