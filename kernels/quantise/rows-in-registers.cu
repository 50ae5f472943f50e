// A group of threads holds a row in registers: it is read once for its range and its codes. Four or eight elements side by
// side make one store of codes.

#define ELEMENT ROWS_INT8 // @data-types int8 = ROWS_INT8, int4 = ROWS_INT4
#include "common.cuh"
#include "groups.cuh"

#define PER 4 // @knob vector-width {4, 8} elements whose codes are stored together
#define HELD 8 // @knob warps-per-row {32, 16, 8, 4} elements of a row for each thread that shares it
#define BLOCK 128 // @knob warps {64, 128, 256, 512, 1024} threads of a block
#define RESIDENT 128 // @knob persistent-grid {128, 32, 16, 8, 4} blocks for each of 132 multiprocessors at most
#define RECIPROCAL 1 // @knob approximation {0, 1} 1: one division for a row instead of one for each element
#define PAST 0 // @knob cache-hints {0, 1} 1: answers are written past the caches

// @require dim % 8 == 0
// @require ceil_div(dim, BLOCK) <= 64
// @launch quantise grid(min(ceil_div(2 * rows * dim, HELD * BLOCK), 132 * RESIDENT)) block(BLOCK) args(x, out)

constexpr i64 ROWS = AXIS_rows;
constexpr int DIM = AXIS_dim;
constexpr bool IS_INT8 = ELEMENT == ROWS_INT8;
constexpr int ROW_BYTES = IS_INT8 ? DIM + 8 : DIM / 2 + 4;
constexpr int LEVELS = IS_INT8 ? 255 : 15;
constexpr int CODE_BITS = IS_INT8 ? 8 : 4;
constexpr int THREADS = threadsOfRow(DIM, HELD, PER, BLOCK);
constexpr int CHUNKS = divideUp(DIM, THREADS * PER);
constexpr int GROUPS = BLOCK / THREADS;
typedef Raw<PER * CODE_BITS / 8>::type codes_t;

__device__ __forceinline__ u32 halfBits(float x) {
  half_t y;
  fromFloat(x, y);
  return y.bits;
}

__device__ __forceinline__ void readElements(const float* from, float (&held)[PER]) {
#pragma unroll
  for (int quad = 0; quad < PER / 4; quad++) {
    const Vector<float, 4> v = loadVectorOnce<float, 4>(from + 4 * quad);
#pragma unroll
    for (int i = 0; i < 4; i++) held[4 * quad + i] = v.at[i];
  }
}

__device__ __forceinline__ codes_t codesOf(const float (&held)[PER], float scale, float inverse, float bias) {
  union { codes_t codes; u32 words[2]; } packed;
  packed.words[0] = packed.words[1] = 0;
#pragma unroll
  for (int i = 0; i < PER; i++) {
    const float steps = RECIPROCAL ? (held[i] - bias) * inverse : (held[i] - bias) / scale;
    // A constant row has no scale: its bias says it all.
    const int code = scale == 0.0f ? 0 : min(LEVELS, max(0, roundToInt(steps)));
    packed.words[i * CODE_BITS / 32] |= u32(code) << (i * CODE_BITS % 32);
  }
  return packed.codes;
}

extern "C" __global__ void __launch_bounds__(BLOCK) quantise(const float* __restrict__ x, u8* __restrict__ out) {
  __shared__ float partial[2 * BLOCK / WARP];
  const int lane = threadIdx.x % THREADS;
  for (i64 first = i64(blockIdx.x) * GROUPS; first < ROWS; first += i64(gridDim.x) * GROUPS) {
    const i64 row = first + threadIdx.x / THREADS;
    const int length = row < ROWS ? DIM : 0;
    float held[CHUNKS][PER];
    // The largest, and the largest of what is negated.
    float ends[2] = {-INFINITY_F, -INFINITY_F};
#pragma unroll
    for (int c = 0; c < CHUNKS; c++) {
      const int column = (lane + c * THREADS) * PER;
      if (column < length) readElements(x + row * DIM + column, held[c]);
    }
#pragma unroll
    for (int c = 0; c < CHUNKS; c++) {
      if ((lane + c * THREADS) * PER >= length) continue;
#pragma unroll
      for (int i = 0; i < PER; i++) {
        ends[0] = fmaxf(ends[0], held[c][i]);
        ends[1] = fmaxf(ends[1], -held[c][i]);
      }
    }
    overGroup<Largest, THREADS>(ends, partial);
    float bias = -ends[1];
    float scale = (ends[0] - bias) / float(LEVELS);
    const u32 halves = IS_INT8 ? 0 : halfBits(scale) | halfBits(bias) << 16;
    if (!IS_INT8) {
      scale = toFloat(half_t{u16(halves)});
      bias = toFloat(half_t{u16(halves >> 16)});
    }
    const float inverse = RECIPROCAL ? 1.0f / scale : 0.0f;
    u8* to = out + row * ROW_BYTES;
#pragma unroll
    for (int c = 0; c < CHUNKS; c++) {
      const int column = (lane + c * THREADS) * PER;
      if (column >= length) continue;
      storeRaw<PAST>(reinterpret_cast<codes_t*>(to + column * CODE_BITS / 8), codesOf(held[c], scale, inverse, bias));
    }
    if (lane != 0 || row >= ROWS) continue;
    if (IS_INT8) *reinterpret_cast<uint2*>(to + DIM) = make_uint2(__float_as_uint(scale), __float_as_uint(bias));
    else *reinterpret_cast<u32*>(to + DIM / 2) = halves;
  }
}
