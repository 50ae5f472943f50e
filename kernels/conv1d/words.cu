// One-dimensional convolution of 32-bit numbers as a product on tensor cores, of whose inputs ten bits of mantissa count. A
// tile of x stays [channels, positions] in shared memory as it lies in memory: a lane reads single words of it, so that each
// tap reads from its own place. Blocks stay and take one piece of a sample after the other, with the next ones on their way;
// each keeps the weights of its output channels in shared memory, or they pass through with the pieces where they are too many.

// @data-types tf32
#define ELEMENT F32
#include "common.cuh"
#include "matrix-tf32.cuh"

#define WARPS_DOWN 2 // @knob warps {1, 2, 3, 4, 6} warps over the output channels
#define WARPS_ACROSS 4 // @knob warps {1, 2, 4, 5, 8} warps over the positions
#define MOST_SIXTEENS 3 // @knob tiling {1, 2, 3, 4, 6} times 16 output channels of a warp, at most
#define MOST_POSITIONS 208 // @knob tiling {64, 128, 208, 256} positions of a tile, at most
#define LEAST_POSITIONS 64 // @knob split {32, 64, 104, 208} positions of a tile that is cut so that all blocks have one
#define MOST_CHANNELS 32 // @knob tiling {8, 16, 32, 48, 96} input channels of a tile, at most
#define MOVING_CHANNELS 16 // @knob tiling {8, 16, 32} input channels of a tile that brings its weights along
#define STAGES 3 // @knob stages {2, 3, 4} tiles of x in shared memory
#define BLOCKS 132 // @knob persistent-grid {132, 264, 396, 528} blocks that take turns, for each group of output channels
#define IS_ROUNDED 1 // @knob approximation {0, 1} whether x is rounded to what counts of it, or cut off
constexpr int UNROLL = 1; // @knob unrolling {1, 2, 4} steps of eight input channels that are written out
#define MIN_BLOCKS 1 // @knob launch-bounds {1, 2} blocks that a multiprocessor should hold

// @let sixteens ceil_div(outChannels, 16)
// @let groups ceil_div(sixteens, WARPS_DOWN * MOST_SIXTEENS)
// @let rows 16 * WARPS_DOWN * ceil_div(sixteens, groups * WARPS_DOWN)
// @let cuts max(ceil_div(length, MOST_POSITIONS), min(ceil_div(BLOCKS, batch * groups), ceil_div(length, LEAST_POSITIONS)))
// @let eights ceil_div(ceil_div(length, cuts), 8)
// @let pieces ceil_div(length, 8 * eights)
// @let pitch 8 * ((eights + 2) / 2 * 2 + 1)
// @let keptChunks ceil_div(inChannels, MOST_CHANNELS)
// @let keptDepth align(ceil_div(inChannels, keptChunks), 8)
// @let kept 4 * (taps * rows * (keptChunks * keptDepth + 4) + STAGES * keptDepth * pitch)
// @let resident kept <= 232448
// @let movingChunks ceil_div(inChannels, MOVING_CHANNELS)
// @let movingDepth align(ceil_div(inChannels, movingChunks), 8)
// @let moving 4 * STAGES * (movingDepth * pitch + taps * rows * (movingDepth + 4))
// @require resident + (moving <= 232448) >= 1
// @require taps <= 17
// @require rows * ceil_div(eights, WARPS_ACROSS) / (4 * WARPS_DOWN) <= 168
// @require WARPS_DOWN * WARPS_ACROSS * MIN_BLOCKS <= 32
// @launch convolve grid(min(batch * pieces, BLOCKS), groups) block(32 * WARPS_DOWN * WARPS_ACROSS) shared(resident * kept + (1 - resident) * moving) args(x, w, bias, out)

#define IN AXIS_inChannels
#define OUT AXIS_outChannels
#define LENGTH AXIS_length
#define TAPS AXIS_taps

constexpr int THREADS = 32 * WARPS_DOWN * WARPS_ACROSS;
__device__ constexpr int ceilDiv(int a, int b) { return (a + b - 1) / b; }
__device__ constexpr int smaller(int a, int b) { return a < b ? a : b; }
__device__ constexpr int larger(int a, int b) { return a < b ? b : a; }
__device__ constexpr int eightsOf(int n) { return ceilDiv(n, 8) * 8; }
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

// Eight positions more at both ends of a tile; rows of 8 or 24 words beyond a multiple of 32 lie in different banks.
constexpr int X_PITCH = 8 * ((EIGHTS + 2) / 2 * 2 + 1);
constexpr int KEPT_CHUNKS = ceilDiv(IN, MOST_CHANNELS);
constexpr int KEPT_DEPTH = eightsOf(ceilDiv(IN, KEPT_CHUNKS));
constexpr bool IS_RESIDENT =
    4 * (TAPS * ROWS * (KEPT_CHUNKS * KEPT_DEPTH + 4) + STAGES * KEPT_DEPTH * X_PITCH) <= 232448;
constexpr int CHUNKS = IS_RESIDENT ? KEPT_CHUNKS : ceilDiv(IN, MOVING_CHANNELS);
constexpr int DEPTH = IS_RESIDENT ? KEPT_DEPTH : eightsOf(ceilDiv(IN, CHUNKS));
constexpr int TILE = DEPTH * X_PITCH;
constexpr int W_PITCH = (IS_RESIDENT ? CHUNKS * DEPTH : DEPTH) + 4;
constexpr int W_PART = TAPS * ROWS * W_PITCH;
constexpr int STAGE = TILE + (IS_RESIDENT ? 0 : W_PART);
constexpr int X_PER = LENGTH % 4 == 0 ? 4 : LENGTH % 2 == 0 ? 2 : 1;

static_assert(TAPS <= 17, "taps reach beyond the next eight positions");

// Weights of the block's output channels and `Count` input channels, [taps, rows, channels]; zeros where there are none.
template <int Count> __device__ __forceinline__ void fetchWeights(float* part, const float* w, int firstIn) {
  for (int at = threadIdx.x; at < ROWS * Count * TAPS; at += THREADS) {
    const int tap = at % TAPS;
    const int in = at / TAPS % Count;
    const int row = at / (TAPS * Count);
    const int channel = blockIdx.y * ROWS + row;
    const bool isThere = channel < OUT && firstIn + in < IN;
    copyInBackground<4>(part + (tap * ROWS + row) * W_PITCH + in,
                        w + (isThere ? (i64(channel) * IN + firstIn + in) * TAPS + tap : 0), isThere);
  }
}

// Positions of a piece and eight around it, some channels; zeros where there are none.
__device__ __forceinline__ void fetchTile(float* tile, const float* x, i64 sample, int first, int chunk) {
  constexpr int ACROSS = (8 * EIGHTS + 16) / X_PER;
#pragma unroll 4
  for (int at = threadIdx.x; at < DEPTH * ACROSS; at += THREADS) {
    const int channel = chunk * DEPTH + at / ACROSS;
    const int position = first - 8 + at % ACROSS * X_PER;
    const bool isThere = channel < IN && position >= 0 && position < LENGTH;
    copyInBackground<4 * X_PER>(tile + at / ACROSS * X_PITCH + at % ACROSS * X_PER,
                                x + (isThere ? (sample * IN + channel) * LENGTH + position : 0), isThere);
  }
}

// Pieces of samples that this block takes, chunk after chunk; `turn` counts its chunks.
__device__ __forceinline__ void fetch(float* stages, const float* x, const float* w, int turn) {
  const i64 piece = blockIdx.x + i64(turn / CHUNKS) * gridDim.x;
  if (piece < i64(AXIS_batch) * PIECES) {
    float* stage = stages + turn % STAGES * STAGE;
    fetchTile(stage, x, piece / PIECES, int(piece % PIECES) * (8 * EIGHTS), turn % CHUNKS);
    if (!IS_RESIDENT) fetchWeights<DEPTH>(stage + TILE, w, turn % CHUNKS * DEPTH);
  }
  endOfCopies();
}

__device__ __forceinline__ u32 wordOf(float x) { return IS_ROUNDED ? toTf32(x) : __float_as_uint(x); }

typedef float sums_t[SIXTEENS][WARP_EIGHTS][4];

// Adds the products of one tile: `Eights` times eight positions from `firstEight` on.
template <int Eights>
__device__ __forceinline__ void multiply(sums_t& sums, const float* tile, const float* weights, int firstRow,
                                         int firstEight) {
  const int lane = threadIdx.x % 32;
  const float* x = tile + lane % 4 * X_PITCH + (firstEight + 1) * 8 + lane / 4 - BEFORE;
  const float* w = weights + (firstRow + lane % 16) * W_PITCH + lane / 16 * 4;
#pragma unroll UNROLL
  for (int k = 0; k < DEPTH; k += 8) {
#pragma unroll
    for (int tap = 0; tap < TAPS; tap++) {
      u32 a[SIXTEENS][4];
#pragma unroll
      for (int m = 0; m < SIXTEENS; m++) {
        loadWords(a[m], w + (tap * ROWS + m * 16) * W_PITCH + k);
#pragma unroll
        for (int i = 0; i < 4; i++) a[m][i] = wordOf(__uint_as_float(a[m][i]));
      }
#pragma unroll
      for (int j = 0; j < Eights; j++) {
        const u32 b0 = wordOf(x[k * X_PITCH + j * 8 + tap]);
        const u32 b1 = wordOf(x[(k + 4) * X_PITCH + j * 8 + tap]);
#pragma unroll
        for (int m = 0; m < SIXTEENS; m++) multiplyAddTf32(sums[m][j], a[m], b0, b1);
      }
    }
  }
}

template <int Eights>
__device__ __forceinline__ void write(float* __restrict__ out, const float* __restrict__ bias, const sums_t& sums,
                                      i64 sample, int firstRow, int first) {
#pragma unroll
  for (int i = 0; i < 2 * SIXTEENS; i++) {
    const int channel = firstRow + i * 8 + threadIdx.x % 32 / 4;
    if (channel >= OUT) continue;
    const float shift = bias[channel];
    float* row = out + (sample * OUT + channel) * LENGTH;
#pragma unroll
    for (int j = 0; j < Eights; j++) {
      const int position = first + 8 * j + threadIdx.x % 4 * 2;
      if (position >= LENGTH) continue;
      const float answers[2] = {sums[i / 2][j][i % 2 * 2] + shift, sums[i / 2][j][i % 2 * 2 + 1] + shift};
      if (LENGTH % 2 == 0) {
        storeFloats<float, 2>(row + position, answers);
      } else {
        row[position] = answers[0];
        if (position + 1 < LENGTH) row[position + 1] = answers[1];
      }
    }
  }
}

extern "C" __global__ void __launch_bounds__(THREADS, MIN_BLOCKS)
convolve(const float* __restrict__ x, const float* __restrict__ w, const float* __restrict__ bias,
         float* __restrict__ out) {
  extern __shared__ uint4 memory[];
  float* kept = reinterpret_cast<float*>(memory);
  float* stages = kept + (IS_RESIDENT ? W_PART : 0);
  // By way of a shuffle compilers see that all lanes have the same.
  const int warp = fromLane<32>(int(threadIdx.x / 32), 0);
  const int warpDown = warp / WARPS_ACROSS;
  const int warpAcross = warp % WARPS_ACROSS;
  const int firstRow = warpDown * SIXTEENS * 16;

  if (IS_RESIDENT) fetchWeights<CHUNKS * DEPTH>(kept, w, 0);
  int ahead = 0;
  for (; ahead < STAGES - 1; ahead++) fetch(stages, x, w, ahead);
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
      const float* stage = stages + (ahead - (STAGES - 1)) % STAGES * STAGE;
      const float* weights = IS_RESIDENT ? kept + chunk * DEPTH : stage + TILE;
      if (isLarger) multiply<WARP_EIGHTS>(sums, stage, weights, firstRow, firstEight);
      else multiply<LEAST_EIGHTS>(sums, stage, weights, firstRow, firstEight);
    }
    const int first = int(piece % PIECES) * (8 * EIGHTS) + firstEight * 8;
    if (isLarger) write<WARP_EIGHTS>(out, bias, sums, piece / PIECES, blockIdx.y * ROWS + firstRow, first);
    else write<LEAST_EIGHTS>(out, bias, sums, piece / PIECES, blockIdx.y * ROWS + firstRow, first);
  }
}
