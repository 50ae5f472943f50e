// Every access of the answer by itself, wherever it lies: blocks are all equally busy, whatever the sequences are. Places are
// divided by constants.

#define ELEMENT F32 // @data-types fp32 = F32, bf16 = BF16, fp16 = F16
#include "common.cuh"
#include "groups.cuh"

#define ACCESS 16 // @knob vector-width {4, 8, 16} bytes of an access at most
#define OPEN 32 // @knob bytes-in-flight {8, 16, 32} elements that a thread has open; fewer where threads would be few
#define BLOCK 256 // @knob warps {64, 128, 256, 512} threads of a block
#define ONCE 0 // @knob cache-hints {0, 1} 1: sequences are read past L1
#define PAST 1 // @knob cache-hints {0, 1} 1: answers are written past the caches

// @require batch * padded * dim <= 2147418112
// @let few batch * padded * dim / 131072
// @let open min(OPEN, 8 + 8 * (few >= 16) + 16 * (few >= 32))
// @launch copyRows grid(ceil_div(batch * padded * dim, BLOCK * open)) block(BLOCK) args(values, offsets, out)

constexpr int DIM = AXIS_dim;
constexpr int PADDED = AXIS_padded;
constexpr int FEW = AXIS_batch * PADDED * DIM / 131072;
constexpr int SPREAD = FEW >= 32 ? 32 : FEW >= 16 ? 16 : 8;
constexpr int PER = elementsOfAccess(DIM, sizeof(element_t), ACCESS);
constexpr int UNROLL = (OPEN < SPREAD ? OPEN : SPREAD) / PER;
constexpr int WIDTH = PADDED * DIM / PER;
constexpr int TOTAL = AXIS_batch * WIDTH;
typedef Vector<element_t, PER>::raw_t raw_t;

extern "C" __global__ void __launch_bounds__(BLOCK)
copyRows(const raw_t* __restrict__ values, const int* __restrict__ offsets, raw_t* __restrict__ out) {
  const int first = blockIdx.x * (BLOCK * UNROLL) + threadIdx.x;
  raw_t held[UNROLL];
#pragma unroll
  for (int u = 0; u < UNROLL; u++) {
    const int at = first + u * BLOCK;
    zero(held[u]);
    if (at >= TOTAL) continue;
    const int sequence = u32(at) / WIDTH;
    const int place = at - sequence * WIDTH;
    const int start = loadKept(offsets + sequence);
    const int there = loadKept(offsets + sequence + 1) - start;
    if (place < i64(there) * (DIM / PER)) held[u] = loadRaw<ONCE>(values + i64(start) * (DIM / PER) + place);
  }
#pragma unroll
  for (int u = 0; u < UNROLL; u++) {
    const int at = first + u * BLOCK;
    if (at < TOTAL) storeRaw<PAST>(out + at, held[u]);
  }
}
