// What is added up or compared over a row that THREADS threads share; a block of BLOCK threads has BLOCK / THREADS rows.

#define ROWS_OF_BLOCK (BLOCK / THREADS)
#define LANES (THREADS < WARP ? THREADS : WARP)
#define WARPS_OF_ROW (THREADS / LANES)

struct Sum {
  __device__ __forceinline__ static float of(float a, float b) { return a + b; }
};
struct Largest {
  __device__ __forceinline__ static float of(float a, float b) { return fmaxf(a, b); }
};

// The same in all threads of a row. Every thread of the block takes part; `partial` holds a number of each warp and is
// not used again before the block has met.
template <class Way> __device__ __forceinline__ float overRow(float x, float* partial) {
#pragma unroll
  for (int lanes = LANES / 2; lanes > 0; lanes /= 2) x = Way::of(x, fromLaneXor<LANES>(x, lanes));
#if THREADS > WARP
  const int warp = threadIdx.x / WARP;
  if (threadIdx.x % WARP == 0) partial[warp] = x;
  __syncthreads();
  const float* first = partial + warp / WARPS_OF_ROW * WARPS_OF_ROW;
  x = first[0];
#pragma unroll
  for (int w = 1; w < WARPS_OF_ROW; w++) x = Way::of(x, first[w]);
#endif
  return x;
}
