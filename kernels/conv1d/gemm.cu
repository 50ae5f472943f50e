// One-dimensional convolution with many channels for compute capability 9.0, as a product of weights and of what each tap sees,
// by four warps at once. Weights are packed first, [taps, outputs, inputs], and x is turned into [samples, positions, inputs] with
// zeros before and behind each sample: what a tap sees is then the same matrix some rows further, which the copying engine
// brings. Along a row it starts at multiples of 16 bytes only, so that x as it lies in memory will do for a single tap alone, and
// then for whole tiles of inputs, lest it bring some of the next sample.
// Without the engine warps bring tiles. Sums leave through shared memory.

#define ELEMENT F16 // @data-types fp16 = F16, bf16 = BF16
#include "common.cuh"
#include "tile-product.cuh"

#define WARP_GROUPS 2 // @knob warps {1, 2} times four warps with 64 output channels of a tile
#define COLUMNS 128 // @knob tiling {64, 128, 192, 256} positions of a tile
#define STAGES 3 // @knob stages {3, 4, 6} tiles along input channels and taps in shared memory
#define DOWN 1 // @knob cluster {1, 2} blocks of different output channels that share tiles of x
#define ACROSS 1 // @knob cluster {1, 2} blocks of different positions that share tiles of weights
#define MIN_BLOCKS 2 // @knob launch-bounds {1, 2} blocks that a multiprocessor should hold
#define ENGINE 1 // @knob shared-staging {0, 1} whether the copying engine brings tiles

// @let turned ENGINE * (1 - (taps == 1) * (length % 8 == 0) * (inChannels % 64 == 0))
// @let rows 64 * WARP_GROUPS
// @let down 1 + (DOWN - 1) * ENGINE * (ceil_div(outChannels, rows) >= DOWN)
// @let across 1 + (ACROSS - 1) * ENGINE * (batch * ceil_div(length, COLUMNS) >= ACROSS)
// @let blocks align(ceil_div(outChannels, rows), down) * align(batch * ceil_div(length, COLUMNS), across)
// @let bytes 1024 + STAGES * (128 * (rows + COLUMNS) + 16)
// @let depth align(inChannels, 8)
// @let packed taps * outChannels * depth
// @let seen batch * (length + taps - 1) * depth * turned
// @let turns batch * ceil_div(length, 64) * ceil_div(depth, 64)
// @require (bytes + 1024) * MIN_BLOCKS <= 233472
// @require COLUMNS % (64 * DOWN) == 0
// @require batch * (length + taps - 1) < 2147483647
// @require WARP_GROUPS * COLUMNS * MIN_BLOCKS <= 512
// @scratch (256 + align(2 * packed, 128) + align(2 * seen, 128)) * ENGINE
// @launch pack grid(ceil_div(packed, 256)) block(256) args(w, x, scratch) when(ENGINE == 1)
// @launch turn grid(turns) block(256) args(x, scratch) when(turned == 1)
// @launch convolve grid(blocks) block(128 * WARP_GROUPS + 32) shared(bytes) args(x, w, scratch, bias, out) when(ENGINE == 1)
// @launch convolve grid(blocks) block(128 * WARP_GROUPS + 128) shared(bytes) args(x, w, x, bias, out) when(ENGINE == 0)

#define BATCH AXIS_batch
#define IN AXIS_inChannels
#define OUT AXIS_outChannels
#define LENGTH AXIS_length
#define TAPS AXIS_taps

constexpr bool BY_ENGINE = ENGINE;
constexpr bool IS_TURNED = ENGINE && (TAPS > 1 || LENGTH % 8 != 0 || IN % 64 != 0);
constexpr int BEFORE = (TAPS - 1) / 2;
constexpr int PIECES = ceilDiv(LENGTH, COLUMNS);
// Chunk c has tap c % TAPS of 64 input channels.
constexpr int CHUNKS = TAPS * ceilDiv(IN, 64);
constexpr int PADDED = ceilDiv(IN, 8) * 8;
// Rows of a sample that is turned.
constexpr int SEEN = LENGTH + TAPS - 1;

typedef TileProduct<WARP_GROUPS, COLUMNS, STAGES, ceilDiv(OUT, 64 * WARP_GROUPS), BATCH * PIECES, CHUNKS, DOWN, ACROSS, BY_ENGINE,
                    !IS_TURNED>
    tiles_t;
constexpr int CLUSTER = tiles_t::CLUSTER;

// In scratch memory.
struct Packed {
  TileMap weights, x;
  alignas(128) element_t w[TAPS * OUT * PADDED];
  alignas(128) element_t turned[IS_TURNED ? i64(BATCH) * SEEN * PADDED : 1];
};

// Weights with zeros for inputs that there are not, and maps of both factors.
extern "C" __global__ void __launch_bounds__(256)
pack(const element_t* __restrict__ w, const element_t* __restrict__ x, Packed* __restrict__ packed) {
  __shared__ TileMap maps[2];
  const bool isBf16 = ELEMENT == BF16;
  if (blockIdx.x == 0 && threadIdx.x < 32) {
    writeMap(&packed->weights, maps, packed->w, TAPS * OUT, PADDED, tiles_t::LEFT_PART, isBf16);
  } else if (blockIdx.x == 0 && threadIdx.x < 64) {
    const element_t* seen = IS_TURNED ? packed->turned : x;
    const int height = BATCH * (IS_TURNED ? SEEN : IN);
    writeMap(&packed->x, maps + 1, seen, height, IS_TURNED ? PADDED : LENGTH, tiles_t::RIGHT_ROWS, isBf16);
  }
  const int at = blockIdx.x * 256 + threadIdx.x;
  if (at >= TAPS * OUT * PADDED) return;
  const int in = at % PADDED;
  element_t weight;
  weight.bits = 0;
  if (in < IN) weight = w[(at / PADDED % OUT * IN + in) * TAPS + at / (PADDED * OUT)];
  packed->w[at] = weight;
}

// A block turns 64 channels and 64 positions of a sample, and its first positions come with the zeros around the sample. The eight
// elements e of channel c lie where e xor c / 8 would, so that both accesses are free of bank conflicts.
extern "C" __global__ void __launch_bounds__(256) turn(const element_t* __restrict__ x, Packed* __restrict__ packed) {
  __shared__ __align__(16) element_t tile[64 * 64];
  constexpr int TILES = ceilDiv(LENGTH, 64);
  constexpr int PER = WIDEST<LENGTH>;
  const int position = blockIdx.x % TILES * 64;
  const int in = blockIdx.x / TILES % ceilDiv(PADDED, 64) * 64;
  const int sample = blockIdx.x / (TILES * ceilDiv(PADDED, 64));
#pragma unroll
  for (int at = threadIdx.x; at < 64 * 64 / PER; at += 256) {
    const int channel = at / (64 / PER);
    const int first = at % (64 / PER) * PER;
    Vector<element_t, PER> read;
    zero(read.raw);
    if (in + channel < IN && position + first < LENGTH) {
      read = loadVector<element_t, PER>(x + (i64(sample) * IN + in + channel) * LENGTH + position + first);
    }
    element_t* to = tile + channel * 64 + (first / 8 ^ channel / 8) * 8 + first % 8;
    *reinterpret_cast<typename Vector<element_t, PER>::raw_t*>(to) = read.raw;
  }
  __syncthreads();
  const int eight = threadIdx.x % 8;
  if (in + eight * 8 >= PADDED) return;
  element_t* to = packed->turned + i64(sample) * SEEN * PADDED + in + eight * 8;
  for (int row = threadIdx.x / 8; row < 64 && position + row < LENGTH; row += 32) {
    Vector<element_t, 8> turned;
#pragma unroll
    for (int i = 0; i < 8; i++) turned.at[i] = tile[(eight * 8 + i) * 64 + (row / 8 ^ eight) * 8 + row % 8];
    storeVector<element_t, 8>(to + i64(position + row + BEFORE) * PADDED, turned);
  }
  if (position > 0) return;
  Vector<element_t, 8> zeros;
  zero(zeros.raw);
  for (int row = threadIdx.x / 8; row < TAPS - 1; row += 32) {
    storeVector<element_t, 8>(to + i64(row < BEFORE ? row : LENGTH + row) * PADDED, zeros);
  }
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
                        const int position = tile % PIECES * COLUMNS + column % COLUMNS;
                        const int in = chunk / TAPS * 64;
                        return IS_TURNED ? make_int2(tile / PIECES * SEEN + position + chunk % TAPS, in)
                                         : make_int2(tile / PIECES * IN + in, position);
                      });
  }
  tiles.part();
}
