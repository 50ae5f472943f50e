#include "common.cuh"

// Operators on flat arrays: product of tensors, reading memory, doing nothing.

#ifdef INPUTS
typedef Vector<element_t, PER> vector_t;

// x [INPUTS, vectors × PER] → product over the inputs
extern "C" __global__ void __launch_bounds__(256)
elementwise(const element_t* __restrict__ x, element_t* __restrict__ out, i64 vectors) {
  const i64 stride = i64(gridDim.x) * blockDim.x;
  for (i64 first = i64(blockIdx.x) * blockDim.x + threadIdx.x; first < vectors; first += 2 * stride) {
    vector_t v[2][INPUTS];
#pragma unroll
    for (int u = 0; u < 2; u++) {
      const i64 at = first + u * stride;
#pragma unroll
      for (int k = 0; k < INPUTS; k++) {
        if (at < vectors) v[u][k] = loadVectorOnce<element_t, PER>(x + (k * vectors + at) * PER);
        else zero(v[u][k].raw);
      }
    }
#pragma unroll
    for (int u = 0; u < 2; u++) {
      const i64 at = first + u * stride;
      if (at >= vectors) continue;
      float product[PER];
#pragma unroll
      for (int i = 0; i < PER; i++) {
        product[i] = toFloat(v[u][0].at[i]);
#pragma unroll
        for (int k = 1; k < INPUTS; k++) product[i] *= toFloat(v[u][k].at[i]);
      }
      storeFloats<element_t, PER>(out + at * PER, product);
    }
  }
}
#else

// Reads `vectors` × 16 bytes and writes each block's sum of their 32-bit words behind them: nothing can be left out.
extern "C" __global__ void __launch_bounds__(256) memoryStream(uint4* __restrict__ memory, i64 vectors) {
  const i64 stride = i64(gridDim.x) * blockDim.x;
  u32 sum = 0;
  i64 at = i64(blockIdx.x) * blockDim.x + threadIdx.x;
  for (; at + 3 * stride < vectors; at += 4 * stride) {
    uint4 v[4];
#pragma unroll
    for (int u = 0; u < 4; u++) v[u] = loadOnce(memory + at + u * stride);
#pragma unroll
    for (int u = 0; u < 4; u++) sum += v[u].x + v[u].y + v[u].z + v[u].w;
  }
  for (; at < vectors; at += stride) {
    const uint4 v = loadOnce(memory + at);
    sum += v.x + v.y + v.z + v.w;
  }
#pragma unroll
  for (int lanes = WARP / 2; lanes > 0; lanes /= 2) sum += fromLaneXor<WARP>(sum, lanes);
  __shared__ u32 sums[256 / WARP];
  if (threadIdx.x % WARP == 0) sums[threadIdx.x / WARP] = sum;
  __syncthreads();
  if (threadIdx.x != 0) return;
  for (int w = 1; w < 256 / WARP; w++) sum += sums[w];
  reinterpret_cast<u32*>(memory + vectors)[blockIdx.x] = sum;
}

extern "C" __global__ void doNothing() {}
#endif
