// One-dimensional convolution as a product on tensor cores. A tile of x comes as it lies in memory, [channels, positions], and is
// turned once into [positions, channels] in shared memory: what a tap sees is then the same tile some rows further, and which
// positions make up a matrix is free, so that a lane ends up with four neighbours of the answer. While one tile is multiplied
// the next is turned and those behind it are on their way. Blocks stay; each keeps the weights of its output channels.

#define ELEMENT F16 // @data-types fp16 = F16, bf16 = BF16
#include "common.cuh"
#include "tensor-core.cuh"

#define WARPS_DOWN 2 // @knob warps {1, 2, 3, 6} warps over the output channels
#define WARPS_ACROSS 6 // @knob warps {2, 4, 5, 6, 8} warps over the positions
#define MOST_SIXTEENS 3 // @knob tiling {1, 2, 3, 4, 6} times 16 output channels of a warp, at most
#define MOST_POSITIONS 208 // @knob tiling {64, 128, 208, 256} positions of a tile, at most
#define LEAST_POSITIONS 64 // @knob split {32, 64, 104, 208} positions of a tile that is cut so that all blocks have one
#define MOST_CHANNELS 96 // @knob tiling {16, 32, 48, 64, 96} input channels of a tile, at most
#define MOVING_CHANNELS 32 // @knob tiling {16, 32, 48} input channels of a tile that brings its weights along
#define STAGES 2 // @knob stages {2, 3, 4} tiles of x on their way or about to be turned
#define BLOCKS 132 // @knob persistent-grid {132, 264, 396, 528} blocks that take turns, for each group of output channels
constexpr int UNROLL = 1; // @knob unrolling {1, 2, 3} steps of 16 input channels that are written out
#define MIN_BLOCKS 1 // @knob launch-bounds {1, 2} blocks that a multiprocessor should hold

// @let sixteens ceil_div(outChannels, 16)
// @let groups ceil_div(sixteens, WARPS_DOWN * MOST_SIXTEENS)
// @let rows 16 * WARPS_DOWN * ceil_div(sixteens, groups * WARPS_DOWN)
// @let cuts max(ceil_div(length, MOST_POSITIONS), min(ceil_div(BLOCKS, batch * groups), ceil_div(length, LEAST_POSITIONS)))
// @let eights ceil_div(ceil_div(length, cuts), 8)
// @let pieces ceil_div(length, 8 * eights)
// @let rawPitch 8 * ((eights + 2 * (1 < pieces)) / 2 * 2 + 1)
// @let turnedRows 8 * eights + taps - 1
// @let padding 16 * ceil_div(turnedRows, 8)
// @let keptChunks ceil_div(inChannels, MOST_CHANNELS)
// @let keptDepth align(ceil_div(inChannels, keptChunks), 16)
// @let keptTiles STAGES * keptDepth * rawPitch + 2 * (turnedRows * (keptDepth + 8) + padding)
// @let kept 2 * (taps * rows * (keptChunks * keptDepth + 8) + keptTiles)
// @let resident kept <= 232448
// @let movingChunks ceil_div(inChannels, MOVING_CHANNELS)
// @let movingDepth align(ceil_div(inChannels, movingChunks), 16)
// @let movingTiles STAGES * movingDepth * rawPitch + 2 * (turnedRows * (movingDepth + 8) + padding)
// @let moving 2 * (movingTiles + (STAGES + 1) * taps * rows * (movingDepth + 8))
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

// A piece inside a row comes with eight positions on both sides. Rows of 16 · odd bytes lie in different banks.
constexpr int HALO = PIECES > 1 ? 8 : 0;
constexpr int RAW_EIGHTS = EIGHTS + HALO / 4;
constexpr int RAW_PITCH = 8 * (RAW_EIGHTS / 2 * 2 + 1);
constexpr int TURNED_ROWS = 8 * EIGHTS + TAPS - 1;
constexpr int PADDING = 16 * ceilDiv(TURNED_ROWS, 8);
constexpr int KEPT_CHUNKS = ceilDiv(IN, MOST_CHANNELS);
constexpr int KEPT_DEPTH = sixteensOf(ceilDiv(IN, KEPT_CHUNKS));
constexpr bool IS_RESIDENT = 2 * (TAPS * ROWS * (KEPT_CHUNKS * KEPT_DEPTH + 8) + STAGES * KEPT_DEPTH * RAW_PITCH +
                                  2 * (TURNED_ROWS * (KEPT_DEPTH + 8) + PADDING)) <= 232448;
constexpr int CHUNKS = IS_RESIDENT ? KEPT_CHUNKS : ceilDiv(IN, MOVING_CHANNELS);
constexpr int DEPTH = IS_RESIDENT ? KEPT_DEPTH : sixteensOf(ceilDiv(IN, CHUNKS));
constexpr int RAW = DEPTH * RAW_PITCH;
constexpr int PITCH = DEPTH + 8;
constexpr int TURNED = TURNED_ROWS * PITCH + PADDING;
constexpr int W_PITCH = (IS_RESIDENT ? CHUNKS * DEPTH : DEPTH) + 8;
constexpr int W_PART = TAPS * ROWS * W_PITCH;
// Weights that move are still read while the tiles behind theirs are turned and fetched.
constexpr int W_PARTS = IS_RESIDENT ? 1 : STAGES + 1;
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
      kept[((at + i) % TAPS * ROWS + (at + i) / (TAPS * IN)) * W_PITCH + (at + i) / TAPS % IN] = v.at[i];
    }
  }
  constexpr int EMPTY = CHUNKS * DEPTH - IN;
  for (int at = threadIdx.x; at < TAPS * ROWS * EMPTY; at += THREADS) {
    kept[at / (EMPTY + !EMPTY) * W_PITCH + IN + at % (EMPTY + !EMPTY)].bits = 0;
  }
}

// Positions of a piece, some channels; zeros where there are none.
__device__ __forceinline__ void fetchTile(element_t* raw, const element_t* x, i64 sample, int first, int chunk) {
  constexpr int ACROSS = 8 * RAW_EIGHTS / X_PER;
  const element_t* from = x + (sample * IN + chunk * DEPTH) * LENGTH + (first - HALO);
#pragma unroll 4
  for (int at = threadIdx.x; at < DEPTH * ACROSS; at += THREADS) {
    const int channel = at / ACROSS;
    const int place = at % ACROSS * X_PER;
    const int position = first - HALO + place;
    const bool isThere = chunk * DEPTH + channel < IN && position >= 0 && position < LENGTH;
    const element_t* element = isThere ? from + channel * LENGTH + place : x;
    element_t* to = raw + channel * RAW_PITCH + place;
    if (X_PER > 1) {
      copyInBackground<X_PER == 1 ? 4 : 2 * X_PER>(to, element, isThere);
    } else {
      to->bits = isThere ? element->bits : 0;
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
__device__ __forceinline__ void fetch(element_t* raws, element_t* parts, const element_t* x, const element_t* packed,
                                      int turn) {
  const i64 piece = blockIdx.x + i64(turn / CHUNKS) * gridDim.x;
  if (piece < i64(AXIS_batch) * PIECES) {
    fetchTile(raws + turn % STAGES * RAW, x, piece / PIECES, int(piece % PIECES) * (8 * EIGHTS), turn % CHUNKS);
    if (!IS_RESIDENT) fetchWeights(parts + turn % W_PARTS * W_PART, packed, turn % CHUNKS);
  }
  endOfCopies();
}

// Every eight rows there is a step aside: rows that a matrix takes from either side of it still lie in different banks.
__device__ __forceinline__ int rowOf(int row) { return row * PITCH + row / 8 * 16; }

// Rows of a turned tile are positions, the first of them BEFORE the piece's first.
__device__ __forceinline__ void turn(element_t* turned, const element_t* raw) {
  const int lane = threadIdx.x % 32;
  constexpr int PAIRS = (RAW_EIGHTS + 1) / 2;
#pragma unroll 2
  for (int at = threadIdx.x / 32; at < DEPTH / 16 * PAIRS; at += THREADS / 32) {
    const int k = at / PAIRS * 16;
    const int eight = at % PAIRS * 2;
    u32 m[4];
    loadMatricesTransposed(m, raw + (k + lane % 16) * RAW_PITCH + 8 * min(eight + lane / 16, RAW_EIGHTS - 1));
#pragma unroll
    for (int i = 0; i < 4; i++) {
      const int row = 8 * (eight + i / 2) + lane / 4 - HALO + BEFORE;
      if (eight + i / 2 < RAW_EIGHTS && row >= 0 && row < TURNED_ROWS) {
        *reinterpret_cast<u32*>(turned + rowOf(row) + k + i % 2 * 8 + lane % 4 * 2) = m[i];
      }
    }
  }
}

typedef float sums_t[SIXTEENS][WARP_EIGHTS][4];

// Adds the products of one tile: `Eights` times eight positions from `firstEight` on, two of them interleaved: of sixteen
// positions the first matrix has 4i and 4i + 1, the second 4i + 2 and 4i + 3.
template <int Eights>
__device__ __forceinline__ void multiply(sums_t& sums, const element_t* turned, const element_t* weights, int firstRow,
                                         int firstEight) {
  const int lane = threadIdx.x % 32;
  constexpr int PAIRS = (Eights + 1) / 2;
  const element_t* left = weights + (firstRow + lane % 16) * W_PITCH + lane / 16 * 8;
  const element_t* right[TAPS];
  const element_t* last[TAPS];
#pragma unroll
  for (int tap = 0; tap < TAPS; tap++) {
    const int position = firstEight * 8 + lane % 8 / 2 * 4 + lane / 16 * 2 + lane % 2 + tap;
    right[tap] = turned + rowOf(position) + lane / 8 % 2 * 8;
    // Of an eight that is left over, positions follow each other.
    last[tap] = turned + rowOf(firstEight * 8 + (Eights - 1) * 8 + lane % 8 + tap) + lane / 8 % 2 * 8;
  }
#pragma unroll UNROLL
  for (int k = 0; k < DEPTH; k += 16) {
#pragma unroll
    for (int tap = 0; tap < TAPS; tap++) {
      u32 a[SIXTEENS][4];
#pragma unroll
      for (int m = 0; m < SIXTEENS; m++) loadMatrices(a[m], left + (tap * ROWS + m * 16) * W_PITCH + k);
#pragma unroll
      for (int pair = 0; pair < PAIRS; pair++) {
        const bool isWhole = 2 * pair + 1 < Eights;
        u32 b[4];
        loadMatrices(b, (isWhole ? right[tap] + pair * (16 * PITCH + 32) : last[tap]) + k);
#pragma unroll
        for (int m = 0; m < SIXTEENS; m++) {
          multiplyAdd(sums[m][2 * pair], a[m], b[0], b[1]);
          if (isWhole) multiplyAdd(sums[m][min(2 * pair + 1, Eights - 1)], a[m], b[2], b[3]);
        }
      }
    }
  }
}

// Up to four neighbours of a row of the answer.
__device__ __forceinline__ void store(element_t* row, int position, bool isFour, u32 first, u32 second) {
  if (position >= LENGTH) return;
  if (isFour && LENGTH % 4 == 0) {
    storeWhole(reinterpret_cast<uint2*>(row + position), make_uint2(first, second));
    return;
  }
  const u32 pairs[2] = {first, second};
#pragma unroll
  for (int i = 0; i < 2; i++) {
    const int at = position + 2 * i;
    if ((i == 1 && !isFour) || at >= LENGTH) continue;
    if (IS_EVEN) {
      *reinterpret_cast<u32*>(row + at) = pairs[i];
    } else {
      row[at].bits = u16(pairs[i]);
      if (at + 1 < LENGTH) row[at + 1].bits = u16(pairs[i] >> 16);
    }
  }
}

template <int Eights>
__device__ __forceinline__ void write(element_t* __restrict__ out, const float (&shifts)[2 * SIXTEENS], const sums_t& sums,
                                      i64 sample, int firstRow, int first) {
  const int t = threadIdx.x % 4;
#pragma unroll
  for (int i = 0; i < 2 * SIXTEENS; i++) {
    const int channel = firstRow + i * 8 + threadIdx.x % 32 / 4;
    if (channel >= OUT) continue;
    element_t* row = out + (sample * OUT + channel) * LENGTH;
#pragma unroll
    for (int j = 0; j < Eights; j += 2) {
      const bool isFour = j + 1 < Eights;
      const float(&low)[4] = sums[i / 2][j];
      const float(&high)[4] = sums[i / 2][min(j + 1, WARP_EIGHTS - 1)];
      const int at = i % 2 * 2;
      store(row, first + 8 * j + (isFour ? 4 : 2) * t, isFour, packPair(low[at] + shifts[i], low[at + 1] + shifts[i]),
            packPair(high[at] + shifts[i], high[at + 1] + shifts[i]));
    }
  }
}

extern "C" __global__ void __launch_bounds__(THREADS, MIN_BLOCKS)
convolve(const element_t* __restrict__ x, const element_t* __restrict__ w, const element_t* __restrict__ bias,
         element_t* __restrict__ out) {
  extern __shared__ uint4 memory[];
  element_t* parts = reinterpret_cast<element_t*>(memory);
  element_t* turneds = parts + W_PARTS * W_PART;
  element_t* raws = turneds + 2 * TURNED;
  // By way of a shuffle compilers see that all lanes have the same.
  const int warp = fromLane<32>(int(threadIdx.x / 32), 0);
  const int warpAcross = warp % WARPS_ACROSS;
  const int firstRow = warp / WARPS_ACROSS * SIXTEENS * 16;
  float shifts[2 * SIXTEENS];
#pragma unroll
  for (int i = 0; i < 2 * SIXTEENS; i++) {
    const int channel = blockIdx.y * ROWS + firstRow + i * 8 + threadIdx.x % 32 / 4;
    shifts[i] = channel < OUT ? toFloat(bias[channel]) : 0.0f;
  }

#pragma unroll 1
  for (int ahead = 0; ahead < STAGES; ahead++) fetch(raws, parts, x, w, ahead);
  if (IS_RESIDENT) keepWeights(parts, w);
  if (HALO == 0) {
    // Rows before and behind the only piece of a sample.
    for (int at = threadIdx.x; at < 2 * (TAPS - 1) * DEPTH; at += THREADS) {
      const int row = at / DEPTH % (TAPS - 1 + (TAPS == 1));
      turneds[at / ((TAPS - 1 + (TAPS == 1)) * DEPTH) * TURNED + rowOf(row < BEFORE ? row : row + 8 * EIGHTS) + at % DEPTH]
          .bits = 0;
    }
  }
  awaitCopiesBut<STAGES - 1>();
  __syncthreads();
  turn(turneds, raws);

  int now = 0;
  for (i64 piece = blockIdx.x; piece < i64(AXIS_batch) * PIECES; piece += gridDim.x) {
    // Shares differ by one: warps take turns at the larger ones.
    const int share = (warpAcross + now / CHUNKS) % WARPS_ACROSS;
    const int firstEight = share * EIGHTS / WARPS_ACROSS;
    const bool isLarger = (share + 1) * EIGHTS / WARPS_ACROSS - firstEight == WARP_EIGHTS;
    sums_t sums = {};
#pragma unroll 1
    for (int chunk = 0; chunk < CHUNKS; chunk++, now++) {
      // The next tile is there, this one is turned, and what the last one was read from is free.
      awaitCopiesBut<STAGES - 2>();
      __syncthreads();
      fetch(raws, parts, x, w, now + STAGES);
      turn(turneds + (now + 1) % 2 * TURNED, raws + (now + 1) % STAGES * RAW);
      const element_t* turned = turneds + now % 2 * TURNED;
      const element_t* weights = parts + (IS_RESIDENT ? chunk * DEPTH : now % W_PARTS * W_PART);
      if (isLarger) multiply<WARP_EIGHTS>(sums, turned, weights, firstRow, firstEight);
      else multiply<LEAST_EIGHTS>(sums, turned, weights, firstRow, firstEight);
    }
    const int first = int(piece % PIECES) * (8 * EIGHTS) + firstEight * 8;
    if (isLarger) write<WARP_EIGHTS>(out, shifts, sums, piece / PIECES, blockIdx.y * ROWS + firstRow, first);
    else write<LEAST_EIGHTS>(out, shifts, sums, piece / PIECES, blockIdx.y * ROWS + firstRow, first);
  }
}
