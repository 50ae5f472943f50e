#include "common.cuh"

// a, b [vectors × PER] → a · sigmoid(a) · b
extern "C" __global__ void __launch_bounds__(256)
swiglu(const element_t* __restrict__ a, const element_t* __restrict__ b, element_t* __restrict__ out, i64 vectors) {
  const i64 stride = i64(gridDim.x) * blockDim.x;
  for (i64 at = i64(blockIdx.x) * blockDim.x + threadIdx.x; at < vectors; at += stride) {
    const Vector<element_t, PER> va = loadVectorOnce<element_t, PER>(a + at * PER);
    const Vector<element_t, PER> vb = loadVectorOnce<element_t, PER>(b + at * PER);
    float answer[PER];
#pragma unroll
    for (int i = 0; i < PER; i++) {
      const float gate = toFloat(va.at[i]);
      answer[i] = gate / (1.0f + expf(-gate)) * toFloat(vb.at[i]);
    }
    storeFloats<element_t, PER>(out + at * PER, answer);
  }
}
