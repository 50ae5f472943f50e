// One-dimensional convolution in fp32 with plain multiply-adds from shared memory. A thread holds OUTPUTS output channels at
// eight positions; what it reads of x for them serves all taps. Tiles of some input channels, with their weights, are on
// their way while the one before is used.

// @data-types fp32, tf32
#define ELEMENT F32
#include "common.cuh"
#include "async-copy.cuh"

#define OUTPUTS 8 // @knob tiling {4, 8, 12, 16} output channels of a thread
#define MOST_ROWS 96 // @knob tiling {32, 48, 64, 96, 128} output channels of a block, at most
#define MOST_POSITIONS 208 // @knob tiling {64, 104, 128, 208, 256} positions of a block, at most
#define MOST_CHANNELS 16 // @knob tiling {4, 8, 16, 32} input channels of a tile, at most
#define STAGES 2 // @knob stages {2, 3, 4} tiles in shared memory
#define MIN_BLOCKS 2 // @knob launch-bounds {1, 2, 3} blocks that a multiprocessor should hold
constexpr int UNROLL = 1; // @knob unrolling {1, 2, 4} input channels that are written out

// @let groups ceil_div(outChannels, MOST_ROWS)
// @let rows align(ceil_div(outChannels, groups), OUTPUTS)
// @let eights ceil_div(ceil_div(length, ceil_div(length, MOST_POSITIONS)), 8)
// @let pieces ceil_div(length, 8 * eights)
// @let depth ceil_div(inChannels, ceil_div(inChannels, MOST_CHANNELS))
// @let threads align(eights * rows / OUTPUTS, 32)
// @let bytes 4 * STAGES * depth * ((eights + 2) * 12 + taps * (rows + 4))
// @require threads <= 1024
// @require threads * MIN_BLOCKS <= 2048
// @require bytes <= 232448
// @require taps <= 17
// @launch convolve grid(batch * pieces, groups) block(threads) shared(bytes) args(x, w, bias, out)

#define IN AXIS_inChannels
#define OUT AXIS_outChannels
#define LENGTH AXIS_length
#define TAPS AXIS_taps

__device__ constexpr int ceilDiv(int a, int b) { return (a + b - 1) / b; }
constexpr int ROWS = ceilDiv(ceilDiv(OUT, ceilDiv(OUT, MOST_ROWS)), OUTPUTS) * OUTPUTS;
constexpr int EIGHTS = ceilDiv(ceilDiv(LENGTH, ceilDiv(LENGTH, MOST_POSITIONS)), 8);
constexpr int PIECES = ceilDiv(LENGTH, 8 * EIGHTS);
constexpr int CHUNKS = ceilDiv(IN, MOST_CHANNELS);
constexpr int DEPTH = ceilDiv(IN, CHUNKS);
constexpr int WORKERS = EIGHTS * (ROWS / OUTPUTS);
constexpr int THREADS = ceilDiv(WORKERS, 32) * 32;
constexpr int BEFORE = (TAPS - 1) / 2;

// Eight positions take twelve words: lanes side by side then read from different banks. One eight more at both ends.
constexpr int X_PITCH = (EIGHTS + 2) * 12;
constexpr int W_PITCH = ROWS + 4;
constexpr int STAGE = DEPTH * (X_PITCH + TAPS * W_PITCH);
constexpr int X_PER = LENGTH % 4 == 0 ? 4 : LENGTH % 2 == 0 ? 2 : 1;

static_assert(OUTPUTS % 4 == 0, "weights are read four at a time");
static_assert(TAPS <= 17, "taps reach beyond the next eight positions");

// Place in a row of shared memory of a position, counted from the eight before the block's first.
__device__ constexpr int placeOf(int position) { return position / 8 * 12 + position % 8; }

__device__ __forceinline__ void fetch(float* stage, const float* x, const float* w, i64 sample, int first, int chunk) {
  constexpr int ACROSS = (8 * EIGHTS + 16) / X_PER;
#pragma unroll 1
  for (int at = threadIdx.x; at < DEPTH * ACROSS; at += THREADS) {
    const int channel = chunk * DEPTH + at / ACROSS;
    const int place = at % ACROSS * X_PER;
    const int position = first - 8 + place;
    const bool isThere = channel < IN && position >= 0 && position < LENGTH;
    copyInBackground<4 * X_PER>(stage + at / ACROSS * X_PITCH + placeOf(place),
                                x + (isThere ? (sample * IN + channel) * LENGTH + position : 0), isThere);
  }
  float* weights = stage + DEPTH * X_PITCH;
#pragma unroll 1
  for (int at = threadIdx.x; at < ROWS * DEPTH * TAPS; at += THREADS) {
    const int row = blockIdx.y * ROWS + at / (DEPTH * TAPS);
    const int column = chunk * DEPTH * TAPS + at % (DEPTH * TAPS);
    const bool isThere = row < OUT && column < IN * TAPS;
    copyInBackground<4>(weights + at % (DEPTH * TAPS) * W_PITCH + at / (DEPTH * TAPS),
                        w + (isThere ? i64(row) * IN * TAPS + column : 0), isThere);
  }
  endOfCopies();
}

extern "C" __global__ void __launch_bounds__(THREADS, MIN_BLOCKS)
convolve(const float* __restrict__ x, const float* __restrict__ w, const float* __restrict__ bias,
         float* __restrict__ out) {
  extern __shared__ uint4 memory[];
  float* stages = reinterpret_cast<float*>(memory);
  const i64 sample = blockIdx.x / PIECES;
  const int first = blockIdx.x % PIECES * (8 * EIGHTS);
  const int worker = min(int(threadIdx.x), WORKERS - 1);
  const int eight = worker % EIGHTS;
  const int row = worker / EIGHTS * OUTPUTS;

  float sums[OUTPUTS][8] = {};
#pragma unroll
  for (int chunk = 0; chunk < STAGES - 1; chunk++) {
    if (chunk < CHUNKS) fetch(stages + chunk * STAGE, x, w, sample, first, chunk);
    else endOfCopies();
  }
  for (int chunk = 0; chunk < CHUNKS; chunk++) {
    awaitCopiesBut<STAGES - 2>();
    __syncthreads();
    const int next = chunk + STAGES - 1;
    if (next < CHUNKS) fetch(stages + next % STAGES * STAGE, x, w, sample, first, next);
    else endOfCopies();
    const float* values = stages + chunk % STAGES * STAGE + eight * 12;
    const float* weights = stages + chunk % STAGES * STAGE + DEPTH * X_PITCH + row;
#pragma unroll UNROLL
    for (int i = 0; i < DEPTH; i++) {
      float seen[8 + TAPS - 1];
#pragma unroll
      for (int p = 0; p < 8 + TAPS - 1; p++) {
        if (p >= BEFORE && p < BEFORE + 8) continue;
        seen[p] = values[i * X_PITCH + placeOf(8 + p - BEFORE)];
      }
#pragma unroll
      for (int half = 0; half < 2; half++) {
        const float4 four = *reinterpret_cast<const float4*>(values + i * X_PITCH + 12 + 4 * half);
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

  if (threadIdx.x >= WORKERS) return;
#pragma unroll
  for (int o = 0; o < OUTPUTS; o++) {
    const int channel = blockIdx.y * ROWS + row + o;
    if (channel >= OUT) continue;
    float* to = out + (sample * OUT + channel) * LENGTH + first + eight * 8;
    const float shift = bias[channel];
#pragma unroll
    for (int p = 0; p < 8; p += 4) {
      if (LENGTH % 4 == 0) {
        if (first + eight * 8 + p < LENGTH) {
          *reinterpret_cast<float4*>(to + p) = make_float4(sums[o][p] + shift, sums[o][p + 1] + shift,
                                                           sums[o][p + 2] + shift, sums[o][p + 3] + shift);
        }
      } else {
#pragma unroll
        for (int i = 0; i < 4; i++) {
          if (first + eight * 8 + p + i < LENGTH) to[p + i] = sums[o][p + i] + shift;
        }
      }
    }
  }
}
