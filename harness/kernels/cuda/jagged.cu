#include "common.cuh"

// Packed rows values [tokens, width] with sequences from offsets[b] to offsets[b + 1], in accesses of BYTES bytes, to
// out [batch, padded, width]: zeros behind a sequence, nothing of what is too long.

typedef Raw<BYTES>::type raw_t;

extern "C" __global__ void __launch_bounds__(256)
jaggedToPadded(const raw_t* __restrict__ values, const int* __restrict__ offsets, raw_t* __restrict__ out, int rows,
               int padded, int width) {
  const int column = blockIdx.x * blockDim.x + threadIdx.x;
  if (column >= width) return;
  for (i64 row = blockIdx.y * blockDim.y + threadIdx.y; row < rows; row += gridDim.y * blockDim.y) {
    const int sequence = int(row / padded);
    const i64 token = loadKept(offsets + sequence) + row % padded;
    raw_t v;
    zero(v);
    if (token < loadKept(offsets + sequence + 1)) v = loadOnce(values + token * width + column);
    out[row * width + column] = v;
  }
}
