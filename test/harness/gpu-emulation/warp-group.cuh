// In place of products of four warps at once: what PTX says that they do. They are carried out when they are awaited.

#include "tensor-core.cuh"

#if HAS_TENSOR_CORES
template <bool IsAcross> u64 tileDescriptor(const void* tile) {
  if (sharedAddress(tile) % 1024 != 0) emulation::stop("a tile does not begin where its order of bytes does");
  return u64(sharedAddress(tile) >> 4) | u64(IsAcross ? 8192 >> 4 : 1) << 16 | u64(1024 >> 4) << 32 | u64(1) << 62;
}
template <bool IsAcross> constexpr int NEXT_SIXTEEN = IsAcross ? 2048 >> 4 : 32 >> 4;
inline void publishShared() {}
template <int Eights> void pinSums(float (&sums)[Eights][4]) {}
inline void beginProducts() { emulation::meet(128, 0); }
inline void endOfProducts() { emulation::running->products.push_back({}); }
template <int Groups> void awaitProductsBut() { emulation::await(emulation::running->products, Groups); }

// Element k of a row, or of a column of a tile that lies across. The fields are bytes from 64 columns to the next and of eight
// rows, and the address itself says how its bytes are swapped.
inline float elementOf(const char* shared, u64 tile, bool isAcross, u32 row, u32 k) {
  const u32 wide = u32(tile >> 16 & 0x3fff) * 16;
  const u32 eight = u32(tile >> 32 & 0x3fff) * 16;
  const u32 place = isAcross ? row / 64 * wide + k / 8 * eight + k % 8 * 128 + row % 64 * 2 : row / 8 * eight + row % 8 * 128 + k * 2;
  const u32 inOrder = u32(tile & 0x3fff) * 16 + place;
  return toFloat(*reinterpret_cast<const element_t*>(shared + (inOrder ^ (inOrder >> 7 & 7) << 4)));
}

struct Tiles { u64 left, right; };

template <int IsAcross, int Eights> void multiplyTiles(float (&sums)[Eights][4], u64 left, u64 right) {
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
        for (int k = 0; k < 16; k++) {
          sums[n][i] += elementOf(shared, left, false, row, k) * elementOf(shared, right, IsAcross, column, k);
        }
      }
    }
  });
}
#endif
