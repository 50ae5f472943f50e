#include "common.cuh"

// Pooled lookup. A group of LANES lanes reads whole rows, each lane CHUNKS vectors of BYTES bytes of each, UNROLL rows
// in flight; SPLIT groups share a bag and add up at the end. Row ids are read together, a row id a lane, and handed
// around by shuffles. Sums are fp32.

#if ELEMENT == F32
#define PER (BYTES / 4)
#define ROW_BYTES (4 * DIM)
typedef float out_t;
#else
typedef half_t out_t;
#if ELEMENT == F16
#define PER (BYTES / 2)
#define ROW_BYTES (2 * DIM)
#elif ELEMENT == ROWS_INT8
#define PER BYTES
#define ROW_BYTES (DIM + 8)
#else
#define PER (2 * BYTES)
#define ROW_BYTES (DIM / 2 + 4)
#endif
#endif

#define IS_QUANTISED (ELEMENT == ROWS_INT8 || ELEMENT == ROWS_INT4)
#define VECTORS (DIM / PER)
#define BATCH (LANES > UNROLL ? LANES : UNROLL)
#define HELD (BATCH / LANES)
#define GROUPS_OF_WARP (WARP / LANES)
#define PARTS_OF_WARP (SPLIT < GROUPS_OF_WARP ? SPLIT : GROUPS_OF_WARP)
#define WARPS_OF_BAG (SPLIT / PARTS_OF_WARP)

typedef Raw<BYTES>::type raw_t;
union Piece {
  raw_t raw;
  u32 words[(BYTES + 3) / 4];
  float floats[(BYTES + 3) / 4];
  half_t halves[(BYTES + 1) / 2];
  __device__ __forceinline__ Piece() {}
};

// Scale and bias of a row; unused for rows of plain numbers.
struct Affine { float scale, bias; };

#if ELEMENT == ROWS_INT8
__device__ __forceinline__ Affine affineOf(const u8* row) {
  const uint2 raw = loadKept(reinterpret_cast<const uint2*>(row + DIM));
  return {__uint_as_float(raw.x), __uint_as_float(raw.y)};
}

// A byte in the middle of a mantissa makes 1 + byte / 2¹⁵, so that one multiply-add counts it; what the ones add up to
// comes off at the end. (The sum then is 2¹⁵ times a row's scale too large on the way: 2⁻¹⁶ of the answer is lost.)
__device__ __forceinline__ void add(const Piece& piece, const Affine& row, float (&sum)[PER]) {
  const float scale = row.scale * 32768.0f;
#pragma unroll
  for (int i = 0; i < PER; i++) {
    sum[i] += scale * __uint_as_float(placeByte(piece.words[i / 4], 0x3f800000u, i % 4));
  }
}
__device__ __forceinline__ float excess(int) { return 32768.0f; }
#elif ELEMENT == ROWS_INT4
__device__ __forceinline__ Affine affineOf(const u8* row) {
  const u32 raw = loadKept(reinterpret_cast<const u32*>(row + DIM / 2));
  return {toFloat(half_t{u16(raw)}), toFloat(half_t{u16(raw >> 16)})};
}

// A nibble in a mantissa makes 1 + nibble / 16, or 256, 4096 where it lies deeper, so that one multiply-add counts it;
// what the ones add up to comes off at the end. Three shifts bring all eight there. (The sum is 4096 times a row's
// scale too large on the way: 2⁻¹⁵ of the answer is lost.)
__device__ __forceinline__ float excess(int nibble) {
  return nibble == 7 || nibble == 4 || nibble == 1 ? 16.0f : nibble == 5 || nibble == 2 ? 4096.0f : 256.0f;
}
__device__ __forceinline__ u32 shifted(u32 word, int nibble) {
  return nibble >= 5 ? word >> 9 : nibble >= 2 ? word << 3 : word << 15;
}
__device__ __forceinline__ u32 maskOf(int nibble) {
  return excess(nibble) == 16.0f ? 0x780000u : excess(nibble) == 256.0f ? 0x78000u : 0x7800u;
}

__device__ __forceinline__ void add(const Piece& piece, const Affine& row, float (&sum)[PER]) {
#pragma unroll
  for (int i = 0; i < PER; i++) {
    const u32 placed = (shifted(piece.words[i / 8], i % 8) & maskOf(i % 8)) | 0x3f800000u;
    sum[i] += row.scale * excess(i % 8) * __uint_as_float(placed);
  }
}
#else
__device__ __forceinline__ Affine affineOf(const u8*) { return {1.0f, 0.0f}; }

__device__ __forceinline__ void add(const Piece& piece, const Affine&, float (&sum)[PER]) {
#pragma unroll
  for (int i = 0; i < PER; i++) {
#if ELEMENT == F32
    sum[i] += piece.floats[i];
#else
    sum[i] += toFloat(piece.halves[i]);
#endif
  }
}
#endif

__device__ __forceinline__ void readIds(const int* ids, int first, int last, int (&held)[HELD]) {
#pragma unroll
  for (int i = 0; i < HELD; i++) {
    const int at = first + i * LANES + int(threadIdx.x % LANES);
    held[i] = at < last ? loadKept(ids + at) : 0;
  }
}

// Rows first … first + UNROLL − 1 of the held ones: all loads, then all sums.
__device__ __forceinline__ void addRows(const u8* table, const int (&held)[HELD], int first, int count,
                                        float (&sum)[CHUNKS][PER], Affine& total) {
  const int lane = threadIdx.x % LANES;
  Piece pieces[UNROLL][CHUNKS];
  Affine affine[UNROLL];
#pragma unroll
  for (int u = 0; u < UNROLL; u++) {
    const int id = HELD == 1 ? fromLane<LANES>(held[0], first + u) : fromLane<LANES>(held[u / LANES], u % LANES);
    const bool isThere = first + u < count;
    const u8* row = table + i64(id) * ROW_BYTES;
#pragma unroll
    for (int c = 0; c < CHUNKS; c++) {
      const int vector = c * LANES + lane;
      zero(pieces[u][c].raw);
      if (isThere && vector < VECTORS) {
        pieces[u][c].raw = loadKept(reinterpret_cast<const raw_t*>(row + vector * BYTES));
      }
    }
    affine[u] = Affine{0.0f, 0.0f};
    if (isThere) affine[u] = affineOf(row);
  }
#pragma unroll
  for (int u = 0; u < UNROLL; u++) {
#pragma unroll
    for (int c = 0; c < CHUNKS; c++) add(pieces[u][c], affine[u], sum[c]);
    total.scale += affine[u].scale;
    total.bias += affine[u].bias;
  }
}

// Adds up what the groups of a bag found, within warps and then through shared memory; writes the bag.
__device__ __forceinline__ void finish(float (&sum)[CHUNKS][PER], out_t* out, bool isThere) {
  extern __shared__ float partial[];
  const int lane = threadIdx.x % LANES;
  const int group = threadIdx.x / LANES;
#pragma unroll
  for (int lanes = LANES; lanes < LANES * PARTS_OF_WARP; lanes *= 2) {
#pragma unroll
    for (int c = 0; c < CHUNKS; c++) {
#pragma unroll
      for (int i = 0; i < PER; i++) sum[c][i] += fromLaneXor<LANES * PARTS_OF_WARP>(sum[c][i], lanes);
    }
  }
  if (WARPS_OF_BAG == 1) {
    if (!isThere || group % SPLIT != 0) return;
#pragma unroll
    for (int c = 0; c < CHUNKS; c++) {
      const int vector = c * LANES + lane;
      if (vector < VECTORS) storeFloats<out_t, PER>(out + vector * PER, sum[c]);
    }
    return;
  }
  const int warp = threadIdx.x / WARP;
  if (threadIdx.x % WARP < LANES) {
#pragma unroll
    for (int c = 0; c < CHUNKS; c++) {
      const int vector = c * LANES + lane;
#pragma unroll
      for (int i = 0; i < PER; i++) {
        if (vector < VECTORS) partial[warp * DIM + vector * PER + i] = sum[c][i];
      }
    }
  }
  __syncthreads();
  if (!isThere) return;
  const float* first = partial + warp / WARPS_OF_BAG * WARPS_OF_BAG * DIM;
  for (int at = threadIdx.x % (WARPS_OF_BAG * WARP); at < DIM; at += WARPS_OF_BAG * WARP) {
    float total = 0.0f;
#pragma unroll 8
    for (int w = 0; w < WARPS_OF_BAG; w++) total += first[w * DIM + at];
    fromFloat(total, out[at]);
  }
}

extern "C" __global__ void __launch_bounds__(THREADS)
embeddingBag(const u8* __restrict__ table, const int* __restrict__ indices, out_t* __restrict__ out, int pooling,
             int bags) {
  const int group = threadIdx.x / LANES;
  const i64 bag = i64(blockIdx.x) * (THREADS / (LANES * SPLIT)) + group / SPLIT;
  const int share = (pooling + SPLIT - 1) / SPLIT;
  const int first = min(group % SPLIT * share, pooling);
  const int last = bag < bags ? min(first + share, pooling) : first;
  const int* ids = indices + bag * pooling;

  float sum[CHUNKS][PER];
#pragma unroll
  for (int c = 0; c < CHUNKS; c++) {
#pragma unroll
    for (int i = 0; i < PER; i++) sum[c][i] = 0.0f;
  }
  Affine total = {0.0f, 0.0f};
  int next[HELD];
  readIds(ids, first, last, next);
  for (int start = first; start < last; start += BATCH) {
    int held[HELD];
#pragma unroll
    for (int i = 0; i < HELD; i++) held[i] = next[i];
    readIds(ids, start + BATCH, last, next);
    const int count = min(BATCH, last - start);
    for (int at = 0; at < count; at += UNROLL) addRows(table, held, at, count, sum, total);
  }
#if IS_QUANTISED
#pragma unroll
  for (int c = 0; c < CHUNKS; c++) {
#pragma unroll
    for (int i = 0; i < PER; i++) sum[c][i] += total.bias - total.scale * excess(i % 8);
  }
#endif
  finish(sum, out + bag * DIM, bag < bags);
}
