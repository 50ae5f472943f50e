// A block has a row. Every element is a key that no other has: its value in an order of unsigned integers, then how far left it
// is. The least key that stays is found eight bits at a time by counting; keys from it on are gathered and sorted.

#define ELEMENT F32 // @data-types fp32 = F32, bf16 = BF16, fp16 = F16
#include "common.cuh"
#include "groups.cuh"

#define ACCESS 16 // @knob vector-width {8, 16} bytes of an access at most
#define BLOCK 256 // @knob warps-per-row {64, 128, 256, 512} threads that share a row
#define STAGED 8192 // @knob shared-staging {8192, 32768} elements of the longest row that is kept in shared memory
#define COPIES 4 // @knob accumulation {1, 2, 4} counters of a digit, for threads that would wait for each other

// @require COPIES <= BLOCK / 32
// @require 16 * k + 4 * n * (n <= STAGED) <= 180000
// @launch topK grid(rows) block(BLOCK) shared(16 * k + 4 * n * (n <= STAGED)) args(x, values, indices)

constexpr int N = AXIS_n;
constexpr int K = AXIS_k;
constexpr int PER = elementsOfAccess(N, sizeof(element_t), ACCESS);
constexpr int POWER = powerAbove(K);
constexpr bool IS_STAGED = N <= STAGED;

__device__ __forceinline__ u32 orderOf(element_t x) {
  // −0 becomes 0.
  const u32 bits = __float_as_uint(toFloat(x) + 0.0f);
  return bits & 0x80000000u ? ~bits : bits | 0x80000000u;
}
__device__ __forceinline__ u64 keyOf(u32 order, int column) { return u64(order) << 32 | u32(~column); }

// Calls each(order, column) for all of the row; from shared memory once it is there.
template <class Each> __device__ __forceinline__ void overElements(const element_t* row, const u32* kept, Each each) {
  if (kept) {
    for (int column = threadIdx.x; column < N; column += BLOCK) each(kept[column], column);
    return;
  }
  for (int column = threadIdx.x * PER; column < N; column += BLOCK * PER) {
    const Vector<element_t, PER> v = loadVector<element_t, PER>(row + column);
#pragma unroll
    for (int i = 0; i < PER; i++) each(orderOf(v.at[i]), column + i);
  }
}

// By the first warp: the digit that the `wanted`th largest key has. Leaves how many of that digit are still wanted, 0 if all.
__device__ __forceinline__ int findDigit(const u32* counts, u32& wanted) {
  // A lane has eight digits, the largest ones in lane 0.
  const int lane = threadIdx.x;
  const int top = 255 - 8 * lane;
  u32 own[8];
  u32 sum = 0;
#pragma unroll
  for (int i = 0; i < 8; i++) {
    own[i] = 0;
#pragma unroll
    for (int copy = 0; copy < COPIES; copy++) own[i] += counts[copy * 256 + top - i];
    sum += own[i];
  }
  u32 upTo = sum;
#pragma unroll
  for (int apart = 1; apart < 32; apart *= 2) {
    const u32 other = fromLane<32>(upTo, max(0, lane - apart));
    if (lane >= apart) upTo += other;
  }
  int digit = 0;
  u32 left = 0;
  u32 above = upTo - sum;
  if (above < wanted && wanted <= upTo) {
#pragma unroll
    for (int i = 0; i < 8; i++) {
      if (above < wanted && wanted <= above + own[i]) {
        digit = top - i;
        left = wanted == above + own[i] ? 0 : wanted - above;
      }
      above += own[i];
    }
  }
#pragma unroll
  for (int apart = 16; apart > 0; apart /= 2) {
    digit += fromLaneXor<32>(digit, apart);
    left += fromLaneXor<32>(left, apart);
  }
  wanted = left;
  return digit;
}

// The least of the K largest keys, in all threads.
__device__ __forceinline__ u64 leastOfBest(const element_t* row, u32* kept) {
  __shared__ u32 counts[COPIES * 256];
  __shared__ u64 prefix;
  __shared__ u32 wanted;
  u32* own = counts + threadIdx.x / 32 % COPIES * 256;
  if (threadIdx.x == 0) {
    prefix = 0;
    wanted = K;
  }
  for (int shift = 56; shift >= 0; shift -= 8) {
    for (int i = threadIdx.x; i < COPIES * 256; i += BLOCK) counts[i] = 0;
    __syncthreads();
    const u64 before = prefix;
    const bool isFirst = shift == 56;
    overElements(row, isFirst ? nullptr : kept, [&](u32 order, int column) {
      const u64 key = keyOf(order, column);
      if (isFirst && kept) kept[column] = order;
      // Only keys that agree in all digits before; there are none before the first.
      if (isFirst || (key ^ before) >> (shift + 8) == 0) atomicAdd(own + (u32(key >> shift) & 255u), 1u);
    });
    __syncthreads();
    if (threadIdx.x < 32) {
      u32 left = wanted;
      const int digit = findDigit(counts, left);
      if (threadIdx.x == 0) {
        prefix = before | u64(digit) << shift;
        wanted = left;
      }
    }
    __syncthreads();
    // All that agree with it so far stay: nothing is left to tell apart.
    if (wanted == 0) break;
  }
  return prefix;
}

// Falling order, POWER keys.
__device__ __forceinline__ void sortKeys(u64* keys) {
  for (int run = 2; run <= POWER; run *= 2) {
    for (int apart = run / 2; apart > 0; apart /= 2) {
      __syncthreads();
      for (int i = threadIdx.x; i < POWER / 2; i += BLOCK) {
        const int at = 2 * i - i % apart;
        const bool isFalling = (at & run) == 0;
        const u64 a = keys[at];
        const u64 b = keys[at + apart];
        if ((a < b) != isFalling) continue;
        keys[at] = b;
        keys[at + apart] = a;
      }
    }
  }
}

extern "C" __global__ void __launch_bounds__(BLOCK)
topK(const element_t* __restrict__ x, element_t* __restrict__ values, int* __restrict__ indices) {
  extern __shared__ u64 best[];
  __shared__ u32 gathered;
  const element_t* row = x + i64(blockIdx.x) * N;
  u32* kept = IS_STAGED ? reinterpret_cast<u32*>(best + 2 * K) : nullptr;
  if (threadIdx.x == 0) gathered = 0;
  const u64 least = leastOfBest(row, kept);
  for (int i = threadIdx.x; i < POWER; i += BLOCK) best[i] = 0;
  __syncthreads();
  overElements(row, kept, [&](u32 order, int column) {
    const u64 key = keyOf(order, column);
    if (key >= least) best[atomicAdd(&gathered, 1u)] = key;
  });
  sortKeys(best);
  __syncthreads();
  for (int i = threadIdx.x; i < K; i += BLOCK) {
    const int column = int(~u32(best[i]));
    values[i64(blockIdx.x) * K + i] = row[column];
    indices[i64(blockIdx.x) * K + i] = column;
  }
}
