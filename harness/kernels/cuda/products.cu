#include "common.cuh"

// Batches of small products out [m, n] = left [m, k] · right [k, n] with plain multiply-adds. 256 threads, 16 × 16, each
// with ROWS rows and 4 columns; tiles of 16 along k pass through shared memory. KIND says what is multiplied.

#define GRAM 0
#define APPLY 1
#define FFN 2
#define CONVOLUTION 3

#define DEPTH 16
#define TILE_ROWS (16 * ROWS)
#define TILE_COLUMNS 64

#if KIND == GRAM
// x · xᵀ goes to scratch memory in fp32 …
typedef element_t left_t;
typedef float out_t;
#define TENSORS const left_t *__restrict__ left, out_t *__restrict__ out
#elif KIND == APPLY
// … and meets y [k, n].
typedef float left_t;
typedef element_t out_t;
#define TENSORS const element_t *__restrict__ right, out_t *__restrict__ out, const left_t *__restrict__ left
#else
// x · w + bias [n] of each batch, activated; or w · x + bias [m] with x moved by each tap.
typedef element_t left_t;
typedef element_t out_t;
#define TENSORS                                                                                                 \
  const left_t *__restrict__ left, const element_t *__restrict__ right, const element_t *__restrict__ bias, \
      out_t *__restrict__ out
#endif

struct Size { int m, n, k; };

__device__ __forceinline__ float leftAt(const left_t* left, i64 batch, int row, int at, Size s) {
  if (row >= s.m || at >= s.k) return 0.0f;
#if KIND == CONVOLUTION
  return toFloat(left[i64(row) * s.k + at]);
#else
  return toFloat(left[(batch * s.m + row) * s.k + at]);
#endif
}

__device__ __forceinline__ float rightAt(const element_t* right, i64 batch, int at, int column, Size s) {
  if (at >= s.k || column >= s.n) return 0.0f;
#if KIND == GRAM
  return toFloat(right[(batch * s.n + column) * s.k + at]);
#elif KIND == CONVOLUTION
  const int moved = column + at % TAPS - (TAPS - 1) / 2;
  return moved < 0 || moved >= s.n ? 0.0f : toFloat(right[(batch * (s.k / TAPS) + at / TAPS) * s.n + moved]);
#else
  return toFloat(right[(batch * s.k + at) * s.n + column]);
#endif
}

extern "C" __global__ void __launch_bounds__(256)
multiply(TENSORS, int m, int n, int k) {
  __shared__ float tileLeft[DEPTH][TILE_ROWS + 1];
  __shared__ float tileRight[DEPTH][TILE_COLUMNS + 1];
#if KIND == GRAM
  const element_t* right = left;
#endif
  const Size s = {m, n, k};
  const u32 across = (n + TILE_COLUMNS - 1) / TILE_COLUMNS;
  const u32 down = (m + TILE_ROWS - 1) / TILE_ROWS;
  const i64 batch = blockIdx.x / (across * down);
  const int firstRow = blockIdx.x / across % down * TILE_ROWS;
  const int firstColumn = blockIdx.x % across * TILE_COLUMNS;
  const int x = threadIdx.x % 16;
  const int y = threadIdx.x / 16;

  float sums[ROWS][4] = {};
  for (int first = 0; first < k; first += DEPTH) {
    for (int at = threadIdx.x; at < TILE_ROWS * DEPTH; at += 256) {
      tileLeft[at % DEPTH][at / DEPTH] = leftAt(left, batch, firstRow + at / DEPTH, first + at % DEPTH, s);
    }
    for (int at = threadIdx.x; at < TILE_COLUMNS * DEPTH; at += 256) {
#if KIND == GRAM
      const int depth = at % DEPTH, column = at / DEPTH;
#else
      const int depth = at / TILE_COLUMNS, column = at % TILE_COLUMNS;
#endif
      tileRight[depth][column] = rightAt(right, batch, first + depth, firstColumn + column, s);
    }
    __syncthreads();
#pragma unroll
    for (int depth = 0; depth < DEPTH; depth++) {
#pragma unroll
      for (int i = 0; i < ROWS; i++) {
#pragma unroll
        for (int j = 0; j < 4; j++) sums[i][j] += tileLeft[depth][y + 16 * i] * tileRight[depth][x + 16 * j];
      }
    }
    __syncthreads();
  }
#pragma unroll
  for (int i = 0; i < ROWS; i++) {
#pragma unroll
    for (int j = 0; j < 4; j++) {
      const int row = firstRow + y + 16 * i;
      const int column = firstColumn + x + 16 * j;
      if (row >= m || column >= n) continue;
      float answer = sums[i][j];
#if KIND == FFN
      answer += toFloat(bias[batch * n + column]);
#if IS_ACTIVATED
      answer *= 0.5f * (1.0f + erff(answer * 0.70710678f));
#endif
#elif KIND == CONVOLUTION
      answer += toFloat(bias[row]);
#endif
      fromFloat(answer, out[(batch * m + row) * n + column]);
    }
  }
}
