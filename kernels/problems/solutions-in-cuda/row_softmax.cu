// @data-types fp32
// @launch softmax grid(x_0) block(THREADS) args(x, out, x_1)

#define THREADS 256 // @knob warps {128, 256, 512, 1024} threads of a row

__device__ float over_block(float own, float* shared, bool is_sum) {
  for (int apart = 16; apart > 0; apart /= 2) {
    const float other = __shfl_xor_sync(0xffffffffu, own, apart);
    own = is_sum ? own + other : fmaxf(own, other);
  }
  if (threadIdx.x % 32 == 0) shared[threadIdx.x / 32] = own;
  __syncthreads();
  float all = shared[0];
  for (int warp = 1; warp < THREADS / 32; warp++) {
    all = is_sum ? all + shared[warp] : fmaxf(all, shared[warp]);
  }
  __syncthreads();
  return all;
}

extern "C" __global__ void softmax(const float* x, float* out, int width) {
  __shared__ float shared[THREADS / 32];
  const long long first = (long long)blockIdx.x * width;
  float most = -3.402823466e38f;
  for (int at = threadIdx.x; at < width; at += THREADS) most = fmaxf(most, x[first + at]);
  most = over_block(most, shared, false);
  float sum = 0.0f;
  for (int at = threadIdx.x; at < width; at += THREADS) sum += expf(x[first + at] - most);
  sum = over_block(sum, shared, true);
  for (int at = threadIdx.x; at < width; at += THREADS) {
    out[first + at] = expf(x[first + at] - most) / sum;
  }
}
