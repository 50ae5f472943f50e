// How matrix products read, multiply and add each type. An arithmetic works on words of 32 bits that hold `group`
// neighbours along k: one fp32, two bf16 or four int8 where the processor has a dot product of that type.
#pragma once
#include "vector.h"

template <class Vector>
inline Vector loadWords(const char* from) {
  Vector to;
  memcpy(&to, from, sizeof to);
  return to;
}
inline void storeWords(char* to, Ints from) { memcpy(to, &from, sizeof from); }

/// A vector of the raw bytes of `count` elements, zeros behind them.
template <class T>
inline Ints rawPart(const T* from, int64_t count) {
  Ints to{};
  if (count * int64_t(sizeof(T)) >= vectorBytes) memcpy(&to, from, sizeof to);
  else memcpy(&to, from, size_t(count) * sizeof(T));
  return to;
}

/// Everything that has no dot product of its own: multiplied and added in fp32.
template <class T>
struct FloatArithmetic {
  using Element = T;
  using Sum = Floats;
  static constexpr int group = 1;
  static constexpr bool offset = false;
  static Ints wordsOfA(const T* from, int64_t left) { return (Ints)(left >= lanes ? load(from) : loadPart(from, left)); }
  static Ints wordsOfW(const T* from, int64_t left) { return wordsOfA(from, left); }
  static Floats multiplyAdd(Floats sum, Ints a, Ints w) { return sum + (Floats)a * (Floats)w; }
};

#if defined(RANKFLEET_AVX512) && defined(__AVX512BF16__)
struct BFloatArithmetic {
  using Element = BFloat;
  using Sum = Floats;
  static constexpr int group = 2;
  static constexpr bool offset = false;
  static Ints wordsOfA(const BFloat* from, int64_t left) { return rawPart(from, left); }
  static Ints wordsOfW(const BFloat* from, int64_t left) { return rawPart(from, left); }
  static Floats multiplyAdd(Floats sum, Ints a, Ints w) {
    return (Floats)_mm512_dpbf16_ps((__m512)sum, bitsAs<__m512bh>(a), bitsAs<__m512bh>(w));
  }
};
#else
using BFloatArithmetic = FloatArithmetic<BFloat>;
#endif

#if defined(RANKFLEET_AVX512) && defined(__AVX512VNNI__)
/// The dot product is of unsigned by signed bytes: 128 is added to a, and 128 · Σw taken off again.
struct Int8Arithmetic {
  using Element = int8_t;
  using Sum = Ints;
  static constexpr int group = 4;
  static constexpr bool offset = true;
  static Ints wordsOfA(const int8_t* from, int64_t left) { return rawPart(from, left) ^ int32_t(0x80808080); }
  static Ints wordsOfW(const int8_t* from, int64_t left) { return rawPart(from, left); }
  static Ints multiplyAdd(Ints sum, Ints a, Ints w) {
    return (Ints)_mm512_dpbusd_epi32((__m512i)sum, (__m512i)a, (__m512i)w);
  }
  /// 128 · the sum of each word's bytes, added to `sum`.
  static Ints addOffset(Ints sum, Ints w) { return multiplyAdd(sum, broadcast(int32_t(0x80808080)), w); }
};
#elif defined(RANKFLEET_AVX2) || defined(RANKFLEET_AVX512)
/// Pairs of 16 bits.
struct Int8Arithmetic {
  using Element = int8_t;
  using Sum = Ints;
  static constexpr int group = 2;
  static constexpr bool offset = false;
  static Ints wordsOfA(const int8_t* from, int64_t left) {
    int16_t wide[2 * lanes] = {};
    for (int i = 0; i < 2 * lanes && i < left; i++) wide[i] = from[i];
    return bitsAs<Ints>(wide);
  }
  static Ints wordsOfW(const int8_t* from, int64_t left) { return wordsOfA(from, left); }
  static Ints multiplyAdd(Ints sum, Ints a, Ints w) {
#if defined(RANKFLEET_AVX512)
    return sum + (Ints)_mm512_madd_epi16((__m512i)a, (__m512i)w);
#else
    return sum + (Ints)_mm256_madd_epi16((__m256i)a, (__m256i)w);
#endif
  }
};
#else
struct Int8Arithmetic {
  using Element = int8_t;
  using Sum = Ints;
  static constexpr int group = 1;
  static constexpr bool offset = false;
  static Ints wordsOfA(const int8_t* from, int64_t left) {
    Ints wide{};
    for (int i = 0; i < lanes && i < left; i++) wide[i] = from[i];
    return wide;
  }
  static Ints wordsOfW(const int8_t* from, int64_t left) { return wordsOfA(from, left); }
  static Ints multiplyAdd(Ints sum, Ints a, Ints w) { return sum + a * w; }
};
#endif

/// Elements of a and w zipped: a0 w0 a1 w1 …, in two vectors.
inline void interleave(Ints a, Ints b, Ints& low, Ints& high) {
#if defined(RANKFLEET_AVX512)
  const __m512i lowFrom = _mm512_setr_epi32(0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
  const __m512i highFrom = _mm512_setr_epi32(8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31);
  low = (Ints)_mm512_permutex2var_epi32((__m512i)a, lowFrom, (__m512i)b);
  high = (Ints)_mm512_permutex2var_epi32((__m512i)a, highFrom, (__m512i)b);
#elif defined(RANKFLEET_AVX2)
  const __m256i even = _mm256_unpacklo_epi32((__m256i)a, (__m256i)b);
  const __m256i odd = _mm256_unpackhi_epi32((__m256i)a, (__m256i)b);
  low = (Ints)_mm256_permute2x128_si256(even, odd, 0x20);
  high = (Ints)_mm256_permute2x128_si256(even, odd, 0x31);
#else
  low = Ints{a[0], b[0], a[1], b[1]};
  high = Ints{a[2], b[2], a[3], b[3]};
#endif
}
