// Dot products of all pairs of a sample's vectors on tensor cores; a warp has samples of its own, the next ones on their way
// while it works on one. It collects a sample's answers in shared memory and writes them in whole 16 bytes.

#define ELEMENT F16 // @data-types fp16 = F16, bf16 = BF16
#include "common.cuh"
#include "tensor-core.cuh"

#define MOST_WARPS 2 // @knob warps {1, 2, 4, 8} warps of a block, at most: fewer where the batch is small
#define STAGES 1 // @knob stages {1, 2, 3} samples of a warp in shared memory
#define BLOCKS 2112 // @knob persistent-grid {264, 528, 1056, 2112, 100000} blocks that take turns
constexpr int UNROLL = 8; // @knob unrolling {2, 4, 8} steps of 16 elements that are written out

// @let warps max(1, min(MOST_WARPS, ceil_div(batch, 132)))
// @let pairs vectors * (vectors - 1) / 2
// @let bytes 2 * warps * (STAGES * vectors * (align(dim, 16) + 8) + align(pairs, 8) + 8)
// @require bytes <= 232448
// @require vectors <= 128
// @launch interact grid(min(ceil_div(batch, warps), BLOCKS)) block(32 * warps) shared(bytes) args(x, out)

#define BATCH AXIS_batch
#define VECTORS AXIS_vectors
#define DIM AXIS_dim

constexpr int BUSY = (BATCH + 131) / 132;
constexpr int WARPS = BUSY < MOST_WARPS ? BUSY : MOST_WARPS;
constexpr int PAIRS = VECTORS * (VECTORS - 1) / 2;
constexpr int ANSWERS = (PAIRS + 7) / 8 * 8 + 8;
// Rows of 16 · odd bytes: the rows of a matrix then lie in different banks.
constexpr int COLUMNS = (DIM + 15) / 16 * 16;
constexpr int PITCH = COLUMNS + 8;
constexpr int STAGE = VECTORS * PITCH;
constexpr int ROW_TILES = (VECTORS + 15) / 16;
constexpr int PER = DIM % 8 == 0 ? 8 : DIM % 4 == 0 ? 4 : DIM % 2 == 0 ? 2 : 1;

__device__ __forceinline__ void fetch(element_t* stage, const element_t* x, i64 sample) {
  if (sample < BATCH) {
    const element_t* from = x + sample * (VECTORS * DIM);
#pragma unroll 4
    for (int at = threadIdx.x % 32; at < VECTORS * (DIM / PER); at += 32) {
      element_t* to = stage + at / (DIM / PER) * PITCH + at % (DIM / PER) * PER;
      if (PER > 1) copyInBackground<PER == 1 ? 4 : 2 * PER>(to, from + at * PER, true);
      else *to = from[at];
    }
  }
  endOfCopies();
}

// 16 vectors against all up to themselves.
template <int Tile> __device__ __forceinline__ void products(element_t* answers, const element_t* stage) {
  const int lane = threadIdx.x % 32;
  const element_t* rows[Tile + 1];
#pragma unroll
  for (int tile = 0; tile <= Tile; tile++) {
    rows[tile] = stage + min(tile * 16 + lane % 16, VECTORS - 1) * PITCH + lane / 16 * 8;
  }
  float sums[2 * Tile + 2][4] = {};
#pragma unroll UNROLL
  for (int k = 0; k < COLUMNS; k += 16) {
    u32 a[4];
    loadMatrices(a, rows[Tile] + k);
#pragma unroll
    for (int tile = 0; tile <= Tile; tile++) {
      // Loaded as rows, a tile of 16 × 16 is also two tiles of 8 columns.
      u32 b[4] = {a[0], a[1], a[2], a[3]};
      if (tile < Tile) loadMatrices(b, rows[tile] + k);
      multiplyAdd(sums[2 * tile], a, b[0], b[2]);
      multiplyAdd(sums[2 * tile + 1], a, b[1], b[3]);
    }
  }
#pragma unroll
  for (int tile = 0; tile < 2 * Tile + 2; tile++) {
#pragma unroll
    for (int at = 0; at < 4; at++) {
      const int i = Tile * 16 + lane / 4 + at / 2 * 8;
      const int j = tile * 8 + lane % 4 * 2 + at % 2;
      if (j < i && i < VECTORS) fromFloat(sums[tile][at], answers[i * (i - 1) / 2 + j]);
    }
  }
}
template <int Tile> __device__ __forceinline__ void allProducts(element_t* answers, const element_t* stage) {
  products<Tile>(answers, stage);
  if constexpr (Tile + 1 < ROW_TILES) allProducts<Tile + 1>(answers, stage);
}

// Answers lie as far from a multiple of 16 bytes as in memory: whole chunks, but at their ends.
__device__ __forceinline__ void write(element_t* out, const element_t* chunks, i64 sample) {
  const i64 start = sample * PAIRS;
  const int skew = int(start & 7);
#pragma unroll 2
  for (int at = threadIdx.x % 32 * 8; at < skew + PAIRS; at += 256) {
    element_t* to = out + (start - skew) + at;
    if (at >= skew && at + 8 <= skew + PAIRS) {
      storeVector<element_t, 8>(to, loadVector<element_t, 8>(chunks + at));
    } else {
#pragma unroll
      for (int i = 0; i < 8; i++) {
        if (at + i >= skew && at + i < skew + PAIRS) to[i] = chunks[at + i];
      }
    }
  }
}

extern "C" __global__ void __launch_bounds__(32 * WARPS)
interact(const element_t* __restrict__ x, element_t* __restrict__ out) {
  extern __shared__ uint4 memory[];
  element_t* answers = reinterpret_cast<element_t*>(memory) + threadIdx.x / 32 * (STAGES * STAGE + ANSWERS);
  element_t* stages = answers + ANSWERS;
  const i64 step = i64(gridDim.x) * WARPS;
  i64 sample = i64(blockIdx.x) * WARPS + threadIdx.x / 32;

#pragma unroll
  for (int stage = 0; stage < STAGES; stage++) fetch(stages + stage * STAGE, x, sample + stage * step);
  constexpr int EMPTY = COLUMNS - DIM;
  for (int at = threadIdx.x % 32; at < STAGES * VECTORS * EMPTY; at += 32) {
    stages[at / (EMPTY + !EMPTY) * PITCH + DIM + at % (EMPTY + !EMPTY)].bits = 0;
  }
  for (int stage = 0; sample < BATCH; sample += step) {
    awaitCopiesBut<STAGES - 1>();
    __syncwarp();
    allProducts<0>(answers + int(sample * PAIRS & 7), stages + stage * STAGE);
    __syncwarp();
    fetch(stages + stage * STAGE, x, sample + STAGES * step);
    write(out, answers, sample);
    __syncwarp();
    stage = stage + 1 == STAGES ? 0 : stage + 1;
  }
}
