// In place of matrix instructions: what PTX says that they do.

#include "async-copy.cuh"

#define HAS_TENSOR_CORES (!ON_HIP && (ELEMENT == F16 || ELEMENT == BF16))

#if HAS_TENSOR_CORES
inline u32 pairAt(const element_t* p) { return p[0].bits | u32(p[1].bits) << 16; }

inline void loadMatrices(u32 (&m)[4], const void* row) {
  if (uintptr_t(row) % 16 != 0) emulation::stop("a matrix row is not aligned");
  const unsigned turn = emulation::meet(32, static_cast<const element_t*>(row));
  const unsigned lane = threadIdx.x % 32;
  for (unsigned i = 0; i < 4; i++) {
    m[i] = pairAt(emulation::broughtBy<const element_t*>(32, 8 * i + lane / 4, turn) + lane % 4 * 2);
  }
}
inline void loadMatricesTransposed(u32 (&m)[4], const void* row) {
  if (uintptr_t(row) % 16 != 0) emulation::stop("a matrix row is not aligned");
  const unsigned turn = emulation::meet(32, static_cast<const element_t*>(row));
  const unsigned lane = threadIdx.x % 32;
  for (unsigned i = 0; i < 4; i++) {
    const auto low = emulation::broughtBy<const element_t*>(32, 8 * i + lane % 4 * 2, turn);
    const auto high = emulation::broughtBy<const element_t*>(32, 8 * i + lane % 4 * 2 + 1, turn);
    m[i] = low[lane / 4].bits | u32(high[lane / 4].bits) << 16;
  }
}

struct Fragments { u32 a[4], b[2]; };
inline float halfOf(u32 pair, int i) { return toFloat(element_t{u16(pair >> (16 * i))}); }

inline void multiplyAdd(float (&sums)[4], const u32 (&a)[4], u32 b0, u32 b1) {
  const unsigned turn = emulation::meet(32, Fragments{{a[0], a[1], a[2], a[3]}, {b0, b1}});
  const unsigned lane = threadIdx.x % 32;
  for (unsigned at = 0; at < 4; at++) {
    const unsigned row = lane / 4 + at / 2 * 8;
    const unsigned column = lane % 4 * 2 + at % 2;
    for (unsigned k = 0; k < 16; k++) {
      const auto left = emulation::broughtBy<Fragments>(32, row % 8 * 4 + k % 8 / 2, turn);
      const auto right = emulation::broughtBy<Fragments>(32, column * 4 + k % 8 / 2, turn);
      sums[at] += halfOf(left.a[row / 8 + k / 8 * 2], k % 2) * halfOf(right.b[k / 8], k % 2);
    }
  }
}

inline u32 packPair(float low, float high) {
  element_t pair[2];
  fromFloat(low, pair[0]);
  fromFloat(high, pair[1]);
  return pairAt(pair);
}
#endif
