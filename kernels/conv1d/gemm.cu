// One-dimensional convolution with many channels for compute capability 9.0, as a product of weights and of what each tap sees,
// by four warps at once. The copying engine brings tiles of x as they lie in memory, moved by a tap, with zeros beyond both
// ends, to clusters of blocks; products take them lying across. Weights are packed first, [taps, outputs, inputs]. Rows that the
// engine cannot take (no multiples of 16 bytes) are brought by warps. Sums leave through shared memory.

#define ELEMENT F16 // @data-types fp16 = F16, bf16 = BF16
#include "common.cuh"
#include "tile-product.cuh"

#define WARP_GROUPS 2 // @knob warps {1, 2} times four warps with 64 output channels of a tile
#define COLUMNS 128 // @knob tiling {64, 128, 192, 256} positions of a tile
#define STAGES 3 // @knob stages {3, 4, 5, 6} tiles along input channels and taps in shared memory
#define DOWN 2 // @knob cluster {1, 2, 4} blocks of different output channels that share tiles of x
#define ACROSS 2 // @knob cluster {1, 2, 4} blocks of different positions that share tiles of weights
#define MIN_BLOCKS 2 // @knob launch-bounds {1, 2} blocks that a multiprocessor should hold
#define ENGINE 1 // @knob shared-staging {0, 1} whether the copying engine brings tiles where it can

// @let engine ENGINE * (length % 8 == 0)
// @let rows 64 * WARP_GROUPS
// @let down 1 + (DOWN - 1) * engine * (ceil_div(outChannels, rows) >= DOWN)
// @let across 1 + (ACROSS - 1) * engine * (batch * ceil_div(length, COLUMNS) >= ACROSS)
// @let blocks align(ceil_div(outChannels, rows), down) * align(batch * ceil_div(length, COLUMNS), across)
// @let bytes 1024 + STAGES * (128 * (rows + COLUMNS) + 16)
// @let packed taps * outChannels * align(inChannels, 8)
// @require (bytes + 1024) * MIN_BLOCKS <= 233472
// @require COLUMNS % (64 * DOWN) == 0
// @require DOWN * ACROSS <= 8
// @require WARP_GROUPS * COLUMNS * MIN_BLOCKS <= 512
// @scratch (256 + 2 * packed) * engine
// @launch pack grid(ceil_div(packed, 256)) block(256) args(w, x, scratch) when(engine == 1)
// @launch convolve grid(blocks) block(128 * WARP_GROUPS + 32) shared(bytes) args(x, w, scratch, bias, out) when(engine == 1)
// @launch convolve grid(blocks) block(128 * WARP_GROUPS + 128) shared(bytes) args(x, w, x, bias, out) when(engine == 0)

#define BATCH AXIS_batch
#define IN AXIS_inChannels
#define OUT AXIS_outChannels
#define LENGTH AXIS_length
#define TAPS AXIS_taps

constexpr bool BY_ENGINE = ENGINE && LENGTH % 8 == 0;
constexpr int BEFORE = (TAPS - 1) / 2;
constexpr int PIECES = ceilDiv(LENGTH, COLUMNS);
// Chunk c has tap c % TAPS of 64 input channels.
constexpr int CHUNKS = TAPS * ceilDiv(IN, 64);
constexpr int PADDED = ceilDiv(IN, 8) * 8;

typedef TileProduct<WARP_GROUPS, COLUMNS, STAGES, ceilDiv(OUT, 64 * WARP_GROUPS), BATCH * PIECES, CHUNKS, DOWN, ACROSS, BY_ENGINE,
                    true>
    tiles_t;
constexpr int CLUSTER = tiles_t::CLUSTER;

// In scratch memory.
struct Packed {
  TileMap weights, x;
  element_t w[TAPS * OUT * PADDED];
};

// Weights with zeros for inputs that there are not, and maps of both factors.
extern "C" __global__ void __launch_bounds__(256)
pack(const element_t* __restrict__ w, const element_t* __restrict__ x, Packed* __restrict__ packed) {
  __shared__ TileMap maps[2];
  const bool isBf16 = ELEMENT == BF16;
  if (blockIdx.x == 0 && threadIdx.x < 32) {
    writeMap(&packed->weights, maps, packed->w, TAPS * OUT, PADDED, tiles_t::LEFT_PART, isBf16);
  } else if (blockIdx.x == 0 && threadIdx.x < 64) {
    writeMap(&packed->x, maps + 1, x, BATCH * IN, LENGTH, tiles_t::RIGHT_ROWS, isBf16);
  }
  const int at = blockIdx.x * 256 + threadIdx.x;
  if (at >= TAPS * OUT * PADDED) return;
  const int in = at % PADDED;
  element_t weight;
  weight.bits = 0;
  if (in < IN) weight = w[(at / PADDED % OUT * IN + in) * TAPS + at / (PADDED * OUT)];
  packed->w[at] = weight;
}

// A tile without the engine: element by element.
__device__ __forceinline__ void bring(element_t* weights, element_t* seen, const element_t* w, const element_t* x, int firstOut,
                                      int tile, int chunk, int thread) {
  const int tap = chunk % TAPS;
  const int firstIn = chunk / TAPS * 64;
  for (int at = thread; at < tiles_t::ROWS * 64; at += tiles_t::PRODUCERS) {
    const int out = firstOut + at / 64;
    const int in = firstIn + at % 64;
    element_t& to = weights[tiles_t::placeOf(at / 64, at % 64 / 8) + at % 8];
    to.bits = out < OUT && in < IN ? w[(out * IN + in) * TAPS + tap].bits : 0;
  }
  for (int at = thread; at < 64 * COLUMNS; at += tiles_t::PRODUCERS) {
    const int column = at % COLUMNS;
    const int in = firstIn + at / COLUMNS;
    const int position = tile % PIECES * COLUMNS + column + tap - BEFORE;
    const bool isThere = tile < BATCH * PIECES && in < IN && position >= 0 && position < LENGTH;
    element_t& to = seen[column / 64 * 4096 + tiles_t::placeOf(at / COLUMNS, column % 64 / 8) + column % 8];
    to.bits = isThere ? x[(i64(tile / PIECES) * IN + in) * LENGTH + position].bits : 0;
  }
}

extern "C" __global__ void __cluster_dims__(CLUSTER, 1, 1) __launch_bounds__(tiles_t::THREADS, BY_ENGINE ? MIN_BLOCKS : 1)
convolve(const element_t* __restrict__ x, const element_t* __restrict__ w, const Packed* __restrict__ packed,
         const element_t* __restrict__ bias, element_t* __restrict__ out) {
  extern __shared__ uint4 memory[];
  tiles_t tiles(memory, true);
  if (threadIdx.x < tiles_t::CONSUMERS) {
    constexpr int PER = WIDEST<LENGTH>;
    tiles.forAll<PER>(tiles.multiply(), [&](int row, int column, float(&values)[PER]) {
      const int tile = column / COLUMNS;
      const int position = tile % PIECES * COLUMNS + column % COLUMNS;
      if (row >= OUT || tile >= BATCH * PIECES || position >= LENGTH) return;
      const float shift = toFloat(bias[row]);
#pragma unroll
      for (int i = 0; i < PER; i++) values[i] += shift;
      storeFloats<element_t, PER>(out + (i64(tile / PIECES) * OUT + row) * LENGTH + position, values);
    });
  } else if (!BY_ENGINE) {
    tiles.bringTiles([&](int chunk, element_t* weights, element_t* seen, int thread) {
      bring(weights, seen, w, x, tiles.tileDown * tiles_t::ROWS, tiles.tileAcross, chunk, thread);
    });
  } else if (threadIdx.x == tiles_t::CONSUMERS) {
    tiles.askForTiles(&packed->weights, &packed->x,
                      [](int chunk, int row) { return make_int2(chunk % TAPS * OUT + row, chunk / TAPS * 64); },
                      [](int chunk, int column) {
                        const int tile = column / COLUMNS;
                        return make_int2(tile / PIECES * IN + chunk / TAPS * 64,
                                         tile % PIECES * COLUMNS + column % COLUMNS + chunk % TAPS - BEFORE);
                      });
  }
  tiles.part();
}
