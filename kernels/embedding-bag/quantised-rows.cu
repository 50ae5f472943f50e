// Rows of codes with a scale and a bias each. A group of lanes reads whole rows of a bag, several in flight; more groups share
// a bag where bags are few. Biases are added up apart from codes. Sums are fp32, answers fp16.

#define ELEMENT ROWS_INT8 // @data-types int8 = ROWS_INT8, int4 = ROWS_INT4
#include "common.cuh"
#include "groups.cuh"

#define ACCESS 16 // @knob vector-width {4, 8, 16} bytes of an access at most
#define VECTORS_OF_LANE 1 // @knob warps-per-row {8, 4, 2, 1} accesses of a row for each lane that shares it
#define UNROLL 8 // @knob bytes-in-flight {1, 2, 4, 8, 16} rows that a group of lanes has open
#define SPREAD 2048 // @knob split {0, 512, 1024, 2048, 4096} threads of each multiprocessor up to which more groups of lanes share a bag
#define BLOCK 128 // @knob warps {64, 128, 256, 512, 1024} threads of a block
#define RESIDENT 1024 // @knob persistent-grid {1024, 64, 16, 8, 4} blocks for each of 132 multiprocessors at most
#define PAST 0 // @knob cache-hints {0, 1} 1: answers are written past the caches
#define IN_MANTISSA 1 // @knob approximation {0, 1} 1: codes become numbers in the middle of a mantissa, not by conversion

// @require dim % 8 == 0
// @require (SPREAD == 0) + (dim * BLOCK <= 393216) >= 1
// @let threads 2 * bags * ceil_div(dim, 16 * VECTORS_OF_LANE)
// @launch embeddingBag grid(min(ceil_div(min(threads * min(32, pooling), max(threads, 132 * SPREAD)), BLOCK), 132 * RESIDENT)) block(BLOCK) args(table, indices, out)

constexpr i64 BAGS = AXIS_bags;
constexpr int POOLING = AXIS_pooling;
constexpr int DIM = AXIS_dim;
constexpr bool IS_INT8 = ELEMENT == ROWS_INT8;
constexpr int DATA_BYTES = IS_INT8 ? DIM : DIM / 2;
constexpr int ROW_BYTES = DATA_BYTES + (IS_INT8 ? 8 : 4);
// Both the row and what lies between rows are whole accesses.
constexpr int BYTES = elementsOfAccess(ROW_BYTES, 1, elementsOfAccess(DATA_BYTES, 1, ACCESS));
constexpr int PER = IS_INT8 ? BYTES : 2 * BYTES;
typedef half_t out_t;
// Answers of one store: 16 bytes at most.
constexpr int WIDTH = PER < 8 ? PER : 8;
constexpr int VECTORS = DATA_BYTES / BYTES;
constexpr int WANTED = powerAbove(divideUp(VECTORS, VECTORS_OF_LANE));
constexpr int LANES = WANTED < WARP ? WANTED : WARP;
constexpr int CHUNKS = divideUp(VECTORS, LANES);
// Groups that share a bag: a power of two, no more than a block has, 32, and one to a row of it.
__device__ constexpr int partsFor(i64 threads) {
  int parts = 1;
  while (BAGS * LANES * parts * 2 <= threads && LANES * parts * 2 <= BLOCK && parts < 32 && parts * 2 <= POOLING) parts *= 2;
  return parts;
}
constexpr int PARTS = partsFor(i64(132) * SPREAD);
constexpr int BAGS_OF_BLOCK = BLOCK / (LANES * PARTS);
constexpr int GROUPS_OF_WARP = WARP / LANES;
constexpr int PARTS_OF_WARP = PARTS < GROUPS_OF_WARP ? PARTS : GROUPS_OF_WARP;
constexpr int WARPS_OF_BAG = PARTS / PARTS_OF_WARP;
typedef Raw<BYTES>::type raw_t;
typedef float Sums[CHUNKS][PER];

union Piece {
  raw_t raw;
  u32 words[(BYTES + 3) / 4];
  __device__ __forceinline__ Piece() {}
};

// Scale and bias of a row.
struct Affine {
  float scale, bias;
};

__device__ __forceinline__ Affine affineOf(const u8* row) {
  if (IS_INT8) {
    const uint2 raw = loadKept(reinterpret_cast<const uint2*>(row + DIM));
    return {__uint_as_float(raw.x), __uint_as_float(raw.y)};
  }
  const u32 raw = loadKept(reinterpret_cast<const u32*>(row + DIM / 2));
  return {toFloat(half_t{u16(raw)}), toFloat(half_t{u16(raw >> 16)})};
}

// A code as a number. In a mantissa of exponent 23 it is itself, once 2²³ comes off.
__device__ __forceinline__ float codeOf(const Piece& piece, int i) {
  const u32 code = IS_INT8 ? piece.words[i / 4] >> (8 * (i % 4)) & 255u : piece.words[i / 8] >> (4 * (i % 8)) & 15u;
  return IN_MANTISSA ? __uint_as_float(0x4b000000u | code) - 8388608.0f : float(code);
}

// Rows first … of the ids, PARTS apart, up to UNROLL of them: all loads, then all sums.
__device__ __forceinline__ void addRows(const u8* table, const int* ids, int first, Sums& sums, float& biases) {
  const int lane = threadIdx.x % LANES;
  Piece pieces[UNROLL][CHUNKS];
  Affine affine[UNROLL];
#pragma unroll
  for (int u = 0; u < UNROLL; u++) {
    const int at = first + u * PARTS;
    affine[u] = Affine{0.0f, 0.0f};
    const bool isThere = at < POOLING;
    const u8* row = table + i64(isThere ? loadKept(ids + at) : 0) * ROW_BYTES;
#pragma unroll
    for (int c = 0; c < CHUNKS; c++) {
      const int vector = c * LANES + lane;
      zero(pieces[u][c].raw);
      if (isThere && vector < VECTORS) {
        pieces[u][c].raw = loadKept(reinterpret_cast<const raw_t*>(row + vector * BYTES));
      }
    }
    if (isThere) affine[u] = affineOf(row);
  }
#pragma unroll
  for (int u = 0; u < UNROLL; u++) {
#pragma unroll
    for (int c = 0; c < CHUNKS; c++) {
#pragma unroll
      for (int i = 0; i < PER; i++) sums[c][i] += affine[u].scale * codeOf(pieces[u][c], i);
    }
    biases += affine[u].bias;
  }
}

// Adds up what the groups of a bag found, within warps and then through shared memory; writes the bag.
__device__ __forceinline__ void finish(Sums& sums, out_t* to, bool isThere) {
  const int lane = threadIdx.x % LANES;
#pragma unroll
  for (int apart = LANES; apart < LANES * PARTS_OF_WARP; apart *= 2) {
#pragma unroll
    for (int c = 0; c < CHUNKS; c++) {
#pragma unroll
      for (int i = 0; i < PER; i++) sums[c][i] += fromLaneXor<LANES * PARTS_OF_WARP>(sums[c][i], apart);
    }
  }
  if constexpr (WARPS_OF_BAG > 1) {
    __shared__ float found[BLOCK / WARP][CHUNKS][PER][LANES];
    const int warp = threadIdx.x / WARP;
    const int first = warp / WARPS_OF_BAG * WARPS_OF_BAG;
    __syncthreads();
    if (threadIdx.x % WARP < LANES) {
#pragma unroll
      for (int c = 0; c < CHUNKS; c++) {
#pragma unroll
        for (int i = 0; i < PER; i++) found[warp][c][i][lane] = sums[c][i];
      }
    }
    __syncthreads();
    if (warp != first) return;
#pragma unroll
    for (int c = 0; c < CHUNKS; c++) {
#pragma unroll
      for (int i = 0; i < PER; i++) {
        sums[c][i] = 0.0f;
#pragma unroll
        for (int w = 0; w < WARPS_OF_BAG; w++) sums[c][i] += found[first + w][c][i][lane];
      }
    }
  }
  if (!isThere || threadIdx.x / LANES % PARTS_OF_WARP != 0) return;
#pragma unroll
  for (int c = 0; c < CHUNKS; c++) {
    const int vector = c * LANES + lane;
    if (vector < VECTORS) {
#pragma unroll
      for (int start = 0; start < PER; start += WIDTH) {
        float part[WIDTH];
#pragma unroll
        for (int i = 0; i < WIDTH; i++) part[i] = sums[c][start + i];
        storeNumbers<PAST>(to + vector * PER + start, part);
      }
    }
  }
}

extern "C" __global__ void __launch_bounds__(BLOCK)
embeddingBag(const u8* __restrict__ table, const int* __restrict__ indices, out_t* __restrict__ out) {
  const int group = threadIdx.x / LANES;
  for (i64 first = i64(blockIdx.x) * BAGS_OF_BLOCK; first < BAGS; first += i64(gridDim.x) * BAGS_OF_BLOCK) {
    const i64 bag = first + group / PARTS;
    const int* ids = indices + bag * POOLING;
    Sums sums;
#pragma unroll
    for (int c = 0; c < CHUNKS; c++) {
#pragma unroll
      for (int i = 0; i < PER; i++) sums[c][i] = 0.0f;
    }
    float biases = 0.0f;
    if (bag < BAGS) {
      for (int at = group % PARTS; at < POOLING; at += PARTS * UNROLL) addRows(table, ids, at, sums, biases);
    }
#pragma unroll
    for (int c = 0; c < CHUNKS; c++) {
#pragma unroll
      for (int i = 0; i < PER; i++) sums[c][i] += biases;
    }
    finish(sums, out + bag * DIM, bag < BAGS);
  }
}
