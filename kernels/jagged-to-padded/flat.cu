// Every access of the answer by itself, wherever it lies: blocks are all equally busy, whatever the sequences are. Places are
// divided by constants.

#define ELEMENT F32 // @data-types fp32 = F32, bf16 = BF16, fp16 = F16
#include "common.cuh"
#include "groups.cuh"

#define ACCESS 16 // @knob vector-width {4, 8, 16} bytes of an access at most
#define UNROLL 2 // @knob bytes-in-flight {1, 2, 4, 8} accesses that a thread has open
#define BLOCK 256 // @knob warps {64, 128, 256, 512} threads of a block
#define RESIDENT 1024 // @knob persistent-grid {1024, 64, 16, 8, 4} blocks for each of 132 multiprocessors at most
#define PAST 0 // @knob cache-hints {0, 1} 1: answers are written past the caches

// @launch copyRows grid(min(ceil_div(batch * padded * dim, BLOCK * UNROLL * max(1, ACCESS / 4)), 132 * RESIDENT)) block(BLOCK) args(values, offsets, out)

constexpr int DIM = AXIS_dim;
constexpr int PADDED = AXIS_padded;
constexpr int PER = elementsOfAccess(DIM, sizeof(element_t), ACCESS);
constexpr int WIDTH = PADDED * DIM / PER;
constexpr i64 TOTAL = i64(AXIS_batch) * WIDTH;
typedef Vector<element_t, PER>::raw_t raw_t;

extern "C" __global__ void __launch_bounds__(BLOCK)
copyRows(const raw_t* __restrict__ values, const int* __restrict__ offsets, raw_t* __restrict__ out) {
  for (i64 first = i64(blockIdx.x) * BLOCK * UNROLL; first < TOTAL; first += i64(gridDim.x) * BLOCK * UNROLL) {
    raw_t held[UNROLL];
#pragma unroll
    for (int u = 0; u < UNROLL; u++) {
      const i64 at = first + u * BLOCK + threadIdx.x;
      zero(held[u]);
      if (at >= TOTAL) continue;
      const int sequence = int(at / WIDTH);
      const int place = int(at - i64(sequence) * WIDTH);
      const int start = loadKept(offsets + sequence);
      const i64 there = i64(loadKept(offsets + sequence + 1) - start) * (DIM / PER);
      if (place < there) held[u] = loadOnce(values + i64(start) * (DIM / PER) + place);
    }
#pragma unroll
    for (int u = 0; u < UNROLL; u++) {
      const i64 at = first + u * BLOCK + threadIdx.x;
      if (at < TOTAL) storeRaw<PAST>(out + at, held[u]);
    }
  }
}
