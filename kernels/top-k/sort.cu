// Rows of up to a few thousand elements: a block sorts a whole row in shared memory, as keys that no other element has: the
// value in an order of unsigned integers, then how far left it is.

#define ELEMENT F32 // @data-types fp32 = F32, bf16 = BF16, fp16 = F16
#include "common.cuh"
#include "groups.cuh"

#define BLOCK 128 // @knob warps-per-row {32, 64, 128, 256, 512, 1024} threads that share a row

// @require n <= 8192
// @launch topK grid(rows) block(BLOCK) shared(16 * n) args(x, values, indices)

constexpr int N = AXIS_n;
constexpr int K = AXIS_k;
constexpr int POWER = powerAbove(N);
// Runs that hold K are sorted; of two such runs only the larger half is looked at again.
constexpr int RUN = powerAbove(K);

__device__ __forceinline__ u64 keyOf(element_t x, int column) {
  // −0 becomes 0.
  const u32 bits = __float_as_uint(toFloat(x) + 0.0f);
  const u32 ordered = bits & 0x80000000u ? ~bits : bits | 0x80000000u;
  return u64(ordered) << 32 | u32(~column);
}

// Puts pairs of keys in order, `apart` from each other: falling where `run` has an even place, rising where it has an odd one.
__device__ __forceinline__ void orderPairs(u64* keys, int count, int run, int apart) {
  __syncthreads();
  for (int i = threadIdx.x; i < count / 2; i += BLOCK) {
    const int at = 2 * i - i % apart;
    const bool isFalling = (at & run) == 0;
    const u64 a = keys[at];
    const u64 b = keys[at + apart];
    if ((a < b) != isFalling) continue;
    keys[at] = b;
    keys[at + apart] = a;
  }
}

// Of each two runs, one falling and one rising, the larger half: each pair's larger key, which make runs in turn.
__device__ __forceinline__ void keepLarger(u64* keys, int count) {
  constexpr int most = (POWER / 2 + BLOCK - 1) / BLOCK;
  u64 held[most];
  __syncthreads();
#pragma unroll
  for (int turn = 0; turn < most; turn++) {
    const int i = threadIdx.x + turn * BLOCK;
    if (i >= count / 2) continue;
    const int at = 2 * i - i % RUN;
    held[turn] = keys[at] < keys[at + RUN] ? keys[at + RUN] : keys[at];
  }
  __syncthreads();
#pragma unroll
  for (int turn = 0; turn < most; turn++) {
    const int i = threadIdx.x + turn * BLOCK;
    if (i < count / 2) keys[i] = held[turn];
  }
}

extern "C" __global__ void __launch_bounds__(BLOCK)
topK(const element_t* __restrict__ x, element_t* __restrict__ values, int* __restrict__ indices) {
  extern __shared__ u64 keys[];
  const element_t* row = x + i64(blockIdx.x) * N;
  for (int column = threadIdx.x; column < POWER; column += BLOCK) {
    keys[column] = column < N ? keyOf(row[column], column) : 0;
  }
  for (int run = 2; run <= RUN; run *= 2) {
    for (int apart = run / 2; apart > 0; apart /= 2) orderPairs(keys, POWER, run, apart);
  }
  for (int count = POWER; count > RUN; count /= 2) {
    keepLarger(keys, count);
    // Runs that first rise and then fall, or the other way round, are sorted again.
    for (int apart = RUN / 2; apart > 0; apart /= 2) orderPairs(keys, count / 2, RUN, apart);
  }
  __syncthreads();
  for (int i = threadIdx.x; i < K; i += BLOCK) {
    const int column = int(~u32(keys[i]));
    values[i64(blockIdx.x) * K + i] = row[column];
    indices[i64(blockIdx.x) * K + i] = column;
  }
}
