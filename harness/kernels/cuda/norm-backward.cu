#include "common.cuh"

// Gradients of RMS norm in three steps: dx row by row, which leaves the factor 1 / root mean square of each row; sums of
// dy · x · factor by column over some rows each; the sum of those sums.

#if STEP == 1
#include "rows.cuh"

// x [rows, n], gain [n], dy [rows, n] → dx [rows, n]; a factor of each row goes to scratch memory.
extern "C" __global__ void __launch_bounds__(BLOCK)
backwardRows(const element_t* __restrict__ x, const element_t* __restrict__ gain, const element_t* __restrict__ dy,
             element_t* __restrict__ dx, float* __restrict__ factors, int rows, int n) {
  __shared__ float partial[2][BLOCK / WARP];
  const i64 row = i64(blockIdx.x) * ROWS_OF_BLOCK + threadIdx.x / THREADS;
  const bool isThere = row < rows;
  const int first = threadIdx.x % THREADS * PER;
  float squares = 0.0f;
  float projection = 0.0f;
  for (int column = first; isThere && column < n; column += THREADS * PER) {
    const Vector<element_t, PER> vx = loadVector<element_t, PER>(x + row * n + column);
    const Vector<element_t, PER> vdy = loadVector<element_t, PER>(dy + row * n + column);
    const Vector<element_t, PER> g = loadVector<element_t, PER>(gain + column);
#pragma unroll
    for (int i = 0; i < PER; i++) {
      const float value = toFloat(vx.at[i]);
      squares += value * value;
      projection += toFloat(vdy.at[i]) * toFloat(g.at[i]) * value;
    }
  }
  const float factor = 1.0f / sqrtf(overRow<Sum>(squares, partial[0]) / float(n) + 1e-5f);
  const float along = overRow<Sum>(projection, partial[1]) / float(n) * factor * factor;
  if (isThere && threadIdx.x % THREADS == 0) factors[row] = factor;
  for (int column = first; isThere && column < n; column += THREADS * PER) {
    const Vector<element_t, PER> vx = loadVector<element_t, PER>(x + row * n + column);
    const Vector<element_t, PER> vdy = loadVector<element_t, PER>(dy + row * n + column);
    const Vector<element_t, PER> g = loadVector<element_t, PER>(gain + column);
    float answer[PER];
#pragma unroll
    for (int i = 0; i < PER; i++) {
      answer[i] = factor * (toFloat(vdy.at[i]) * toFloat(g.at[i]) - toFloat(vx.at[i]) * along);
    }
    storeFloats<element_t, PER>(dx + row * n + column, answer);
  }
}
#elif STEP == 2

// A thread has PER columns and every so many rows; its sums go behind the factors in scratch memory.
extern "C" __global__ void __launch_bounds__(256)
backwardColumns(const element_t* __restrict__ x, const element_t* __restrict__ dy, float* __restrict__ scratch, int rows,
                int n) {
  const int column = (blockIdx.x * blockDim.x + threadIdx.x) * PER;
  if (column >= n) return;
  const int stripe = blockIdx.y * blockDim.y + threadIdx.y;
  float sums[PER] = {};
  for (i64 row = stripe; row < rows; row += gridDim.y * blockDim.y) {
    const Vector<element_t, PER> vx = loadVectorOnce<element_t, PER>(x + row * n + column);
    const Vector<element_t, PER> vdy = loadVectorOnce<element_t, PER>(dy + row * n + column);
    const float factor = scratch[row];
#pragma unroll
    for (int i = 0; i < PER; i++) sums[i] += toFloat(vdy.at[i]) * toFloat(vx.at[i]) * factor;
  }
  float* to = scratch + rows + i64(stripe) * n + column;
#pragma unroll
  for (int i = 0; i < PER; i++) to[i] = sums[i];
}
#else

extern "C" __global__ void __launch_bounds__(256)
backwardGain(element_t* __restrict__ dgain, const float* __restrict__ scratch, int rows, int n, int stripes) {
  const int column = blockIdx.x * blockDim.x + threadIdx.x;
  if (column >= n) return;
  float sum = 0.0f;
  for (i64 stripe = 0; stripe < stripes; stripe++) sum += scratch[rows + stripe * n + column];
  fromFloat(sum, dgain[column]);
}
#endif
