// In place of matrix instructions on numbers of 32 bits: what PTX says that they do; what they leave off is cut off.

#include "async-copy.cuh"

inline u32 toTf32(float x) { return (__float_as_uint(x) + 0x1000) & 0xffffe000; }

inline void loadWords(u32 (&m)[4], const void* row) {
  if (uintptr_t(row) % 16 != 0) emulation::stop("a matrix row is not aligned");
  const unsigned turn = emulation::meet(32, static_cast<const u32*>(row));
  const unsigned lane = threadIdx.x % 32;
  for (unsigned i = 0; i < 4; i++) m[i] = emulation::broughtBy<const u32*>(32, 8 * i + lane / 4, turn)[lane % 4];
}

struct WordFragments { u32 a[4], b[2]; };

inline void multiplyAddTf32(float (&sums)[4], const u32 (&a)[4], u32 b0, u32 b1) {
  const auto cut = [](u32 word) { return __uint_as_float(word & 0xffffe000); };
  const unsigned turn = emulation::meet(32, WordFragments{{a[0], a[1], a[2], a[3]}, {b0, b1}});
  const unsigned lane = threadIdx.x % 32;
  for (unsigned at = 0; at < 4; at++) {
    const unsigned row = lane / 4 + at / 2 * 8;
    const unsigned column = lane % 4 * 2 + at % 2;
    for (unsigned k = 0; k < 8; k++) {
      const auto left = emulation::broughtBy<WordFragments>(32, row % 8 * 4 + k % 4, turn);
      const auto right = emulation::broughtBy<WordFragments>(32, column * 4 + k % 4, turn);
      sums[at] += cut(left.a[row / 8 + k / 4 * 2]) * cut(right.b[k / 4]);
    }
  }
}
