// Every element by itself, whatever its row: threads take accesses of both tensors side by side, once, and are done. Small
// tensors are spread over more threads by narrower accesses. A block of its own does what fills no access at the very end.

#define ELEMENT F32 // @data-types fp32 = F32, bf16 = BF16, fp16 = F16
#include "common.cuh"
#include "groups.cuh"

#define ACCESS 16 // @knob vector-width {4, 8, 16} bytes of an access at most
#define OPEN 8 // @knob bytes-in-flight {4, 8, 16} elements of each input that a thread has open; fewer where threads would be few
#define BLOCK 128 // @knob warps {64, 128, 256, 512} threads of a block
#define ONCE 0 // @knob cache-hints {0, 1} 1: inputs are read past L1
#define PAST 1 // @knob cache-hints {0, 1} 1: answers are written past the caches

// @require rows * n <= 2147418112
// @let few rows * n / 32768
// @let open min(OPEN, 1 + (few >= 2) + 2 * (few >= 4) + 4 * (few >= 8) + 8 * (few >= 16))
// @launch swiglu grid(ceil_div(rows * n, BLOCK * open) + (rows * n % open > 0)) block(BLOCK) args(a, b, out)

constexpr int TOTAL = AXIS_rows * AXIS_n;
constexpr int FEW = TOTAL / 32768;
constexpr int SPREAD = FEW >= 16 ? 16 : FEW >= 8 ? 8 : FEW >= 4 ? 4 : FEW >= 2 ? 2 : 1;
constexpr int OWN = OPEN < SPREAD ? OPEN : SPREAD;
constexpr int WIDEST = ACCESS / int(sizeof(element_t));
constexpr int PER = WIDEST < OWN ? WIDEST : OWN;
constexpr int UNROLL = OWN / PER;
constexpr int ACCESSES = TOTAL / PER;
constexpr int REST = TOTAL % PER;
constexpr bool IS_EXACT = TOTAL % (BLOCK * OWN) == 0;

__device__ __forceinline__ float gated(float a, float b) {
  return __fdividef(a, 1.0f + exponential<true>(-a)) * b;
}

extern "C" __global__ void __launch_bounds__(BLOCK)
swiglu(const element_t* __restrict__ a, const element_t* __restrict__ b, element_t* __restrict__ out) {
  if (REST > 0 && blockIdx.x == gridDim.x - 1) {
    const int rest = ACCESSES * PER + threadIdx.x;
    if (rest < TOTAL) fromFloat(gated(toFloat(a[rest]), toFloat(b[rest])), out[rest]);
    return;
  }
  const int first = blockIdx.x * (BLOCK * UNROLL) + threadIdx.x;
  Vector<element_t, PER> left[UNROLL], right[UNROLL];
#pragma unroll
  for (int u = 0; u < UNROLL; u++) {
    const i64 at = first + u * BLOCK;
    if (!IS_EXACT && at >= ACCESSES) continue;
    left[u] = loadNumbers<ONCE, element_t, PER>(a + at * PER);
    right[u] = loadNumbers<ONCE, element_t, PER>(b + at * PER);
  }
#pragma unroll
  for (int u = 0; u < UNROLL; u++) {
    const i64 at = first + u * BLOCK;
    if (!IS_EXACT && at >= ACCESSES) continue;
    float y[PER];
#pragma unroll
    for (int i = 0; i < PER; i++) y[i] = gated(toFloat(left[u].at[i]), toFloat(right[u].at[i]));
    storeNumbers<PAST>(out + at * PER, y);
  }
}
