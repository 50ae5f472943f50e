#include "common.cuh"

// The K largest of each row, falling, of equals the one further left first. A block has a row. Every element is a key that
// no other has: its value in an order of unsigned integers, then how far left it is. The least key that stays is found
// eight bits at a time by counting; keys from it on are gathered and sorted (POWER is a power of two, at least K).

__device__ __forceinline__ u64 keyOf(element_t x, int column) {
  // −0 becomes 0.
  const u32 bits = __float_as_uint(toFloat(x) + 0.0f);
  const u32 ordered = bits & 0x80000000u ? ~bits : bits | 0x80000000u;
  return u64(ordered) << 32 | u32(~column);
}

extern "C" __global__ void __launch_bounds__(256)
topK(const element_t* __restrict__ x, element_t* __restrict__ values, int* __restrict__ indices, int n, int k) {
  extern __shared__ u64 best[];
  __shared__ u32 counts[256];
  __shared__ u64 least;
  __shared__ u32 wanted, gathered;
  const element_t* row = x + i64(blockIdx.x) * n;
  if (threadIdx.x == 0) {
    least = 0;
    wanted = k;
    gathered = 0;
  }
  for (int shift = 56; shift >= 0; shift -= 8) {
    counts[threadIdx.x] = 0;
    __syncthreads();
    const u64 prefix = least;
    for (int column = threadIdx.x; column < n; column += 256) {
      const u64 key = keyOf(row[column], column);
      // Only keys that agree in all digits before; there are none before the first.
      if (shift == 56 || (key ^ prefix) >> (shift + 8) == 0) atomicAdd(&counts[u32(key >> shift) & 255u], 1u);
    }
    __syncthreads();
    if (threadIdx.x == 0) {
      int digit = 255;
      while (counts[digit] < wanted) wanted -= counts[digit--];
      least = prefix | u64(digit) << shift;
      // All that agree with it so far stay: nothing is left to tell apart.
      if (counts[digit] == wanted) wanted = 0;
    }
    __syncthreads();
    if (wanted == 0) break;
  }
  for (int at = threadIdx.x; at < POWER; at += 256) best[at] = 0;
  __syncthreads();
  for (int column = threadIdx.x; column < n; column += 256) {
    const u64 key = keyOf(row[column], column);
    if (key >= least) best[atomicAdd(&gathered, 1u)] = key;
  }
  for (int run = 2; run <= POWER; run *= 2) {
    for (int apart = run / 2; apart > 0; apart /= 2) {
      __syncthreads();
      for (int at = threadIdx.x; at < POWER; at += 256) {
        const int other = at ^ apart;
        if (other < at) continue;
        const bool isFalling = (at & run) == 0;
        if ((best[at] < best[other]) != isFalling) continue;
        const u64 held = best[at];
        best[at] = best[other];
        best[other] = held;
      }
    }
  }
  __syncthreads();
  for (int i = threadIdx.x; i < k; i += 256) {
    const int column = int(~u32(best[i]));
    values[i64(blockIdx.x) * k + i] = row[column];
    indices[i64(blockIdx.x) * k + i] = column;
  }
}
