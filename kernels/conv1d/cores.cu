// One-dimensional convolution in fp32 with plain multiply-adds from shared memory. A thread holds OUTPUTS output channels at
// eight positions; what it reads of x for them serves all taps. Blocks stay and take one piece of some samples after the
// other, with tiles of some input channels on their way; each keeps the weights of its output channels in shared memory, or
// they come with the tiles where they are too many.

// @data-types fp32, tf32
#define ELEMENT F32
#include "common.cuh"
#include "async-copy.cuh"

#define OUTPUTS 8 // @knob tiling {4, 8, 12, 16} output channels of a thread
#define MOST_ROWS 96 // @knob tiling {32, 48, 64, 96, 128} output channels of a block, at most
#define MOST_POSITIONS 208 // @knob tiling {64, 104, 128, 208, 256} positions of a block, at most
#define LEAST_POSITIONS 64 // @knob split {32, 64, 104, 208} positions of a block where samples are cut so that all blocks have some
#define MOST_SAMPLES 2 // @knob tiling {1, 2, 4} samples that a block works on at once, at most
#define MOST_CHANNELS 16 // @knob tiling {4, 8, 16, 32} input channels of a tile, at most
#define STAGES 2 // @knob stages {2, 3, 4} tiles in shared memory
#define IS_KEPT 1 // @knob shared-staging {0, 1} whether weights stay in shared memory where they fit
#define BLOCKS 132 // @knob persistent-grid {132, 264, 396, 100000} blocks that take turns, for each group of output channels
constexpr int UNROLL = 1; // @knob unrolling {1, 2, 4} input channels that are written out
#define MIN_BLOCKS 1 // @knob launch-bounds {1, 2, 3} blocks that a multiprocessor should hold

// @let groups ceil_div(outChannels, MOST_ROWS)
// @let rows align(ceil_div(outChannels, groups), OUTPUTS)
// @let cuts max(ceil_div(length, MOST_POSITIONS), min(ceil_div(132, batch * groups), ceil_div(length, LEAST_POSITIONS)))
// @let eights ceil_div(ceil_div(length, cuts), 8)
// @let pieces ceil_div(length, 8 * eights)
// @let samples max(1, min(MOST_SAMPLES, batch * pieces * groups / 132))
// @let depth ceil_div(inChannels, ceil_div(inChannels, MOST_CHANNELS))
// @let threads align(samples * eights * rows / OUTPUTS, 32)
// @let tile depth * samples * (eights + 2) * 12
// @let keptBytes 4 * (inChannels * taps * (rows + 4) + STAGES * tile)
// @let resident IS_KEPT * (keptBytes <= 232448)
// @let moving 4 * STAGES * (tile + depth * taps * (rows + 4))
// @require threads <= 1024
// @require threads * MIN_BLOCKS <= 2048
// @require resident + (moving <= 232448) >= 1
// @require taps <= 17
// @launch convolve grid(min(ceil_div(batch, samples) * pieces, BLOCKS), groups) block(threads) shared(resident * keptBytes + (1 - resident) * moving) args(x, w, bias, out)

#define BATCH AXIS_batch
#define IN AXIS_inChannels
#define OUT AXIS_outChannels
#define LENGTH AXIS_length
#define TAPS AXIS_taps

__device__ constexpr int ceilDiv(int a, int b) { return (a + b - 1) / b; }
__device__ constexpr int smaller(int a, int b) { return a < b ? a : b; }
__device__ constexpr int larger(int a, int b) { return a < b ? b : a; }
constexpr int GROUPS = ceilDiv(OUT, MOST_ROWS);
constexpr int ROWS = ceilDiv(ceilDiv(OUT, GROUPS), OUTPUTS) * OUTPUTS;
constexpr int CUTS = larger(ceilDiv(LENGTH, MOST_POSITIONS),
                            smaller(ceilDiv(132, BATCH * GROUPS), ceilDiv(LENGTH, LEAST_POSITIONS)));
constexpr int EIGHTS = ceilDiv(ceilDiv(LENGTH, CUTS), 8);
constexpr int PIECES = ceilDiv(LENGTH, 8 * EIGHTS);
constexpr int SAMPLES = larger(1, smaller(MOST_SAMPLES, BATCH * PIECES * GROUPS / 132));
constexpr int WORK = ceilDiv(BATCH, SAMPLES) * PIECES;
constexpr int CHUNKS = ceilDiv(IN, MOST_CHANNELS);
constexpr int DEPTH = ceilDiv(IN, CHUNKS);
constexpr int ACROSS = SAMPLES * EIGHTS;
constexpr int WORKERS = ACROSS * (ROWS / OUTPUTS);
constexpr int THREADS = ceilDiv(WORKERS, 32) * 32;
constexpr int BEFORE = (TAPS - 1) / 2;

// Eight positions take twelve words: lanes side by side then read from different banks. One eight more at both ends.
constexpr int X_PITCH = (EIGHTS + 2) * 12;
constexpr int TILE = DEPTH * SAMPLES * X_PITCH;
constexpr int W_PITCH = ROWS + 4;
constexpr bool IS_RESIDENT = IS_KEPT && 4 * (IN * TAPS * W_PITCH + STAGES * TILE) <= 232448;
constexpr int STAGE = TILE + (IS_RESIDENT ? 0 : DEPTH * TAPS * W_PITCH);
constexpr int X_PER = LENGTH % 4 == 0 ? 4 : LENGTH % 2 == 0 ? 2 : 1;

static_assert(OUTPUTS % 4 == 0, "weights are read four at a time");
static_assert(TAPS <= 17, "taps reach beyond the next eight positions");

// Place in a row of shared memory of a position, counted from the eight before the block's first.
__device__ constexpr int placeOf(int position) { return position / 8 * 12 + position % 8; }

// Weights of some input channels, [channels, taps, outputs].
template <int Count> __device__ __forceinline__ void fetchWeights(float* weights, const float* w, int firstIn) {
#pragma unroll 2
  for (int at = threadIdx.x; at < ROWS * Count * TAPS; at += THREADS) {
    const int row = blockIdx.y * ROWS + at / (Count * TAPS);
    const int column = firstIn * TAPS + at % (Count * TAPS);
    const bool isThere = row < OUT && column < IN * TAPS;
    copyInBackground<4>(weights + at % (Count * TAPS) * W_PITCH + at / (Count * TAPS),
                        w + (isThere ? i64(row) * IN * TAPS + column : 0), isThere);
  }
}

// A tile of x; `turn` counts those of this block.
__device__ __forceinline__ void fetch(float* stages, const float* x, const float* w, int turn) {
  const int work = blockIdx.x + turn / CHUNKS * gridDim.x;
  if (work < WORK) {
    const int chunk = turn % CHUNKS;
    const i64 firstSample = i64(work / PIECES) * SAMPLES;
    const int first = work % PIECES * (8 * EIGHTS) - 8;
    float* stage = stages + turn % STAGES * STAGE;
    constexpr int VECTORS = (8 * EIGHTS + 16) / X_PER;
#pragma unroll 1
    for (int at = threadIdx.x; at < DEPTH * SAMPLES * VECTORS; at += THREADS) {
      const int channel = chunk * DEPTH + at / VECTORS / SAMPLES;
      const i64 sample = firstSample + at / VECTORS % SAMPLES;
      const int place = at % VECTORS * X_PER;
      const bool isThere = channel < IN && sample < BATCH && first + place >= 0 && first + place < LENGTH;
      copyInBackground<4 * X_PER>(stage + at / VECTORS * X_PITCH + placeOf(place),
                                  x + (isThere ? (sample * IN + channel) * LENGTH + first + place : 0), isThere);
    }
    if (!IS_RESIDENT) fetchWeights<DEPTH>(stage + TILE, w, chunk * DEPTH);
  }
  endOfCopies();
}

typedef float sums_t[OUTPUTS][8];

// Adds the products of some input channels.
__device__ __forceinline__ void multiply(sums_t& sums, const float* values, const float* weights, int channels) {
#pragma unroll UNROLL
  for (int i = 0; i < channels; i++) {
    float seen[8 + TAPS - 1];
#pragma unroll
    for (int p = 0; p < 8 + TAPS - 1; p++) {
      if (p >= BEFORE && p < BEFORE + 8) continue;
      seen[p] = values[i * SAMPLES * X_PITCH + placeOf(8 + p - BEFORE)];
    }
#pragma unroll
    for (int half = 0; half < 2; half++) {
      const float4 four = *reinterpret_cast<const float4*>(values + i * SAMPLES * X_PITCH + 12 + 4 * half);
      seen[BEFORE + 4 * half] = four.x;
      seen[BEFORE + 4 * half + 1] = four.y;
      seen[BEFORE + 4 * half + 2] = four.z;
      seen[BEFORE + 4 * half + 3] = four.w;
    }
#pragma unroll
    for (int tap = 0; tap < TAPS; tap++) {
#pragma unroll
      for (int o = 0; o < OUTPUTS; o += 4) {
        const float4 four = *reinterpret_cast<const float4*>(weights + (i * TAPS + tap) * W_PITCH + o);
#pragma unroll
        for (int p = 0; p < 8; p++) {
          sums[o][p] += four.x * seen[p + tap];
          sums[o + 1][p] += four.y * seen[p + tap];
          sums[o + 2][p] += four.z * seen[p + tap];
          sums[o + 3][p] += four.w * seen[p + tap];
        }
      }
    }
  }
}

__device__ __forceinline__ void write(float* __restrict__ out, const float* __restrict__ bias, const sums_t& sums,
                                      i64 sample, int firstRow, int first) {
  if (sample >= BATCH) return;
#pragma unroll
  for (int o = 0; o < OUTPUTS; o++) {
    const int channel = firstRow + o;
    if (channel >= OUT) continue;
    float* to = out + (sample * OUT + channel) * LENGTH + first;
    const float shift = bias[channel];
#pragma unroll
    for (int p = 0; p < 8; p += 4) {
      float answers[4];
#pragma unroll
      for (int i = 0; i < 4; i++) answers[i] = sums[o][p + i] + shift;
      if (LENGTH % 4 == 0) {
        if (first + p < LENGTH) storeFloats<float, 4>(to + p, answers);
      } else {
#pragma unroll
        for (int i = 0; i < 4; i++) {
          if (first + p + i < LENGTH) to[p + i] = answers[i];
        }
      }
    }
  }
}

extern "C" __global__ void __launch_bounds__(THREADS, MIN_BLOCKS)
convolve(const float* __restrict__ x, const float* __restrict__ w, const float* __restrict__ bias,
         float* __restrict__ out) {
  extern __shared__ uint4 memory[];
  float* kept = reinterpret_cast<float*>(memory);
  float* stages = kept + (IS_RESIDENT ? IN * TAPS * W_PITCH : 0);
  const int worker = min(int(threadIdx.x), WORKERS - 1);
  const int across = worker % ACROSS;
  const int row = worker / ACROSS * OUTPUTS;
  const int place = across / EIGHTS * X_PITCH + across % EIGHTS * 12;

  if (IS_RESIDENT) fetchWeights<IN>(kept, w, 0);
  int ahead = 0;
  for (; ahead < STAGES - 1; ahead++) fetch(stages, x, w, ahead);
  for (int work = blockIdx.x; work < WORK; work += gridDim.x) {
    sums_t sums = {};
#pragma unroll 1
    for (int chunk = 0; chunk < CHUNKS; chunk++, ahead++) {
      awaitCopiesBut<STAGES - 2>();
      __syncthreads();
      fetch(stages, x, w, ahead);
      const float* stage = stages + (ahead - (STAGES - 1)) % STAGES * STAGE;
      const float* weights = IS_RESIDENT ? kept + chunk * DEPTH * TAPS * W_PITCH : stage + TILE;
      multiply(sums, stage + place, weights + row, min(DEPTH, IN - chunk * DEPTH));
    }
    if (threadIdx.x < WORKERS) {
      write(out, bias, sums, i64(work / PIECES) * SAMPLES + across / EIGHTS, blockIdx.y * ROWS + row,
            (work % PIECES * EIGHTS + across % EIGHTS) * 8);
    }
  }
}
