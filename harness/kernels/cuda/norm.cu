#include "common.cuh"
#include "rows.cuh"

// Layer norm and RMS norm. THREADS threads hold a row in registers, each CHUNKS vectors of PER elements; a block has
// blockDim.x / THREADS rows. Mean and variance are formed one after the other, so no digits cancel.

__device__ __forceinline__ float inverseRoot(float x) {
  return 1.0f / sqrtf(x);
}

// x [rows, n], gain [n], bias [n] (layer norm only) → [rows, n]
extern "C" __global__ void __launch_bounds__(BLOCK)
normRows(const element_t* __restrict__ x, const element_t* __restrict__ gain,
#if IS_LAYER_NORM
     const element_t* __restrict__ bias,
#endif
     element_t* __restrict__ out, int rows, int n) {
  __shared__ float partial[2][BLOCK / WARP];
  const i64 row = i64(blockIdx.x) * ROWS_OF_BLOCK + threadIdx.x / THREADS;
  const int thread = threadIdx.x % THREADS;
  const bool isThere = row < rows;
  const element_t* from = x + row * n;

  Vector<element_t, PER> held[CHUNKS];
#pragma unroll
  for (int c = 0; c < CHUNKS; c++) {
    const int column = (c * THREADS + thread) * PER;
    if (isThere && column < n) held[c] = loadVectorOnce<element_t, PER>(from + column);
    else zero(held[c].raw);
  }
#if IS_LAYER_NORM
  float total = 0.0f;
#pragma unroll
  for (int c = 0; c < CHUNKS; c++) {
#pragma unroll
    for (int i = 0; i < PER; i++) total += toFloat(held[c].at[i]);
  }
  const float mean = overRow<Sum>(total, partial[0]) / float(n);
#else
  const float mean = 0.0f;
#endif
  float squares = 0.0f;
#pragma unroll
  for (int c = 0; c < CHUNKS; c++) {
    const bool isInside = (c * THREADS + thread) * PER < n;
#pragma unroll
    for (int i = 0; i < PER; i++) {
      const float d = toFloat(held[c].at[i]) - mean;
      if (isInside) squares += d * d;
    }
  }
  const float factor = inverseRoot(overRow<Sum>(squares, partial[1]) / float(n) + 1e-5f);
  if (!isThere) return;
#pragma unroll
  for (int c = 0; c < CHUNKS; c++) {
    const int column = (c * THREADS + thread) * PER;
    if (column >= n) continue;
    const Vector<element_t, PER> g = loadVector<element_t, PER>(gain + column);
    float y[PER];
#pragma unroll
    for (int i = 0; i < PER; i++) y[i] = (toFloat(held[c].at[i]) - mean) * factor * toFloat(g.at[i]);
#if IS_LAYER_NORM
    const Vector<element_t, PER> b = loadVector<element_t, PER>(bias + column);
#pragma unroll
    for (int i = 0; i < PER; i++) y[i] += toFloat(b.at[i]);
#endif
    storeFloats<element_t, PER>(out + row * n + column, y);
  }
}
