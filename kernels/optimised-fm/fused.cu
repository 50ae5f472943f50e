// out = (x · xᵀ) · y of each sample in one launch. A block forms the products of its sample's vectors on tensor cores and
// keeps them in registers, in 16 bits; then each warp by itself streams tiles of y's columns through shared memory, several
// on their way at a time, and writes the answer over the tile it came from. Rows of y and of the answer start at any even
// address: they are copied in whole 16 bytes as they lie in memory, and a row's place in the tile is moved accordingly.

#define ELEMENT F16 // @data-types fp16 = F16, bf16 = BF16
#include "common.cuh"
#include "tensor-core.cuh"

#define WARPS 4 // @knob warps {1, 2, 4, 5, 7, 8} warps of a block, which share a sample
#define TILE_BYTES 6144 // @knob tiling {2048, 4096, 6144, 8192, 12288} bytes of y that a warp holds in one tile, about
#define STAGES 3 // @knob stages {1, 2, 3, 4, 6} tiles of a warp: one is computed on, the others are on their way
#define SPLIT 1 // @knob launch-shape {1, 2, 4} blocks that share the columns of a sample, at least
#define FILLING 264 // @knob split {132, 264, 528} blocks for whose sake more of them share the columns of a sample
constexpr int UNROLL = 4; // @knob unrolling {1, 2, 4} steps of 16 columns that are written out
#define MIN_BLOCKS 2 // @knob launch-bounds {1, 2, 3, 4} blocks that a multiprocessor should hold

// @let fitting TILE_BYTES / (2 * vectors)
// @let columns 32 * (1 + (64 <= fitting) + 2 * (128 <= fitting) + 4 * (256 <= fitting))
// @let tiles ceil_div(rank, columns - 8 * (0 < rank % 8))
// @let parts max(SPLIT, min(ceil_div(FILLING, batch), ceil_div(tiles, WARPS)))
// @let squares align(vectors, 16)
// @let bytes 2 * (vectors * (align(dim, 16) + 8) + squares * (squares + 8) + WARPS * STAGES * vectors * (columns + 8))
// @require bytes <= 232448
// @launch fused grid(batch * parts) block(WARPS * 32) shared(bytes) args(x, y, out)

#define VECTORS AXIS_vectors
#define DIM AXIS_dim
#define RANK AXIS_rank
#define TOTAL (i64(AXIS_batch) * VECTORS * RANK)

// Rows of 16 · odd bytes: the rows of a matrix then lie in different banks.
#define DEPTH ((DIM + 15) / 16 * 16)
#define X_PITCH (DEPTH + 8)
#define X_PER (DIM % 8 == 0 ? 8 : DIM % 4 == 0 ? 4 : DIM % 2 == 0 ? 2 : 1)
#define SQUARES ((VECTORS + 15) / 16)
#define GRAM_PITCH (16 * SQUARES + 8)
#define EIGHTS ((VECTORS + 7) / 8)
// Beyond that, products are read again for every 16 columns.
#define IS_HELD (VECTORS <= 64)
#define FITTING (TILE_BYTES / (2 * VECTORS))
#define COLUMNS (FITTING >= 256 ? 256 : FITTING >= 128 ? 128 : FITTING >= 64 ? 64 : 32)

// Where rows are no multiples of 16 bytes, a tile's own columns start up to seven behind its first: eight less are its own,
// and there is one more chunk of eight before them.
#define LEAD (RANK % 8 == 0 ? 0 : 1)
#define STEP (COLUMNS - 8 * LEAD)
#define Y_PITCH (COLUMNS + 8)
#define TILES ((RANK + STEP - 1) / STEP)

// Blocks that share the columns of a sample.
__device__ constexpr int smaller(int a, int b) { return a < b ? a : b; }
__device__ constexpr int larger(int a, int b) { return a < b ? b : a; }
constexpr int PARTS = larger(SPLIT, smaller((FILLING + AXIS_batch - 1) / AXIS_batch, (TILES + WARPS - 1) / WARPS));

// Lanes that copy one row of a tile, eight elements each, and rows that a warp copies at once.
#define ROW_LANES (COLUMNS / 8)
#define ROWS_AT_ONCE (32 / ROW_LANES)
#define PASSES ((VECTORS + ROWS_AT_ONCE - 1) / ROWS_AT_ONCE)

// A sample's rows of y, or of the answer. Elements that a row's start lies before the next multiple of 16 bytes follow
// from its number.
struct Sample {
  // Elements behind a multiple of 16 bytes where the sample starts; elements from there to the tensor's end, if few.
  int start, left;
  __device__ __forceinline__ explicit Sample(i64 firstRow)
      : start(int(firstRow * RANK & 7)), left(int(min(TOTAL - firstRow * RANK, i64(1) << 30))) {}
  __device__ __forceinline__ int skewOf(int row) const { return -(start + row * RANK) & 7; }
};

__device__ __forceinline__ void fetchX(element_t* staged, const element_t* x) {
  for (int at = threadIdx.x; at < VECTORS * (DIM / X_PER); at += 32 * WARPS) {
    const int row = at / (DIM / X_PER);
    const int column = at % (DIM / X_PER) * X_PER;
    element_t* to = staged + row * X_PITCH + column;
    const element_t* from = x + row * DIM + column;
#if DIM % 2 == 0
    copyInBackground<X_PER * 2>(to, from, true);
#else
    *to = *from;
#endif
  }
#if DEPTH > DIM
  for (int at = threadIdx.x; at < VECTORS * (DEPTH - DIM); at += 32 * WARPS) {
    staged[at / (DEPTH - DIM) * X_PITCH + DIM + at % (DEPTH - DIM)].bits = 0;
  }
#endif
}

__device__ __forceinline__ void fetchChunk(element_t* tile, const element_t* y, const Sample& sample, int first, int row,
                                           int chunk) {
  const int column = first + sample.skewOf(row) + (chunk - LEAD) * 8;
  const bool isNeeded = row < VECTORS && column > -8 && column < RANK;
  const int element = isNeeded ? row * RANK + column : -sample.start;
  const int count = LEAD ? min(8, sample.left - element) : 8;
  if (row < VECTORS) copyFirstInBackground<16>(tile + row * Y_PITCH + chunk * 8, y + element, isNeeded ? 2 * count : 0);
}

// A tile of y's columns from `first` on, as whole chunks of 16 bytes.
__device__ __forceinline__ void fetchTile(element_t* tile, const element_t* y, const Sample& sample, int first) {
  const int lane = threadIdx.x % 32;
#pragma unroll
  for (int pass = 0; pass < PASSES; pass++) {
    fetchChunk(tile, y, sample, first, pass * ROWS_AT_ONCE + lane / ROW_LANES, lane % ROW_LANES);
  }
  if (LEAD) {
#pragma unroll
    for (int row = 0; row < VECTORS; row += 32) fetchChunk(tile, y, sample, first, row + lane, ROW_LANES);
  }
}

// The tile's own columns of the answer: whole chunks, then what rows have before the first one and behind the last.
__device__ __forceinline__ void writeTile(element_t* out, const element_t* tile, const Sample& sample, int first) {
  const int lane = threadIdx.x % 32;
  const int chunk = lane % ROW_LANES;
#pragma unroll
  for (int pass = 0; pass < PASSES; pass++) {
    const int row = pass * ROWS_AT_ONCE + lane / ROW_LANES;
    const int column = first + sample.skewOf(row) + (chunk - LEAD) * 8;
    if (row < VECTORS && chunk >= LEAD && column + 8 <= RANK) {
      storeVector<element_t, 8>(out + row * RANK + column, loadVector<element_t, 8>(tile + row * Y_PITCH + chunk * 8));
    }
  }
  if (!LEAD || (first > 0 && RANK - first >= STEP + 8)) return;
  for (int row = lane; row < VECTORS; row += 32) {
    const int skew = sample.skewOf(row);
    const element_t* from = tile + row * Y_PITCH + 8 - first - skew;
    element_t* to = out + row * RANK;
    if (first == 0) {
      for (int column = 0; column < min(skew, RANK); column++) to[column] = from[column];
    }
    const int whole = (RANK - skew) / 8 * 8;
    if (RANK >= skew && whole >= first && whole < first + STEP) {
      for (int column = skew + whole; column < RANK; column++) to[column] = from[column];
    }
  }
}

// Products of all pairs of vectors in 16 bits, zeros around them; a unit of work is a square of 16 × 16 and its mirror image.
__device__ __forceinline__ void formGram(element_t* gram, const element_t* staged) {
  const int lane = threadIdx.x % 32;
  for (int unit = threadIdx.x / 32; unit < SQUARES * (SQUARES + 1) / 2; unit += WARPS) {
    int down = 0;
    while ((down + 1) * (down + 2) / 2 <= unit) down++;
    const int across = unit - down * (down + 1) / 2;
    const element_t* left = staged + min(down * 16 + lane % 16, VECTORS - 1) * X_PITCH + lane / 16 * 8;
    const element_t* right = staged + min(across * 16 + lane % 16, VECTORS - 1) * X_PITCH + lane / 16 * 8;
    float sums[2][4] = {};
#pragma unroll 4
    for (int k = 0; k < DEPTH; k += 16) {
      u32 a[4], b[4];
      loadMatrices(a, left + k);
      loadMatrices(b, right + k);
      multiplyAdd(sums[0], a, b[0], b[2]);
      multiplyAdd(sums[1], a, b[1], b[3]);
    }
#pragma unroll
    for (int i = 0; i < 8; i++) {
      const int row = down * 16 + lane / 4 + i % 4 / 2 * 8;
      const int column = across * 16 + i / 4 * 8 + lane % 4 * 2 + i % 2;
      element_t product;
      fromFloat(row < VECTORS && column < VECTORS ? sums[i / 4][i % 4] : 0.0f, product);
      gram[row * GRAM_PITCH + column] = product;
      gram[column * GRAM_PITCH + row] = product;
    }
  }
}

// Two elements side by side; in rows of odd length they need not lie in one word.
__device__ __forceinline__ u32 pairOf(const element_t* p) {
#if RANK % 2 == 0
  return *reinterpret_cast<const u32*>(p);
#else
  return p[0].bits | u32(p[1].bits) << 16;
#endif
}
__device__ __forceinline__ void storePair(element_t* p, u32 pair) {
#if RANK % 2 == 0
  *reinterpret_cast<u32*>(p) = pair;
#else
  p[0].bits = u16(pair);
  p[1].bits = u16(pair >> 16);
#endif
}

// Matrices of the products that meet eight rows of the answer and 16 of y, two such at a time.
__device__ __forceinline__ void loadGram(u32 (&b)[4], const element_t* gram, int eights, int sixteens) {
  const int lane = threadIdx.x % 32;
  loadMatrices(b, gram + (eights * 8 + lane / 16 * 8 + lane % 8) * GRAM_PITCH + sixteens * 16 + lane / 8 % 2 * 8);
}

extern "C" __global__ void __launch_bounds__(32 * WARPS, MIN_BLOCKS)
fused(const element_t* __restrict__ x, const element_t* __restrict__ y, element_t* __restrict__ out) {
  extern __shared__ uint4 memory[];
  element_t* staged = reinterpret_cast<element_t*>(memory);
  element_t* gram = staged + VECTORS * X_PITCH;
  element_t* tiles = gram + 16 * SQUARES * GRAM_PITCH + threadIdx.x / 32 * (STAGES * VECTORS * Y_PITCH);
  const i64 firstRow = i64(blockIdx.x / PARTS) * VECTORS;
  const int firstTile = blockIdx.x % PARTS * WARPS + threadIdx.x / 32;
  const Sample sample(firstRow);
  y += firstRow * RANK;
  out += firstRow * RANK;

  fetchX(staged, x + firstRow * DIM);
  endOfCopies();
#pragma unroll
  for (int stage = 0; stage < STAGES; stage++) {
    const int tile = firstTile + stage * WARPS * PARTS;
    if (tile < TILES) fetchTile(tiles + stage * VECTORS * Y_PITCH, y, sample, tile * STEP);
    endOfCopies();
  }
  awaitCopiesBut<STAGES>();
  __syncthreads();
  formGram(gram, staged);
  __syncthreads();

  u32 held[SQUARES][(EIGHTS + 1) / 2][4];
  if (IS_HELD) {
#pragma unroll
    for (int k = 0; k < SQUARES; k++) {
#pragma unroll
      for (int pair = 0; pair < (EIGHTS + 1) / 2; pair++) loadGram(held[k][pair], gram, 2 * pair, k);
    }
  }

  // The answer is formed as its transpose: 16 columns are the rows of a matrix, columns 2g and 2g + 1 its rows g and g + 8.
  // So a lane reads and writes the same two neighbours of each row, which are its own.
  const int group = threadIdx.x % 32 / 4;
  const int row = threadIdx.x % 4 * 2;
  const int even = row * Y_PITCH - sample.skewOf(row) + 8 * LEAD + 2 * group;
  const int odd = (row + 1) * Y_PITCH - sample.skewOf(row + 1) + 8 * LEAD + 2 * group;
  int stage = 0;
  for (int tile = firstTile; tile < TILES; tile += WARPS * PARTS) {
    element_t* mine = tiles + stage * VECTORS * Y_PITCH;
    awaitCopiesBut<STAGES - 1>();
    __syncwarp();
#pragma unroll UNROLL
    for (int column = 0; column < COLUMNS; column += 16) {
      u32 a[SQUARES][4];
#pragma unroll
      for (int k = 0; k < 2 * SQUARES; k++) {
        const u32 low = 8 * k + row < VECTORS ? pairOf(mine + even + 8 * k * Y_PITCH + column) : 0;
        const u32 high = 8 * k + row + 1 < VECTORS ? pairOf(mine + odd + 8 * k * Y_PITCH + column) : 0;
        a[k / 2][k % 2 * 2] = __byte_perm(low, high, 0x5410);
        a[k / 2][k % 2 * 2 + 1] = __byte_perm(low, high, 0x7632);
      }
      float sums[(EIGHTS + 1) / 2 * 2][4] = {};
#pragma unroll
      for (int k = 0; k < SQUARES; k++) {
#pragma unroll
        for (int pair = 0; pair < (EIGHTS + 1) / 2; pair++) {
          u32 b[4];
          if (IS_HELD) {
#pragma unroll
            for (int i = 0; i < 4; i++) b[i] = held[k][pair][i];
          } else {
            loadGram(b, gram, 2 * pair, k);
          }
          multiplyAdd(sums[2 * pair], a[k], b[0], b[1]);
          if (2 * pair + 1 < EIGHTS) multiplyAdd(sums[2 * pair + 1], a[k], b[2], b[3]);
        }
      }
#pragma unroll
      for (int n = 0; n < EIGHTS; n++) {
        if (8 * n + row < VECTORS) storePair(mine + even + 8 * n * Y_PITCH + column, packPair(sums[n][0], sums[n][2]));
        if (8 * n + row + 1 < VECTORS) storePair(mine + odd + 8 * n * Y_PITCH + column, packPair(sums[n][1], sums[n][3]));
      }
    }
    __syncwarp();
    writeTile(out, mine, sample, tile * STEP);
    __syncwarp();
    const int next = tile + STAGES * WARPS * PARTS;
    if (next < TILES) fetchTile(mine, y, sample, next * STEP);
    endOfCopies();
    stage = stage + 1 == STAGES ? 0 : stage + 1;
  }
}
