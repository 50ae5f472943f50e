#include "common.cuh"
#include "rows.cuh"

// Softmax and cross-entropy. THREADS threads go over a row together, PER elements at a time: once for the largest
// element and the sum of exponentials, and for softmax once more for the answer.

struct Exponentials { float most, sum; };

// The largest of a row, and the sum of e^(x − largest), both found in one go: a sum is scaled when a larger element comes.
__device__ __forceinline__ Exponentials exponentialsOf(const element_t* from, bool isThere, int n) {
  __shared__ float partial[2][BLOCK / WARP];
  float most = -INFINITY_F;
  float sum = 0.0f;
  for (int column = threadIdx.x % THREADS * PER; isThere && column < n; column += THREADS * PER) {
    const Vector<element_t, PER> v = loadVector<element_t, PER>(from + column);
#pragma unroll
    for (int i = 0; i < PER; i++) {
      const float x = toFloat(v.at[i]);
      if (x > most) {
        sum *= expf(most - x);
        most = x;
      }
      sum += expf(x - most);
    }
  }
  const float mostOfRow = overRow<Largest>(most, partial[0]);
  // A thread without elements has a sum of 0 and a largest of −∞.
  return {mostOfRow, overRow<Sum>(sum > 0.0f ? sum * expf(most - mostOfRow) : 0.0f, partial[1])};
}

#if IS_SOFTMAX
// x [rows, n] → [rows, n]
extern "C" __global__ void __launch_bounds__(BLOCK)
softmax(const element_t* __restrict__ x, element_t* __restrict__ out, int rows, int n) {
  const i64 row = i64(blockIdx.x) * ROWS_OF_BLOCK + threadIdx.x / THREADS;
  const bool isThere = row < rows;
  const element_t* from = x + row * n;
  const Exponentials of = exponentialsOf(from, isThere, n);
  const float factor = 1.0f / of.sum;
  for (int column = threadIdx.x % THREADS * PER; isThere && column < n; column += THREADS * PER) {
    const Vector<element_t, PER> v = loadVector<element_t, PER>(from + column);
    float y[PER];
#pragma unroll
    for (int i = 0; i < PER; i++) y[i] = expf(toFloat(v.at[i]) - of.most) * factor;
    storeFloats<element_t, PER>(out + row * n + column, y);
  }
}
#else

// logits [rows, n], targets [rows] → loss [rows]
extern "C" __global__ void __launch_bounds__(BLOCK)
crossEntropy(const element_t* __restrict__ logits, const int* __restrict__ targets, float* __restrict__ loss, int rows,
             int n) {
  const i64 row = i64(blockIdx.x) * ROWS_OF_BLOCK + threadIdx.x / THREADS;
  const bool isThere = row < rows;
  const Exponentials of = exponentialsOf(logits + row * n, isThere, n);
  if (isThere && threadIdx.x % THREADS == 0) {
    loss[row] = logf(of.sum) + of.most - toFloat(logits[row * n + targets[row]]);
  }
}
#endif
