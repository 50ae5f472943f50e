// One-dimensional convolution as a product on tensor cores without moving any layout: a tile of x stays [channels, positions]
// in shared memory as it lies in memory, and what the taps see of it is shifted between the lanes' registers. Blocks stay and
// take one piece of a sample after the other, with the next pieces on their way; each keeps the weights of its output
// channels in shared memory, [taps, outputs, inputs]. Where those are too many, they pass through with the pieces, from
// scratch memory where they were packed first.

#define ELEMENT F16 // @data-types fp16 = F16, bf16 = BF16
#include "common.cuh"
#include "tensor-core.cuh"

#define WARPS_DOWN 2 // @knob warps {1, 2, 3, 4, 6} warps over the output channels
#define WARPS_ACROSS 4 // @knob warps {1, 2, 4, 5, 8} warps over the positions
#define MOST_SIXTEENS 3 // @knob tiling {1, 2, 3, 4, 6} times 16 output channels of a warp, at most
#define MOST_POSITIONS 208 // @knob tiling {64, 128, 208, 256, 512} positions of a tile, at most
#define LEAST_POSITIONS 64 // @knob split {32, 64, 104, 208} positions of a tile that is cut so that all blocks have one
#define MOST_CHANNELS 96 // @knob tiling {16, 32, 48, 64, 96, 128} input channels of a tile, at most
#define MOVING_CHANNELS 32 // @knob tiling {16, 32, 48, 64} input channels of a tile that brings its weights along
#define STAGES 3 // @knob stages {2, 3, 4} tiles of x in shared memory
#define BLOCKS 132 // @knob persistent-grid {132, 264, 396, 528, 1056} blocks that take turns, for each group of output channels
#define STORED 4 // @knob vector-width {2, 4} elements of one store: four are brought together by lanes
constexpr int UNROLL = 1; // @knob unrolling {1, 2, 3} steps of 16 input channels that are written out
#define MIN_BLOCKS 1 // @knob launch-bounds {1, 2, 3} blocks that a multiprocessor should hold

// @let sixteens ceil_div(outChannels, 16)
// @let groups ceil_div(sixteens, WARPS_DOWN * MOST_SIXTEENS)
// @let rows 16 * WARPS_DOWN * ceil_div(sixteens, groups * WARPS_DOWN)
// @let cuts max(ceil_div(length, MOST_POSITIONS), min(ceil_div(BLOCKS, batch * groups), ceil_div(length, LEAST_POSITIONS)))
// @let eights ceil_div(ceil_div(length, cuts), 8)
// @let pieces ceil_div(length, 8 * eights)
// @let pitch 8 * ((eights + 2) / 2 * 2 + 1)
// @let keptChunks ceil_div(inChannels, MOST_CHANNELS)
// @let keptDepth align(ceil_div(inChannels, keptChunks), 16)
// @let kept 2 * (taps * rows * (keptChunks * keptDepth + 8) + STAGES * keptDepth * pitch)
// @let resident kept <= 232448
// @let movingChunks ceil_div(inChannels, MOVING_CHANNELS)
// @let movingDepth align(ceil_div(inChannels, movingChunks), 16)
// @let moving 2 * STAGES * (movingDepth * pitch + taps * rows * (movingDepth + 8))
// @let packed movingChunks * movingDepth * groups * taps * rows
// @require resident + (moving <= 232448) >= 1
// @require taps <= 17
// @require rows * ceil_div(eights, WARPS_ACROSS) / (4 * WARPS_DOWN) <= 168
// @require WARPS_DOWN * WARPS_ACROSS * MIN_BLOCKS <= 32
// @scratch 2 * packed * (1 - resident)
// @launch pack grid(ceil_div(packed, 256)) block(256) args(w, scratch) when(resident == 0)
// @launch convolve grid(min(batch * pieces, BLOCKS), groups) block(32 * WARPS_DOWN * WARPS_ACROSS) shared(kept) args(x, w, bias, out) when(resident == 1)
// @launch convolve grid(min(batch * pieces, BLOCKS), groups) block(32 * WARPS_DOWN * WARPS_ACROSS) shared(moving) args(x, scratch, bias, out) when(resident == 0)

#define IN AXIS_inChannels
#define OUT AXIS_outChannels
#define LENGTH AXIS_length
#define TAPS AXIS_taps

constexpr int THREADS = 32 * WARPS_DOWN * WARPS_ACROSS;
__device__ constexpr int ceilDiv(int a, int b) { return (a + b - 1) / b; }
__device__ constexpr int smaller(int a, int b) { return a < b ? a : b; }
__device__ constexpr int larger(int a, int b) { return a < b ? b : a; }
__device__ constexpr int sixteensOf(int n) { return ceilDiv(n, 16) * 16; }
constexpr int GROUPS = ceilDiv(ceilDiv(OUT, 16), WARPS_DOWN * MOST_SIXTEENS);
constexpr int SIXTEENS = ceilDiv(ceilDiv(OUT, 16), GROUPS * WARPS_DOWN);
constexpr int ROWS = 16 * WARPS_DOWN * SIXTEENS;
constexpr int CUTS = larger(ceilDiv(LENGTH, MOST_POSITIONS),
                            smaller(ceilDiv(BLOCKS, AXIS_batch * GROUPS), ceilDiv(LENGTH, LEAST_POSITIONS)));
constexpr int EIGHTS = ceilDiv(ceilDiv(LENGTH, CUTS), 8);
constexpr int PIECES = ceilDiv(LENGTH, 8 * EIGHTS);
// Warps have so many times eight positions, or one less.
constexpr int WARP_EIGHTS = ceilDiv(EIGHTS, WARPS_ACROSS);
constexpr int LEAST_EIGHTS = EIGHTS / WARPS_ACROSS;
constexpr int BEFORE = (TAPS - 1) / 2;

// Rows of 16 · odd bytes: the rows of a matrix then lie in different banks. Eight positions more at both ends of a tile.
constexpr int X_EIGHTS = (EIGHTS + 2) / 2 * 2 + 1;
constexpr int X_PITCH = 8 * X_EIGHTS;
constexpr int KEPT_CHUNKS = ceilDiv(IN, MOST_CHANNELS);
constexpr int KEPT_DEPTH = sixteensOf(ceilDiv(IN, KEPT_CHUNKS));
constexpr bool IS_RESIDENT =
    2 * (TAPS * ROWS * (KEPT_CHUNKS * KEPT_DEPTH + 8) + STAGES * KEPT_DEPTH * X_PITCH) <= 232448;
constexpr int CHUNKS = IS_RESIDENT ? KEPT_CHUNKS : ceilDiv(IN, MOVING_CHANNELS);
constexpr int DEPTH = IS_RESIDENT ? KEPT_DEPTH : sixteensOf(ceilDiv(IN, CHUNKS));
constexpr int TILE = DEPTH * X_PITCH;
constexpr int W_PITCH = (IS_RESIDENT ? CHUNKS * DEPTH : DEPTH) + 8;
constexpr int W_PART = TAPS * ROWS * W_PITCH;
constexpr int STAGE = TILE + (IS_RESIDENT ? 0 : W_PART);
constexpr int X_PER = LENGTH % 8 == 0 ? 8 : LENGTH % 4 == 0 ? 4 : LENGTH % 2 == 0 ? 2 : 1;
constexpr bool IS_EVEN = LENGTH % 2 == 0;

static_assert(TAPS <= 17, "taps reach beyond the next eight positions");

// Weights [groups, chunks, taps, rows, depth] with zeros where there are none.
extern "C" __global__ void __launch_bounds__(256)
pack(const element_t* __restrict__ w, element_t* __restrict__ packed) {
  const int at = blockIdx.x * 256 + threadIdx.x;
  if (at >= GROUPS * CHUNKS * TAPS * ROWS * DEPTH) return;
  const int in = at / (TAPS * ROWS * DEPTH) % CHUNKS * DEPTH + at % DEPTH;
  const int out = at / (CHUNKS * TAPS * ROWS * DEPTH) * ROWS + at / DEPTH % ROWS;
  element_t weight;
  weight.bits = 0;
  if (in < IN && out < OUT) weight = w[(out * IN + in) * TAPS + at / (ROWS * DEPTH) % TAPS];
  packed[at] = weight;
}

// All weights of the block's output channels; what rows behind the last one hold does not matter.
__device__ __forceinline__ void keepWeights(element_t* kept, const element_t* w) {
  const int firstRow = blockIdx.y * ROWS;
  const int count = min(ROWS, OUT - firstRow) * IN * TAPS;
  constexpr int PER = IN * TAPS % 8 == 0 ? 8 : 1;
#pragma unroll 4
  for (int at = threadIdx.x * PER; at < count; at += THREADS * PER) {
    const Vector<element_t, PER> v = loadVector<element_t, PER>(w + i64(firstRow) * IN * TAPS + at);
#pragma unroll
    for (int i = 0; i < PER; i++) {
      const int tap = (at + i) % TAPS;
      const int in = (at + i) / TAPS % IN;
      const int row = (at + i) / (TAPS * IN);
      kept[(tap * ROWS + row) * W_PITCH + in] = v.at[i];
    }
  }
  constexpr int EMPTY = CHUNKS * DEPTH - IN;
  for (int at = threadIdx.x; at < TAPS * ROWS * EMPTY; at += THREADS) {
    kept[at / (EMPTY + !EMPTY) * W_PITCH + IN + at % (EMPTY + !EMPTY)].bits = 0;
  }
}

// Positions of a piece and eight around it, some channels; zeros where there are none.
__device__ __forceinline__ void fetchTile(element_t* tile, const element_t* x, i64 sample, int first, int chunk) {
  constexpr int ACROSS = (8 * EIGHTS + 16) / X_PER;
#pragma unroll 4
  for (int at = threadIdx.x; at < DEPTH * ACROSS; at += THREADS) {
    const int channel = chunk * DEPTH + at / ACROSS;
    const int position = first - 8 + at % ACROSS * X_PER;
    const bool isThere = channel < IN && position >= 0 && position < LENGTH;
    const element_t* from = x + (isThere ? (sample * IN + channel) * LENGTH + position : 0);
    element_t* to = tile + at / ACROSS * X_PITCH + at % ACROSS * X_PER;
    if (X_PER > 1) {
      copyInBackground<X_PER == 1 ? 4 : 2 * X_PER>(to, from, isThere);
    } else {
      to->bits = isThere ? from->bits : 0;
    }
  }
}

__device__ __forceinline__ void fetchWeights(element_t* part, const element_t* packed, int chunk) {
  const element_t* from = packed + i64(blockIdx.y * CHUNKS + chunk) * (TAPS * ROWS * DEPTH);
  for (int at = threadIdx.x; at < TAPS * ROWS * (DEPTH / 8); at += THREADS) {
    copyInBackground<16>(part + at / (DEPTH / 8) * W_PITCH + at % (DEPTH / 8) * 8, from + at * 8, true);
  }
}

// Pieces of samples that this block takes, chunk after chunk; `turn` counts its chunks.
__device__ __forceinline__ void fetch(element_t* stages, const element_t* x, const element_t* packed, int turn) {
  const i64 piece = blockIdx.x + i64(turn / CHUNKS) * gridDim.x;
  if (piece < i64(AXIS_batch) * PIECES) {
    element_t* stage = stages + turn % STAGES * STAGE;
    fetchTile(stage, x, piece / PIECES, int(piece % PIECES) * (8 * EIGHTS), turn % CHUNKS);
    if (!IS_RESIDENT) fetchWeights(stage + TILE, packed, turn % CHUNKS);
  }
  endOfCopies();
}

// Eight positions as tap `shift` sees them: from the eight that they are or the ones beside them.
template <int Pairs>
__device__ __forceinline__ u32 shifted(const u32 (&raw)[Pairs][4], int eight, int half, int shift) {
  const int lane = threadIdx.x % 32;
  const int from = eight + (shift + 8) / 8;
  const int by = (shift + 8) % 8;
  const u32 near = raw[from / 2][from % 2 * 2 + half];
  if (by == 0) return near;
  const u32 next = raw[(from + 1) / 2][(from + 1) % 2 * 2 + half];
  return fromLane<32>(lane / 4 >= by ? near : next, (lane / 4 + by) % 8 * 4 + lane % 4);
}

typedef float sums_t[SIXTEENS][WARP_EIGHTS][4];

// Adds the products of one tile: `Eights` times eight positions from `firstEight` on. No branches: shuffles and products of
// different positions then overlap.
template <int Eights>
__device__ __forceinline__ void multiply(sums_t& sums, const element_t* tile, const element_t* weights, int firstRow,
                                         int firstEight) {
  const int lane = threadIdx.x % 32;
#pragma unroll UNROLL
  for (int k = 0; k < DEPTH; k += 16) {
    constexpr int PAIRS = (Eights + 3) / 2;
    u32 raw[PAIRS][4];
#pragma unroll
    for (int p = 0; p < PAIRS; p++) {
      const int eight = min(firstEight + 2 * p + lane / 16, X_EIGHTS - 1);
      loadMatricesTransposed(raw[p], tile + (k + lane % 16) * X_PITCH + eight * 8);
    }
#pragma unroll
    for (int tap = 0; tap < TAPS; tap++) {
      u32 a[SIXTEENS][4];
#pragma unroll
      for (int m = 0; m < SIXTEENS; m++) {
        loadMatrices(a[m], weights + (tap * ROWS + firstRow + m * 16 + lane % 16) * W_PITCH + k + lane / 16 * 8);
      }
#pragma unroll
      for (int j = 0; j < Eights; j++) {
        const u32 b0 = shifted(raw, j, 0, tap - BEFORE);
        const u32 b1 = shifted(raw, j, 1, tap - BEFORE);
#pragma unroll
        for (int m = 0; m < SIXTEENS; m++) multiplyAdd(sums[m][j], a[m], b0, b1);
      }
    }
  }
}

__device__ __forceinline__ void storePair(element_t* row, int position, bool isRow, u32 pair) {
  if (!isRow || position >= LENGTH) return;
  if (IS_EVEN) {
    *reinterpret_cast<u32*>(row + position) = pair;
  } else {
    row[position].bits = u16(pair);
    if (position + 1 < LENGTH) row[position + 1].bits = u16(pair >> 16);
  }
}

template <int Eights>
__device__ __forceinline__ void write(element_t* __restrict__ out, const float (&shifts)[2 * SIXTEENS], const sums_t& sums,
                                      i64 sample, int firstRow, int first) {
  const int t = threadIdx.x % 4;
#pragma unroll
  for (int i = 0; i < 2 * SIXTEENS; i++) {
    const int channel = firstRow + i * 8 + threadIdx.x % 32 / 4;
    const bool isRow = channel < OUT;
    const float shift = shifts[i];
    element_t* row = out + (sample * OUT + channel) * LENGTH;
    const auto pairAt = [&](int j) {
      const float(&s)[4] = sums[i / 2][j];
      return packPair(s[i % 2 * 2] + shift, s[i % 2 * 2 + 1] + shift);
    };
#pragma unroll
    for (int j = 0; j < Eights; j += 2) {
      const u32 pair = pairAt(j);
      if (j + 1 >= Eights) {
        storePair(row, first + 8 * j + 2 * t, isRow, pair);
        continue;
      }
      const u32 next = pairAt(min(j + 1, Eights - 1));
      if (STORED == 2 || LENGTH % 4 != 0) {
        storePair(row, first + 8 * j + 2 * t, isRow, pair);
        storePair(row, first + 8 * j + 8 + 2 * t, isRow, next);
        continue;
      }
      // Even lanes take both pairs of the first eight positions, odd ones those of the second.
      const bool isEven = t % 2 == 0;
      const u32 got = fromLaneXor<32>(isEven ? next : pair, 1);
      const int position = first + 8 * (j + t % 2) + t / 2 * 4;
      if (isRow && position < LENGTH) {
        storeWhole(reinterpret_cast<uint2*>(row + position), isEven ? make_uint2(pair, got) : make_uint2(got, next));
      }
    }
  }
}

extern "C" __global__ void __launch_bounds__(THREADS, MIN_BLOCKS)
convolve(const element_t* __restrict__ x, const element_t* __restrict__ w, const element_t* __restrict__ bias,
         element_t* __restrict__ out) {
  extern __shared__ uint4 memory[];
  element_t* kept = reinterpret_cast<element_t*>(memory);
  element_t* stages = kept + (IS_RESIDENT ? W_PART : 0);
  // By way of a shuffle compilers see that all lanes have the same, and go one way with shuffles to come.
  const int warp = fromLane<32>(int(threadIdx.x / 32), 0);
  const int warpDown = warp / WARPS_ACROSS;
  const int warpAcross = warp % WARPS_ACROSS;
  const int firstRow = warpDown * SIXTEENS * 16;
  float shifts[2 * SIXTEENS];
#pragma unroll
  for (int i = 0; i < 2 * SIXTEENS; i++) {
    const int channel = blockIdx.y * ROWS + firstRow + i * 8 + threadIdx.x % 32 / 4;
    shifts[i] = channel < OUT ? toFloat(bias[channel]) : 0.0f;
  }

  int ahead = 0;
  for (; ahead < STAGES - 1; ahead++) fetch(stages, x, w, ahead);
  if (IS_RESIDENT) keepWeights(kept, w);
  for (i64 piece = blockIdx.x; piece < i64(AXIS_batch) * PIECES; piece += gridDim.x) {
    // Shares differ by one: warps take turns at the larger ones.
    const int share = (warpAcross + ahead / CHUNKS) % WARPS_ACROSS;
    const int firstEight = share * EIGHTS / WARPS_ACROSS;
    const bool isLarger = (share + 1) * EIGHTS / WARPS_ACROSS - firstEight == WARP_EIGHTS;
    sums_t sums = {};
#pragma unroll 1
    for (int chunk = 0; chunk < CHUNKS; chunk++, ahead++) {
      awaitCopiesBut<STAGES - 2>();
      __syncthreads();
      fetch(stages, x, w, ahead);
      const element_t* stage = stages + (ahead - (STAGES - 1)) % STAGES * STAGE;
      const element_t* weights = IS_RESIDENT ? kept + chunk * DEPTH : stage + TILE;
      if (isLarger) multiply<WARP_EIGHTS>(sums, stage, weights, firstRow, firstEight);
      else multiply<LEAST_EIGHTS>(sums, stage, weights, firstRow, firstEight);
    }
    const int first = int(piece % PIECES) * (8 * EIGHTS) + firstEight * 8;
    if (isLarger) write<WARP_EIGHTS>(out, shifts, sums, piece / PIECES, blockIdx.y * ROWS + firstRow, first);
    else write<LEAST_EIGHTS>(out, shifts, sums, piece / PIECES, blockIdx.y * ROWS + firstRow, first);
  }
}
