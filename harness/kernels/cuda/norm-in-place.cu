#include "common.cuh"
#include "rows.cuh"

// rows [rows, n] over their root mean square, times gain [n], where they lie.
extern "C" __global__ void __launch_bounds__(BLOCK)
normInPlace(const element_t* __restrict__ gain, element_t* out, int rows, int n) {
  __shared__ float partial[BLOCK / WARP];
  const i64 row = i64(blockIdx.x) * ROWS_OF_BLOCK + threadIdx.x / THREADS;
  const bool isThere = row < rows;
  const int first = threadIdx.x % THREADS * PER;
  float squares = 0.0f;
  for (int column = first; isThere && column < n; column += THREADS * PER) {
    const Vector<element_t, PER> v = loadVector<element_t, PER>(out + row * n + column);
#pragma unroll
    for (int i = 0; i < PER; i++) squares += toFloat(v.at[i]) * toFloat(v.at[i]);
  }
  const float factor = 1.0f / sqrtf(overRow<Sum>(squares, partial) / float(n) + 1e-5f);
  for (int column = first; isThere && column < n; column += THREADS * PER) {
    const Vector<element_t, PER> v = loadVector<element_t, PER>(out + row * n + column);
    const Vector<element_t, PER> g = loadVector<element_t, PER>(gain + column);
    float y[PER];
#pragma unroll
    for (int i = 0; i < PER; i++) y[i] = toFloat(v.at[i]) * factor * toFloat(g.at[i]);
    storeFloats<element_t, PER>(out + row * n + column, y);
  }
}
