// The rows of a sequence lie together before and after: a copy and a filling with zeros, which know no rows. Blocks take
// pieces of sequences.

#define ELEMENT F32 // @data-types fp32 = F32, bf16 = BF16, fp16 = F16
#include "common.cuh"
#include "groups.cuh"

#define ACCESS 16 // @knob vector-width {4, 8, 16} bytes of an access at most
#define UNROLL 4 // @knob bytes-in-flight {1, 2, 4, 8} accesses that a thread has open
#define BLOCK 256 // @knob warps {32, 64, 128, 256, 512} threads of a block
#define SPLIT 1 // @knob launch-shape {1, 2, 4, 8, 16} blocks that share a sequence
#define PAST 0 // @knob cache-hints {0, 1} 1: answers are written past the caches

// @require batch * SPLIT < 2147483647
// @launch copyRows grid(batch * SPLIT) block(BLOCK) args(values, offsets, out)

constexpr int DIM = AXIS_dim;
constexpr int PADDED = AXIS_padded;
constexpr int PER = elementsOfAccess(DIM, sizeof(element_t), ACCESS);
constexpr int WIDTH = PADDED * DIM / PER;
typedef Vector<element_t, PER>::raw_t raw_t;

extern "C" __global__ void __launch_bounds__(BLOCK)
copyRows(const raw_t* __restrict__ values, const int* __restrict__ offsets, raw_t* __restrict__ out) {
  const int sequence = blockIdx.x / SPLIT;
  const int start = loadKept(offsets + sequence);
  const i64 there = i64(loadKept(offsets + sequence + 1) - start) * (DIM / PER);
  const raw_t* from = values + i64(start) * (DIM / PER);
  raw_t* to = out + i64(sequence) * WIDTH;
  for (int first = blockIdx.x % SPLIT * BLOCK * UNROLL; first < WIDTH; first += SPLIT * BLOCK * UNROLL) {
    raw_t held[UNROLL];
#pragma unroll
    for (int u = 0; u < UNROLL; u++) {
      const int at = first + u * BLOCK + threadIdx.x;
      zero(held[u]);
      if (at < WIDTH && at < there) held[u] = loadOnce(from + at);
    }
#pragma unroll
    for (int u = 0; u < UNROLL; u++) {
      const int at = first + u * BLOCK + threadIdx.x;
      if (at < WIDTH) storeRaw<PAST>(to + at, held[u]);
    }
  }
}
