#include "common.cuh"

// Operators on rows of N elements whose columns a thread keeps: bias and activation, product of tensors, the end of a
// cross layer. A thread owns PER columns and strides over rows, UNROLL rows in flight.

typedef Vector<element_t, PER> vector_t;
#define UNROLL 4

__device__ __forceinline__ vector_t zeros() {
  vector_t v;
  zero(v.raw);
  return v;
}

// x [rows, n], bias [n] → max(0, x + bias)
extern "C" __global__ void __launch_bounds__(256)
biasActivation(const element_t* __restrict__ x, const element_t* __restrict__ bias, element_t* __restrict__ out,
               int rows, int n) {
  const int column = (blockIdx.x * blockDim.x + threadIdx.x) * PER;
  if (column >= n) return;
  float added[PER];
  const vector_t b = loadVector<element_t, PER>(bias + column);
#pragma unroll
  for (int i = 0; i < PER; i++) added[i] = toFloat(b.at[i]);
  const int stride = gridDim.y * blockDim.y;
  for (int first = blockIdx.y * blockDim.y + threadIdx.y; first < rows; first += UNROLL * stride) {
    vector_t v[UNROLL];
#pragma unroll
    for (int u = 0; u < UNROLL; u++) {
      const i64 row = first + i64(u) * stride;
      v[u] = row < rows ? loadVectorOnce<element_t, PER>(x + row * n + column) : zeros();
    }
#pragma unroll
    for (int u = 0; u < UNROLL; u++) {
      const i64 row = first + i64(u) * stride;
      if (row >= rows) continue;
      float y[PER];
#pragma unroll
      for (int i = 0; i < PER; i++) y[i] = fmaxf(0.0f, toFloat(v[u].at[i]) + added[i]);
      storeFloats<element_t, PER>(out + row * n + column, y);
    }
  }
}

// One answer of the cross layer: x0 ⊙ (z + bias) + x; integers in units of 1/128.
__device__ __forceinline__ float crossed(float x0, float z, float bias, float x) {
#if ELEMENT == I8
  return x0 * (z + bias) * (1.0f / 128.0f) + x;
#else
  return x0 * (z + bias) + x;
#endif
}

// x0, z [rows, n], bias [n], x [rows, n] → x0 ⊙ (z + bias) + x
extern "C" __global__ void __launch_bounds__(256)
crossEpilogue(const element_t* __restrict__ x0, const element_t* __restrict__ z, const element_t* __restrict__ bias,
              const element_t* __restrict__ x, element_t* __restrict__ y, int rows, int n) {
  const int column = (blockIdx.x * blockDim.x + threadIdx.x) * PER;
  if (column >= n) return;
  const vector_t b = loadVector<element_t, PER>(bias + column);
  const int stride = gridDim.y * blockDim.y;
  for (int first = blockIdx.y * blockDim.y + threadIdx.y; first < rows; first += 2 * stride) {
    vector_t vx0[2], vz[2], vx[2];
#pragma unroll
    for (int u = 0; u < 2; u++) {
      const i64 row = first + i64(u) * stride;
      const i64 at = row * n + column;
      vx0[u] = row < rows ? loadVectorOnce<element_t, PER>(x0 + at) : zeros();
      vz[u] = row < rows ? loadVectorOnce<element_t, PER>(z + at) : zeros();
      vx[u] = row < rows ? loadVectorOnce<element_t, PER>(x + at) : zeros();
    }
#pragma unroll
    for (int u = 0; u < 2; u++) {
      const i64 row = first + i64(u) * stride;
      if (row >= rows) continue;
      float answer[PER];
#pragma unroll
      for (int i = 0; i < PER; i++) {
        answer[i] = crossed(toFloat(vx0[u].at[i]), toFloat(vz[u].at[i]), toFloat(b.at[i]), toFloat(vx[u].at[i]));
      }
      storeFloats<element_t, PER>(y + row * n + column, answer);
    }
  }
}
