// The rows of a sequence lie together before and after: a copy and a filling with zeros, which know no rows. Blocks take
// pieces of sequences, one each.

#define ELEMENT F32 // @data-types fp32 = F32, bf16 = BF16, fp16 = F16
#include "common.cuh"
#include "groups.cuh"

#define ACCESS 16 // @knob vector-width {4, 8, 16} bytes of an access at most
#define OPEN 16 // @knob bytes-in-flight {8, 16, 32} elements that a thread has open
#define BLOCK 128 // @knob warps {32, 64, 128, 256} threads of a block
#define ONCE 0 // @knob cache-hints {0, 1} 1: sequences are read past L1
#define PAST 1 // @knob cache-hints {0, 1} 1: answers are written past the caches

// @let pieces ceil_div(padded * dim, BLOCK * OPEN)
// @require batch * ceil_div(padded * dim, BLOCK * OPEN) < 2147483647
// @launch copyRows grid(batch * pieces) block(BLOCK) args(values, offsets, out)

constexpr int DIM = AXIS_dim;
constexpr int PADDED = AXIS_padded;
constexpr int PER = elementsOfAccess(DIM, sizeof(element_t), ACCESS);
constexpr int UNROLL = OPEN / PER;
constexpr int WIDTH = PADDED * DIM / PER;
constexpr int PIECES = divideUp(PADDED * DIM, BLOCK * OPEN);
typedef Vector<element_t, PER>::raw_t raw_t;

extern "C" __global__ void __launch_bounds__(BLOCK)
copyRows(const raw_t* __restrict__ values, const int* __restrict__ offsets, raw_t* __restrict__ out) {
  const int sequence = blockIdx.x / PIECES;
  const int start = loadKept(offsets + sequence);
  const i64 there = i64(loadKept(offsets + sequence + 1) - start) * (DIM / PER);
  const raw_t* from = values + i64(start) * (DIM / PER);
  raw_t* to = out + i64(sequence) * WIDTH;
  const int first = blockIdx.x % PIECES * (BLOCK * UNROLL) + threadIdx.x;
  raw_t held[UNROLL];
#pragma unroll
  for (int u = 0; u < UNROLL; u++) {
    const int at = first + u * BLOCK;
    zero(held[u]);
    if (at < WIDTH && at < there) held[u] = loadRaw<ONCE>(from + at);
  }
#pragma unroll
  for (int u = 0; u < UNROLL; u++) {
    const int at = first + u * BLOCK;
    if (at < WIDTH) storeRaw<PAST>(to + at, held[u]);
  }
}
