#include "common.cuh"

// d [m, n] = a [m, k] · w [n, k]ᵀ with plain multiply-adds: fp32 sums, or int32 sums of int8 products four at a time. For
// devices without a vendor's library at hand. 256 threads, 16 × 16, each with ROWS rows and 4 × COLUMN_QUADS columns; tiles
// of 16 units of k (an element, or PACK of them in one word) pass from memory through registers to shared memory, the
// next one on its way while the present one is used.

#define DEPTH 16
#define TILE_ROWS (16 * ROWS)
#define TILE_COLUMNS (64 * COLUMN_QUADS)
#define COLUMNS (4 * COLUMN_QUADS)

#if ELEMENT == I8
typedef int unit_t;
#else
typedef float unit_t;
#endif
// Units of one access to memory.
#define UNITS (PER / PACK)

struct alignas(16) Quad { unit_t at[4]; };
typedef Vector<element_t, PER> vector_t;

__device__ __forceinline__ unit_t unitOf(const vector_t& v, int i) {
#if ELEMENT != I8
  return toFloat(v.at[i]);
#elif PACK == 4
  return int(u32(u8(v.at[4 * i])) | u32(u8(v.at[4 * i + 1])) << 8 | u32(u8(v.at[4 * i + 2])) << 16 |
             u32(u8(v.at[4 * i + 3])) << 24);
#else
  return v.at[i];
#endif
}

__device__ __forceinline__ void multiplyInto(unit_t& sum, unit_t a, unit_t b) {
#if PACK == 4
  sum = addProducts(a, b, sum);
#else
  sum += a * b;
#endif
}

#define ACCESSES(tile) (((tile) * DEPTH / UNITS + 255) / 256)

// This thread's share of a tile of rows of a matrix [rows, k]; zeros behind its ends.
template <int Tile> __device__ __forceinline__ void fetch(vector_t (&held)[ACCESSES(Tile)], const element_t* matrix,
                                                          i64 firstRow, int rows, int firstK, int k) {
#pragma unroll
  for (int i = 0; i < ACCESSES(Tile); i++) {
    const int at = threadIdx.x + 256 * i;
    const i64 row = firstRow + at / (DEPTH / UNITS);
    const int column = firstK + at % (DEPTH / UNITS) * PER;
    zero(held[i].raw);
    if (at < Tile * DEPTH / UNITS && row < rows && column < k) {
      held[i] = loadVector<element_t, PER>(matrix + row * k + column);
    }
  }
}

template <int Tile> __device__ __forceinline__ void stage(unit_t (&tile)[DEPTH][Tile + 4],
                                                          const vector_t (&held)[ACCESSES(Tile)]) {
#pragma unroll
  for (int i = 0; i < ACCESSES(Tile); i++) {
    const int at = threadIdx.x + 256 * i;
    if (at >= Tile * DEPTH / UNITS) continue;
#pragma unroll
    for (int u = 0; u < UNITS; u++) {
      tile[at % (DEPTH / UNITS) * UNITS + u][at / (DEPTH / UNITS)] = unitOf(held[i], u);
    }
  }
}

#if IS_CROSS
// z = hidden · wᵀ, at once on to y = x0 ⊙ (z + bias) + x; integers in units of 1/128.
#define ANSWER                                                                                                 \
  const element_t *__restrict__ x0, const element_t *__restrict__ bias, const element_t *__restrict__ x,       \
      element_t *__restrict__ d
__device__ __forceinline__ float crossed(float z, float x0, float bias, float x) {
  return x0 * (z + bias) * (ELEMENT == I8 ? 1.0f / 128.0f : 1.0f) + x;
}
#else
#define ANSWER element_t *__restrict__ d
#endif

extern "C" __global__ void __launch_bounds__(256, 2)
gemm(const element_t* __restrict__ a, const element_t* __restrict__ w, ANSWER, int m, int n, int k, float scale) {
  __shared__ __align__(16) unit_t tileA[DEPTH][TILE_ROWS + 4];
  __shared__ __align__(16) unit_t tileW[DEPTH][TILE_COLUMNS + 4];
  const int across = threadIdx.x % 16;
  const int down = threadIdx.x / 16;
  const i64 firstRow = i64(blockIdx.y) * TILE_ROWS;
  const i64 firstColumn = i64(blockIdx.x) * TILE_COLUMNS;

  unit_t sums[ROWS][COLUMNS] = {};
  vector_t nextA[ACCESSES(TILE_ROWS)];
  vector_t nextW[ACCESSES(TILE_COLUMNS)];
  fetch<TILE_ROWS>(nextA, a, firstRow, m, 0, k);
  fetch<TILE_COLUMNS>(nextW, w, firstColumn, n, 0, k);
  for (int first = 0; first < k; first += DEPTH * PACK) {
    stage<TILE_ROWS>(tileA, nextA);
    stage<TILE_COLUMNS>(tileW, nextW);
    __syncthreads();
    if (first + DEPTH * PACK < k) {
      fetch<TILE_ROWS>(nextA, a, firstRow, m, first + DEPTH * PACK, k);
      fetch<TILE_COLUMNS>(nextW, w, firstColumn, n, first + DEPTH * PACK, k);
    }
#pragma unroll
    for (int depth = 0; depth < DEPTH; depth++) {
      unit_t left[ROWS];
      Quad right[COLUMN_QUADS];
#pragma unroll
      for (int i = 0; i < ROWS; i++) left[i] = tileA[depth][down * ROWS + i];
#pragma unroll
      for (int j = 0; j < COLUMN_QUADS; j++) {
        right[j] = *reinterpret_cast<const Quad*>(&tileW[depth][j * 64 + across * 4]);
      }
#pragma unroll
      for (int i = 0; i < ROWS; i++) {
#pragma unroll
        for (int j = 0; j < COLUMNS; j++) multiplyInto(sums[i][j], left[i], right[j / 4].at[j % 4]);
      }
    }
    __syncthreads();
  }

#pragma unroll
  for (int i = 0; i < ROWS; i++) {
    const i64 row = firstRow + down * ROWS + i;
    if (row >= m) continue;
#pragma unroll
    for (int j = 0; j < COLUMN_QUADS; j++) {
      const i64 column = firstColumn + j * 64 + across * 4;
      float answers[4];
#pragma unroll
      for (int c = 0; c < 4; c++) {
        answers[c] = float(sums[i][4 * j + c]) * scale;
#if IS_CROSS
        if (column + c < n) {
          const i64 at = row * n + column + c;
          answers[c] = crossed(answers[c], toFloat(x0[at]), toFloat(bias[column + c]), toFloat(x[at]));
        }
#endif
      }
#if N_IS_QUADS
      if (column < n) storeFloats<element_t, 4>(d + row * n + column, answers);
#else
#pragma unroll
      for (int c = 0; c < 4; c++) {
        if (column + c < n) fromFloat(answers[c], d[row * n + column + c]);
      }
#endif
    }
  }
}
