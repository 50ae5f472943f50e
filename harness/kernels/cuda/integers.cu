#include "common.cuh"

// Positions among sorted boundaries, and hashes of ids. A thread has four values at a time.

// Searches all of the boundaries of four values at once; `top` is the largest power of two up to their number. The
// answer is the number of boundaries that are at most the value.
__device__ __forceinline__ int4 search(const float* boundaries, int count, int top, float4 value) {
  int4 at = make_int4(0, 0, 0, 0);
  for (int step = top; step > 0; step >>= 1) {
    if (at.x + step <= count && boundaries[at.x + step - 1] <= value.x) at.x += step;
    if (at.y + step <= count && boundaries[at.y + step - 1] <= value.y) at.y += step;
    if (at.z + step <= count && boundaries[at.z + step - 1] <= value.z) at.z += step;
    if (at.w + step <= count && boundaries[at.w + step - 1] <= value.w) at.w += step;
  }
  return at;
}

#ifdef IS_STAGED
extern "C" __global__ void __launch_bounds__(256)
bucketise(const float* __restrict__ values, const float* __restrict__ boundaries, int* __restrict__ out, i64 count,
          int numBoundaries, int top) {
#if IS_STAGED
  extern __shared__ float table[];
  for (int at = threadIdx.x; at < numBoundaries; at += blockDim.x) table[at] = boundaries[at];
  __syncthreads();
#else
  const float* table = boundaries;
#endif
  const i64 stride = i64(gridDim.x) * blockDim.x * 4;
  for (i64 first = (i64(blockIdx.x) * blockDim.x + threadIdx.x) * 4; first < count; first += stride) {
    if (first + 4 <= count) {
      const float4 value = *reinterpret_cast<const float4*>(values + first);
      *reinterpret_cast<int4*>(out + first) = search(table, numBoundaries, top, value);
    } else {
      for (i64 at = first; at < count; at++) {
        const float value = values[at];
        out[at] = search(table, numBoundaries, top, make_float4(value, value, value, value)).x;
      }
    }
  }
}
#else

// murmur3's finaliser, then the remainder by `rows`: with m = ⌈2⁶⁴ / rows⌉ in two halves it is the upper half of
// (m · h mod 2⁶⁴) · rows, exact for all 32-bit numbers (Lemire, Kaser, Kurz 2019).
__device__ __forceinline__ int hashed(int id, u64 m, u32 rows) {
  u32 h = u32(id);
  h ^= h >> 16;
  h *= 0x85ebca6bu;
  h ^= h >> 13;
  h *= 0xc2b2ae35u;
  h ^= h >> 16;
  return int(__umul64hi(m * h, rows));
}

extern "C" __global__ void __launch_bounds__(256)
hashIds(const int* __restrict__ ids, int* __restrict__ out, i64 count, int rows, int multiplierHigh,
        int multiplierLow) {
  const u64 m = u64(u32(multiplierHigh)) << 32 | u32(multiplierLow);
  const i64 stride = i64(gridDim.x) * blockDim.x * 4;
  for (i64 first = (i64(blockIdx.x) * blockDim.x + threadIdx.x) * 4; first < count; first += stride) {
    if (first + 4 <= count) {
      const uint4 v = loadOnce(reinterpret_cast<const uint4*>(ids + first));
      *reinterpret_cast<int4*>(out + first) = make_int4(hashed(int(v.x), m, rows), hashed(int(v.y), m, rows),
                                                        hashed(int(v.z), m, rows), hashed(int(v.w), m, rows));
    } else {
      for (i64 at = first; at < count; at++) out[at] = hashed(ids[at], m, rows);
    }
  }
}
#endif
