// Vectors of 32-bit lanes as wide as the machine's registers, and how elements of every type get in and out of them.
#pragma once
#include <cmath>
#include <cstdint>
#include <cstring>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

#if defined(__AVX512F__) && defined(__AVX512BW__) && defined(__AVX512VL__) && defined(__AVX512DQ__)
#define RANKFLEET_AVX512 1
constexpr int lanes = 16;
#elif defined(__AVX2__) && defined(__FMA__) && defined(__F16C__)
#define RANKFLEET_AVX2 1
constexpr int lanes = 8;
#else
constexpr int lanes = 4;
#endif

constexpr int vectorBytes = 4 * lanes;
typedef float Floats __attribute__((vector_size(vectorBytes)));
typedef int32_t Ints __attribute__((vector_size(vectorBytes)));
typedef uint32_t Words __attribute__((vector_size(vectorBytes)));

struct Half {
  uint16_t bits;
};
struct BFloat {
  uint16_t bits;
};

template <class To, class From>
inline To bitsAs(const From& from) {
  static_assert(sizeof(To) == sizeof(From), "sizes differ");
  To to;
  memcpy(&to, &from, sizeof to);
  return to;
}

inline float toFloat(float value) { return value; }
inline float toFloat(BFloat value) { return bitsAs<float>(uint32_t(value.bits) << 16); }
inline float toFloat(Half value) {
#if defined(__F16C__)
  return _cvtsh_ss(value.bits);
#else
  const uint32_t sign = uint32_t(value.bits & 0x8000) << 16;
  const uint32_t exponent = (value.bits >> 10) & 31, mantissa = value.bits & 1023;
  if (exponent == 31) return bitsAs<float>(sign | 0x7f800000u | (mantissa << 13));
  if (exponent == 0) return bitsAs<float>(sign | bitsAs<uint32_t>(float(mantissa) * 0x1p-24f));
  return bitsAs<float>(sign | ((exponent + 112) << 23) | (mantissa << 13));
#endif
}

/// Rounds to nearest, ties to even; NaN stays NaN.
template <class T>
T fromFloat(float value);
template <>
inline float fromFloat<float>(float value) {
  return value;
}
template <>
inline BFloat fromFloat<BFloat>(float value) {
  const uint32_t bits = bitsAs<uint32_t>(value);
  if (value != value) return {uint16_t((bits >> 16) | 64)};
  return {uint16_t((bits + 0x7fff + ((bits >> 16) & 1)) >> 16)};
}
template <>
inline Half fromFloat<Half>(float value) {
#if defined(__F16C__)
  return {uint16_t(_cvtss_sh(value, _MM_FROUND_TO_NEAREST_INT))};
#else
  const uint32_t bits = bitsAs<uint32_t>(value);
  const uint16_t sign = uint16_t((bits >> 16) & 0x8000);
  const uint32_t magnitude = bits & 0x7fffffff;
  if (magnitude > 0x7f800000) return {uint16_t(sign | 0x7e00)};
  if (magnitude >= 0x477ff000) return {uint16_t(sign | 0x7c00)};
  if (magnitude < 0x38800000) {
    // Subnormal: adding 0.5 leaves the rounded multiple of 2^-24 in the low bits.
    const float shifted = bitsAs<float>(magnitude) + 0.5f;
    return {uint16_t(sign | (bitsAs<uint32_t>(shifted) - 0x3f000000))};
  }
  return {uint16_t(sign | ((magnitude - 0x38000000 + 0xfff + ((magnitude >> 13) & 1)) >> 13))};
#endif
}

inline Floats broadcast(float value) { return value - Floats{}; }
inline Ints broadcast(int32_t value) { return value - Ints{}; }

/// Reads and writes `lanes` elements.
inline Floats load(const float* from) {
  Floats to;
  memcpy(&to, from, sizeof to);
  return to;
}
inline void store(float* to, Floats from) { memcpy(to, &from, sizeof from); }

#if defined(RANKFLEET_AVX512)
inline Floats load(const Half* from) {
  return (Floats)_mm512_cvtph_ps(_mm256_loadu_si256((const __m256i*)from));
}
inline void store(Half* to, Floats from) {
  _mm256_storeu_si256((__m256i*)to, _mm512_cvtps_ph((__m512)from, _MM_FROUND_TO_NEAREST_INT));
}
inline Floats load(const BFloat* from) {
  return (Floats)_mm512_slli_epi32(_mm512_cvtepu16_epi32(_mm256_loadu_si256((const __m256i*)from)), 16);
}
inline Floats loadBytes(const uint8_t* from) {
  return (Floats)_mm512_cvtepi32_ps(_mm512_cvtepu8_epi32(_mm_loadu_si128((const __m128i*)from)));
}
inline Floats loadNibbles(const uint8_t* from) {
  const __m128i wide = _mm_cvtepu8_epi16(_mm_loadl_epi64((const __m128i*)from));
  const __m128i both = _mm_and_si128(_mm_or_si128(wide, _mm_slli_epi16(wide, 4)), _mm_set1_epi8(15));
  return (Floats)_mm512_cvtepi32_ps(_mm512_cvtepu8_epi32(both));
}
#elif defined(RANKFLEET_AVX2)
inline Floats load(const Half* from) { return (Floats)_mm256_cvtph_ps(_mm_loadu_si128((const __m128i*)from)); }
inline void store(Half* to, Floats from) {
  _mm_storeu_si128((__m128i*)to, _mm256_cvtps_ph((__m256)from, _MM_FROUND_TO_NEAREST_INT));
}
inline Floats load(const BFloat* from) {
  return (Floats)_mm256_slli_epi32(_mm256_cvtepu16_epi32(_mm_loadu_si128((const __m128i*)from)), 16);
}
inline Floats loadBytes(const uint8_t* from) {
  return (Floats)_mm256_cvtepi32_ps(_mm256_cvtepu8_epi32(_mm_loadl_epi64((const __m128i*)from)));
}
inline Floats loadNibbles(const uint8_t* from) {
  int32_t four;
  memcpy(&four, from, 4);
  const __m128i wide = _mm_cvtepu8_epi16(_mm_cvtsi32_si128(four));
  const __m128i both = _mm_and_si128(_mm_or_si128(wide, _mm_slli_epi16(wide, 4)), _mm_set1_epi8(15));
  return (Floats)_mm256_cvtepi32_ps(_mm256_cvtepu8_epi32(both));
}
#else
template <class T>
inline Floats load(const T* from) {
  Floats to;
  for (int i = 0; i < lanes; i++) to[i] = toFloat(from[i]);
  return to;
}
inline void store(Half* to, Floats from) {
  for (int i = 0; i < lanes; i++) to[i] = fromFloat<Half>(from[i]);
}
inline Floats loadBytes(const uint8_t* from) {
  Floats to;
  for (int i = 0; i < lanes; i++) to[i] = from[i];
  return to;
}
inline Floats loadNibbles(const uint8_t* from) {
  Floats to;
  for (int i = 0; i < lanes; i++) to[i] = (from[i / 2] >> (4 * (i & 1))) & 15;
  return to;
}
#endif

inline void store(BFloat* to, Floats from) {
#if defined(RANKFLEET_AVX512) && defined(__AVX512BF16__)
  const __m256bh rounded = _mm512_cvtneps_pbh((__m512)from);
  memcpy(to, &rounded, 32);
#elif defined(RANKFLEET_AVX512) || defined(RANKFLEET_AVX2)
  const Words bits = (Words)from;
  const Words nan = (Words)(from != from);
  const Words rounded = ((bits + 0x7fff + ((bits >> 16) & 1)) & ~nan) | ((bits | 0x400000) & nan);
  uint16_t high[lanes];
  for (int i = 0; i < lanes; i++) high[i] = uint16_t(rounded[i] >> 16);
  memcpy(to, high, sizeof high);
#else
  for (int i = 0; i < lanes; i++) to[i] = fromFloat<BFloat>(from[i]);
#endif
}

/// The first `count` < lanes elements; the other lanes read as 0 and are not written.
template <class T>
inline Floats loadPart(const T* from, int64_t count) {
  T whole[lanes] = {};
  for (int64_t i = 0; i < count && i < lanes; i++) whole[i] = from[i];
  return load(whole);
}
template <class T>
inline void storePart(T* to, Floats from, int64_t count) {
  T whole[lanes];
  store(whole, from);
  for (int64_t i = 0; i < count && i < lanes; i++) to[i] = whole[i];
}

/// Calls step(position, load, store) over [0, count): whole vectors first, then a part.
template <class Step>
inline void overVectors(int64_t count, Step step) {
  int64_t i = 0;
  for (; i + lanes <= count; i += lanes) {
    step(i, [&](auto* from) { return load(from); }, [&](auto* to, Floats value) { store(to, value); });
  }
  const int64_t rest = count - i;
  if (rest > 0) {
    step(i, [&](auto* from) { return loadPart(from, rest); },
         [&](auto* to, Floats value) { storePart(to, value, rest); });
  }
}

inline float sumOf(Floats values) {
#if defined(RANKFLEET_AVX512)
  return _mm512_reduce_add_ps((__m512)values);
#else
  float sum = 0;
  for (int i = 0; i < lanes; i++) sum += values[i];
  return sum;
#endif
}
inline int32_t sumOf(Ints values) {
#if defined(RANKFLEET_AVX512)
  return _mm512_reduce_add_epi32((__m512i)values);
#else
  int32_t sum = 0;
  for (int i = 0; i < lanes; i++) sum += values[i];
  return sum;
#endif
}

inline Floats larger(Floats a, Floats b) { return a > b ? a : b; }
inline Floats smaller(Floats a, Floats b) { return a < b ? a : b; }
inline float largestOf(Floats values) {
  float most = values[0];
  for (int i = 1; i < lanes; i++) most = values[i] > most ? values[i] : most;
  return most;
}
inline float smallestOf(Floats values) { return -largestOf(-values); }

/// e^x for x ≤ 0, within 2 units of the last place; 0 below -87.
inline Floats expOfNegative(Floats x) {
  const Floats bounded = larger(x, broadcast(-87.0f));
  const float magic = 12582912.0f;  // 1.5 · 2^23: adding it rounds to an integer
  const Floats power = (bounded * 1.44269504f + magic) - magic;
  const Floats rest = (bounded - power * 0.693359375f) + power * 2.12194440e-4f;
  Floats series = broadcast(1.0f / 5040);
  series = series * rest + 1.0f / 720;
  series = series * rest + 1.0f / 120;
  series = series * rest + 1.0f / 24;
  series = series * rest + 1.0f / 6;
  series = series * rest + 0.5f;
  series = series * rest + 1.0f;
  series = series * rest + 1.0f;
  const Ints exponent = (__builtin_convertvector(power, Ints) + 127) << 23;
  const Floats value = series * (Floats)exponent;
  return x < -87.0f ? Floats{} : value;
}
