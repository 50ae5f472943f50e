#include "common.cuh"

// Fills memory with words that every device makes alike. A thread makes four of them at a time.

__device__ __forceinline__ u32 hashWord(u32 position, u32 seed) {
  u32 h = position * 0x9e3779b1u + seed;
  h = (h ^ (h >> 16)) * 0x85ebca6bu;
  h = (h ^ (h >> 13)) * 0xc2b2ae35u;
  return h ^ (h >> 16);
}

__device__ __forceinline__ u32 centred(u32 h, u32 byte) { return ((h >> (8 * byte)) & 255u) - 128u; }

__device__ __forceinline__ u32 halfBits(float x) {
  half_t y;
  fromFloat(x, y);
  return y.bits;
}

__device__ __forceinline__ u32 bf16Bits(float x) {
  bf16_t y;
  fromFloat(x, y);
  return y.bits;
}

// (nibble − 8) / 8 as e4m3: sign, four bits of exponent with bias 7, three of mantissa.
__device__ __forceinline__ u32 f8Bits(u32 nibble) {
  const u32 bits = __float_as_uint((float(nibble) - 8.0f) / 8.0f);
  if ((bits & 0x7fffffffu) == 0) return 0;
  const u32 exponent = ((bits >> 23) & 255u) - 120u;
  return (bits >> 24 & 128u) | exponent << 3 | ((bits >> 20) & 7u);
}

// `column`: position within the stored row, for row-wise types.
__device__ __forceinline__ u32 wordOf(u32 position, u32 column, u32 seed, u32 rowWords) {
#if ELEMENT == POISON
  return seed;
#else
  const u32 h = hashWord(position, seed);
#if ELEMENT == F32
  return __float_as_uint(float(h >> 8) * (1.0f / 8388608.0f) - 1.0f);
#elif ELEMENT == F16
  return halfBits(float(int(centred(h, 0))) / 128.0f) | halfBits(float(int(centred(h, 2))) / 128.0f) << 16;
#elif ELEMENT == BF16
  return bf16Bits(float(int(centred(h, 0))) / 128.0f) | bf16Bits(float(int(centred(h, 2))) / 128.0f) << 16;
#elif ELEMENT == F8
  return f8Bits(h & 15u) | f8Bits(h >> 8 & 15u) << 8 | f8Bits(h >> 16 & 15u) << 16 | f8Bits(h >> 24 & 15u) << 24;
#elif ELEMENT == I32
  return h >> 1;
#elif ELEMENT == ROWS_INT8
  if (column + 2 < rowWords) return h;
  if (column + 2 == rowWords) return __float_as_uint(float(1 + (h & 127u)) / 16384.0f);
  return __float_as_uint(float(int(centred(h, 0))) / 128.0f);
#elif ELEMENT == ROWS_INT4
  if (column + 1 < rowWords) return h;
  return halfBits(float(1 + (h & 63u)) / 1024.0f) | halfBits(float(int(centred(h, 2))) / 128.0f) << 16;
#else
  return h;
#endif
#endif
}

extern "C" __global__ void __launch_bounds__(256)
fill(u32* __restrict__ out, i64 words, int seed, int rowWords, int kept, int added) {
  const i64 stride = i64(gridDim.x) * blockDim.x * 4;
  for (i64 first = (i64(blockIdx.x) * blockDim.x + threadIdx.x) * 4; first < words; first += stride) {
    u32 made[4];
    u32 column = u32(u64(first) % u32(rowWords));
#pragma unroll
    for (int i = 0; i < 4; i++) {
      made[i] = (wordOf(u32(first + i), column, u32(seed), u32(rowWords)) & u32(kept)) + u32(added);
      column = column + 1 == u32(rowWords) ? 0 : column + 1;
    }
    if (first + 4 <= words) {
      *reinterpret_cast<uint4*>(out + first) = make_uint4(made[0], made[1], made[2], made[3]);
    } else {
#pragma unroll
      for (int i = 0; i < 4; i++) {
        if (first + i < words) out[first + i] = made[i];
      }
    }
  }
}
