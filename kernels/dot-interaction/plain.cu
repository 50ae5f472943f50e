// Dot products of all pairs of a sample's vectors with plain multiply-adds: a thread has one pair at a time.

#define ELEMENT F16 // @data-types fp32 = F32, fp16 = F16, bf16 = BF16
#include "common.cuh"

#define THREADS 128 // @knob warps {64, 128, 256} threads of a block
#define IS_STAGED 1 // @knob shared-staging {0, 1} whether a sample's vectors are kept in shared memory

// @let bytes IS_STAGED * 4 * vectors * (dim + 1)
// @require bytes <= 232448
// @launch interact grid(batch) block(THREADS) shared(bytes) args(x, out)

#define VECTORS AXIS_vectors
#define DIM AXIS_dim
#define PAIRS (VECTORS * (VECTORS - 1) / 2)

extern "C" __global__ void __launch_bounds__(THREADS)
interact(const element_t* __restrict__ x, element_t* __restrict__ out) {
  extern __shared__ float staged[];
  const element_t* from = x + i64(blockIdx.x) * (VECTORS * DIM);
  if (IS_STAGED) {
    for (int at = threadIdx.x; at < VECTORS * DIM; at += THREADS) {
      staged[at / DIM * (DIM + 1) + at % DIM] = toFloat(from[at]);
    }
    __syncthreads();
  }
  for (int pair = threadIdx.x; pair < PAIRS; pair += THREADS) {
    int i = int((1.0f + sqrtf(1.0f + 8.0f * float(pair))) * 0.5f);
    while (i * (i - 1) / 2 > pair) i--;
    while (i * (i + 1) / 2 <= pair) i++;
    const int j = pair - i * (i - 1) / 2;
    float sum = 0.0f;
    for (int d = 0; d < DIM; d++) {
      sum += IS_STAGED ? staged[i * (DIM + 1) + d] * staged[j * (DIM + 1) + d]
                       : toFloat(from[i * DIM + d]) * toFloat(from[j * DIM + d]);
    }
    fromFloat(sum, out[i64(blockIdx.x) * PAIRS + pair]);
  }
}
