// In place of products of four warps at once: what PTX says that they do. They are carried out when they are awaited.

#include "tensor-core.cuh"

#if HAS_TENSOR_CORES
inline u64 tileDescriptor(const void* tile) {
  if (sharedAddress(tile) % 1024 != 0) emulation::stop("a tile does not begin where its order of bytes does");
  return u64(sharedAddress(tile) >> 4) | u64(1024 >> 4) << 32 | u64(1) << 62;
}
inline void publishShared() {}
template <int Eights> void pinSums(float (&sums)[Eights][4]) {}
inline void beginProducts() { emulation::meet(128, 0); }
inline void endOfProducts() { emulation::running->products.push_back({}); }
template <int Groups> void awaitProductsBut() { emulation::await(emulation::running->products, Groups); }

// Element k of a row of a tile: eight rows are so many bytes apart, and the address itself says how its bytes are swapped.
inline float elementOf(const char* shared, u64 tile, int row, int k) {
  const u32 inOrder = u32(tile & 0x3fff) * 16 + row / 8 * u32(tile >> 32 & 0x3fff) * 16 + row % 8 * 128 + k * 2;
  const u32 swapped = inOrder ^ (inOrder >> 7 & 7) << 4;
  return toFloat(*reinterpret_cast<const element_t*>(shared + swapped));
}

struct Tiles { u64 left, right; };

template <int Eights> void multiplyTiles(float (&sums)[Eights][4], u64 left, u64 right) {
  const unsigned turn = emulation::meet(128, Tiles{left, right});
  const Tiles first = emulation::broughtBy<Tiles>(128, 0, turn);
  if (first.left != left || first.right != right) emulation::stop("warps of a group multiply different tiles");
  const int lane = threadIdx.x % 32;
  const int warp = threadIdx.x / 32 % 4;
  const char* shared = emulation::dynamicShared;
  emulation::running->products.back().push_back([=, &sums] {
    for (int n = 0; n < Eights; n++) {
      for (int i = 0; i < 4; i++) {
        const int row = warp * 16 + lane / 4 + i / 2 * 8;
        const int column = n * 8 + lane % 4 * 2 + i % 2;
        for (int k = 0; k < 16; k++) sums[n][i] += elementOf(shared, left, row, k) * elementOf(shared, right, column, k);
      }
    }
  });
}
#endif
