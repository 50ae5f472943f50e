#include "common.cuh"

// Side by side (concat: [inputs, rows, width] → [rows, inputs, width]) and back (split), by accesses of BYTES bytes. A
// thread owns a place in the width and strides over the rows × inputs pieces in the order of the wide tensor, UNROLL of
// them in flight.

#define UNROLL 4
typedef Raw<BYTES>::type raw_t;

// Where piece `at` of [rows, inputs] lies in [inputs, rows].
__device__ __forceinline__ i64 placeOfPiece(u32 at, u32 rows, u32 inputs) {
  return i64(at % inputs) * rows + at / inputs;
}

template <bool IsConcat> __device__ __forceinline__ void rearrange(const raw_t* from, raw_t* to, int rows, int inputs,
                                                                   int width) {
  const int column = blockIdx.x * blockDim.x + threadIdx.x;
  if (column >= width) return;
  const i64 pieces = i64(rows) * inputs;
  const i64 stride = gridDim.y * blockDim.y;
  for (i64 first = blockIdx.y * blockDim.y + threadIdx.y; first < pieces; first += UNROLL * stride) {
    raw_t v[UNROLL];
    i64 narrow[UNROLL];
#pragma unroll
    for (int u = 0; u < UNROLL; u++) {
      const i64 wide = first + u * stride;
      narrow[u] = placeOfPiece(u32(wide), rows, inputs) * width + column;
      if (wide < pieces) v[u] = loadOnce(from + (IsConcat ? narrow[u] : wide * width + column));
    }
#pragma unroll
    for (int u = 0; u < UNROLL; u++) {
      const i64 wide = first + u * stride;
      if (wide < pieces) to[IsConcat ? wide * width + column : narrow[u]] = v[u];
    }
  }
}

extern "C" __global__ void __launch_bounds__(256)
concat(const raw_t* __restrict__ x, raw_t* __restrict__ out, int rows, int inputs, int width) {
  rearrange<true>(x, out, rows, inputs, width);
}

extern "C" __global__ void __launch_bounds__(256)
split(const raw_t* __restrict__ x, raw_t* __restrict__ out, int rows, int inputs, int width) {
  rearrange<false>(x, out, rows, inputs, width);
}
