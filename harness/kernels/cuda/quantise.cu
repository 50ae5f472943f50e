#include "common.cuh"

// fp32 rows to row-wise int8 or int4 and back. A group of LANES lanes has a row, four elements a lane CHUNKS times.

#define GROUPS (BLOCK / LANES)
#define QUADS (DIM / 4)
#if ELEMENT == ROWS_INT8
#define ROW_BYTES (DIM + 8)
#define LEVELS 255
typedef u32 codes_t;
#else
#define ROW_BYTES (DIM / 2 + 4)
#define LEVELS 15
typedef u16 codes_t;
#endif
#define CODE_BITS (int(sizeof(codes_t)) * 2)

__device__ __forceinline__ u32 halfBits(float x) {
  half_t y;
  fromFloat(x, y);
  return y.bits;
}

// x [rows, DIM] → rows of codes, scale and bias
extern "C" __global__ void __launch_bounds__(BLOCK)
quantise(const float* __restrict__ x, u8* __restrict__ out, int rows) {
  const i64 row = i64(blockIdx.x) * GROUPS + threadIdx.x / LANES;
  if (row >= rows) return;
  const int lane = threadIdx.x % LANES;
  float4 held[CHUNKS];
  float least = INFINITY_F;
  float most = -INFINITY_F;
#pragma unroll
  for (int c = 0; c < CHUNKS; c++) {
    const int quad = c * LANES + lane;
    if (quad >= QUADS) continue;
    const uint4 raw = loadOnce(reinterpret_cast<const uint4*>(x + row * DIM) + quad);
    held[c] = make_float4(__uint_as_float(raw.x), __uint_as_float(raw.y), __uint_as_float(raw.z),
                          __uint_as_float(raw.w));
    least = fminf(least, fminf(fminf(held[c].x, held[c].y), fminf(held[c].z, held[c].w)));
    most = fmaxf(most, fmaxf(fmaxf(held[c].x, held[c].y), fmaxf(held[c].z, held[c].w)));
  }
#pragma unroll
  for (int lanes = LANES / 2; lanes > 0; lanes /= 2) {
    least = fminf(least, fromLaneXor<LANES>(least, lanes));
    most = fmaxf(most, fromLaneXor<LANES>(most, lanes));
  }
  float scale = (most - least) / float(LEVELS);
  float bias = least;
#if ELEMENT == ROWS_INT4
  const u32 scaleBits = halfBits(scale);
  const u32 biasBits = halfBits(bias);
  scale = toFloat(half_t{u16(scaleBits)});
  bias = toFloat(half_t{u16(biasBits)});
#endif
  u8* to = out + row * ROW_BYTES;
#pragma unroll
  for (int c = 0; c < CHUNKS; c++) {
    const int quad = c * LANES + lane;
    if (quad >= QUADS) continue;
    const float values[4] = {held[c].x, held[c].y, held[c].z, held[c].w};
    u32 codes = 0;
#pragma unroll
    for (int i = 0; i < 4; i++) {
      const int code = scale == 0.0f ? 0 : roundToInt((values[i] - bias) / scale);
      codes |= u32(min(LEVELS, max(0, code))) << (CODE_BITS * i);
    }
    reinterpret_cast<codes_t*>(to)[quad] = codes_t(codes);
  }
  if (lane != 0) return;
#if ELEMENT == ROWS_INT8
  *reinterpret_cast<uint2*>(to + DIM) = make_uint2(__float_as_uint(scale), __float_as_uint(bias));
#else
  *reinterpret_cast<u32*>(to + DIM / 2) = scaleBits | biasBits << 16;
#endif
}

// Rows of codes, scale and bias → [rows, DIM]
extern "C" __global__ void __launch_bounds__(BLOCK)
dequantise(const u8* __restrict__ x, float* __restrict__ out, int rows) {
  const i64 row = i64(blockIdx.x) * GROUPS + threadIdx.x / LANES;
  if (row >= rows) return;
  const int lane = threadIdx.x % LANES;
  const u8* from = x + row * ROW_BYTES;
#if ELEMENT == ROWS_INT8
  const uint2 raw = loadKept(reinterpret_cast<const uint2*>(from + DIM));
  const float scale = __uint_as_float(raw.x);
  const float bias = __uint_as_float(raw.y);
#else
  const u32 raw = loadKept(reinterpret_cast<const u32*>(from + DIM / 2));
  const float scale = toFloat(half_t{u16(raw)});
  const float bias = toFloat(half_t{u16(raw >> 16)});
#endif
  u32 codes[CHUNKS];
#pragma unroll
  for (int c = 0; c < CHUNKS; c++) {
    const int quad = c * LANES + lane;
    codes[c] = quad < QUADS ? loadKept(reinterpret_cast<const codes_t*>(from) + quad) : 0;
  }
#pragma unroll
  for (int c = 0; c < CHUNKS; c++) {
    const int quad = c * LANES + lane;
    if (quad >= QUADS) continue;
    float values[4];
#pragma unroll
    for (int i = 0; i < 4; i++) values[i] = scale * float(codes[c] >> (CODE_BITS * i) & u32(LEVELS)) + bias;
    storeFloats<float, 4>(out + row * DIM + quad * 4, values);
  }
}
