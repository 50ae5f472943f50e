// Fills a memory with hashed words, exactly as harness/patterns.ts defines them.
#include "launch.h"

namespace {

inline uint32_t hashWord(uint32_t position, uint32_t seed) {
  uint32_t h = position * 0x9e3779b1u + seed;
  h = (h ^ (h >> 16)) * 0x85ebca6bu;
  h = (h ^ (h >> 13)) * 0xc2b2ae35u;
  return h ^ (h >> 16);
}

/// Two 16-bit values of a word, from its bytes 0 and 2.
template <class T>
inline uint32_t pairOf(uint32_t h) {
  const uint32_t low = fromFloat<T>((int(h & 255) - 128) / 128.0f).bits;
  const uint32_t high = fromFloat<T>((int((h >> 16) & 255) - 128) / 128.0f).bits;
  return low | (high << 16);
}

/// (n - 8) / 8 in e4m3 for n = 0 … 15.
const uint8_t eighths[16] = {0xb8, 0xb6, 0xb4, 0xb2, 0xb0, 0xac, 0xa8, 0xa0, 0, 0x20, 0x28, 0x2c, 0x30, 0x32, 0x34, 0x36};

inline uint32_t fourEighths(uint32_t h) {
  uint32_t word = 0;
  for (int i = 0; i < 4; i++) word |= uint32_t(eighths[(h >> (8 * i)) & 15]) << (8 * i);
  return word;
}

inline uint32_t int8RowWord(uint32_t h, uint32_t column, uint32_t rowWords) {
  if (column + 2 == rowWords) return bitsAs<uint32_t>((1 + (h & 127)) * 0x1p-14f);
  if (column + 1 == rowWords) return bitsAs<uint32_t>((int(h & 255) - 128) / 128.0f);
  return h;
}

inline uint32_t int4RowWord(uint32_t h, uint32_t column, uint32_t rowWords) {
  if (column + 1 < rowWords) return h;
  const uint32_t scale = fromFloat<Half>((1 + (h & 63)) * 0x1p-10f).bits;
  const uint32_t bias = fromFloat<Half>((int((h >> 16) & 255) - 128) / 128.0f).bits;
  return scale | (bias << 16);
}

template <class Word>
void fillWith(const Launch& launch, Word word) {
  uint32_t* to = launch.tensor<uint32_t>(0);
  launch.each(launch.axes[0], 1 << 16, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; i++) to[i] = word(uint32_t(i));
  });
}

template <uint32_t (*convert)(uint32_t)>
void fillHashed(const Launch& launch) {
  const uint32_t seed = uint32_t(launch.axes[1]), kept = uint32_t(launch.axes[2]), added = uint32_t(launch.axes[3]);
  fillWith(launch, [=](uint32_t i) { return (convert(hashWord(i, seed)) & kept) + added; });
}

template <uint32_t (*convert)(uint32_t, uint32_t, uint32_t)>
void fillRows(const Launch& launch) {
  const uint32_t seed = uint32_t(launch.axes[1]);
  const int64_t rowWords = launch.axes[2];
  uint32_t* to = launch.tensor<uint32_t>(0);
  launch.each(launch.axes[0] / rowWords, 1 + (1 << 16) / rowWords, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin * rowWords; i < end * rowWords; i++) {
      to[i] = convert(hashWord(uint32_t(i), seed), uint32_t(i % rowWords), uint32_t(rowWords));
    }
  });
}

uint32_t asFloat(uint32_t h) { return bitsAs<uint32_t>(int(h >> 8) * 0x1p-23f - 1); }
uint32_t asIs(uint32_t h) { return h; }
uint32_t positive(uint32_t h) { return h >> 1; }

const Register constant("fill/word", [](const Launch& launch) {
  const uint32_t word = uint32_t(launch.axes[1]);
  fillWith(launch, [=](uint32_t) { return word; });
});
const Register f32("fill/f32", fillHashed<asFloat>);
const Register f16("fill/f16", fillHashed<pairOf<Half>>);
const Register bf16("fill/bf16", fillHashed<pairOf<BFloat>>);
const Register f8("fill/f8", fillHashed<fourEighths>);
const Register i8("fill/i8", fillHashed<asIs>);
const Register i32("fill/i32", fillHashed<positive>);
const Register int8Rows("fill/rows-int8", fillRows<int8RowWord>);
const Register int4Rows("fill/rows-int4", fillRows<int4RowWord>);

}  // namespace
