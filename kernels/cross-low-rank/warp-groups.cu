// hidden = x · vᵀ, then y = x0 ⊙ (hidden · wᵀ + bias) + x for compute capability 9.0: products of four warps at once, whose
// factors never pass through registers. One warp has the copying engine bring tiles along the contracted axis, each in parts
// to several blocks of a cluster that share its rows or its columns, as soon as all of them have done with what lay there.
// Rows that the engine cannot take (no multiples of 16 bytes) are brought by four warps. Sums leave through shared memory.

#define ELEMENT F16 // @data-types fp16 = F16, bf16 = BF16
#include "common.cuh"
#include "warp-group.cuh"
#include "tile-copy.cuh"

#define WARP_GROUPS 2 // @knob warps {1, 2} times four warps with 64 rows of a tile
#define HIDDEN_COLUMNS 128 // @knob tiling {64, 128, 192, 256} columns of a tile of hidden
#define COLUMNS 128 // @knob tiling {64, 128, 192, 256} columns of a tile of y
#define HIDDEN_STAGES 6 // @knob stages {3, 4, 5, 6} tiles along the contracted axis in shared memory, for hidden
#define STAGES 3 // @knob stages {3, 4, 5, 6} such tiles for y
#define DOWN 2 // @knob cluster {1, 2, 4} blocks below each other that share tiles of columns
#define ACROSS 2 // @knob cluster {1, 2, 4} blocks beside each other that share tiles of rows
#define MIN_BLOCKS 2 // @knob launch-bounds {1, 2} blocks that a multiprocessor should hold, for y
#define ENGINE 1 // @knob copies {0, 1} whether the copying engine brings tiles where it can

// @let engine ENGINE * (width % 8 == 0) * (rank % 8 == 0)
// @let rows 64 * WARP_GROUPS
// @let down 1 + (min(DOWN, ceil_div(batch, rows)) - 1) * engine
// @let across1 1 + (min(ACROSS, ceil_div(rank, HIDDEN_COLUMNS)) - 1) * engine
// @let across2 1 + (min(ACROSS, ceil_div(width, COLUMNS)) - 1) * engine
// @let tall align(ceil_div(batch, rows), down)
// @let wide1 align(ceil_div(rank, HIDDEN_COLUMNS), across1)
// @let wide2 align(ceil_div(width, COLUMNS), across2)
// @let bytes1 1024 + HIDDEN_STAGES * (128 * (rows + HIDDEN_COLUMNS) + 16)
// @let bytes2 1024 + STAGES * (128 * (rows + COLUMNS) + 16)
// @let threads 128 * WARP_GROUPS + 128 - 96 * engine
// @require max(bytes1, bytes2 * MIN_BLOCKS) <= 232448 - 1024 * MIN_BLOCKS
// @require DOWN * ACROSS <= 8
// @require WARP_GROUPS * COLUMNS * MIN_BLOCKS <= 512
// @scratch 512 * engine
// @launch describe grid(4) block(32) args(x, v, hidden, w, scratch) when(engine == 1)
// @launch hide grid(tall * wide1) block(threads) shared(bytes1) args(x, v, scratch, hidden) when(engine == 1)
// @launch cross grid(tall * wide2) block(threads) shared(bytes2) args(hidden, w, scratch, x0, bias, x, y) when(engine == 1)
// @launch hide grid(tall * wide1) block(threads) shared(bytes1) args(x, v, x, hidden) when(engine == 0)
// @launch cross grid(tall * wide2) block(threads) shared(bytes2) args(hidden, w, x, x0, bias, x, y) when(engine == 0)

#define BATCH AXIS_batch
#define WIDTH AXIS_width
#define RANK AXIS_rank

__device__ constexpr int ceilDiv(int a, int b) { return (a + b - 1) / b; }
__device__ constexpr int smaller(int a, int b) { return a < b ? a : b; }
constexpr bool BY_ENGINE = ENGINE && WIDTH % 8 == 0 && RANK % 8 == 0;
constexpr int CONSUMERS = 128 * WARP_GROUPS;
constexpr int PRODUCERS = BY_ENGINE ? 32 : 128;
constexpr int THREADS = CONSUMERS + PRODUCERS;
constexpr int ROWS = 64 * WARP_GROUPS;
// Elements of the contracted axis in a tile: rows of 128 bytes.
constexpr int DEPTH = 64;
template <int Row> constexpr int WIDEST = Row % 8 == 0 ? 8 : Row % 4 == 0 ? 4 : Row % 2 == 0 ? 2 : 1;

// A product left [BATCH, Inner] · right [Width, Inner]ᵀ in tiles of ROWS × Columns.
template <int Width, int Inner, int Columns, int Stages> struct Tiling {
  static constexpr int CLUSTER_DOWN = BY_ENGINE ? smaller(DOWN, ceilDiv(BATCH, ROWS)) : 1;
  static constexpr int CLUSTER_ACROSS = BY_ENGINE ? smaller(ACROSS, ceilDiv(Width, Columns)) : 1;
  static constexpr int CLUSTER = CLUSTER_DOWN * CLUSTER_ACROSS;
  // Parts of a tile that a block brings for all that share it.
  static constexpr int LEFT_PART = ROWS / CLUSTER_ACROSS;
  static constexpr int RIGHT_PART = Columns / CLUSTER_DOWN;
  static constexpr int CHUNKS = ceilDiv(Inner, DEPTH);
  static constexpr int STAGE = (ROWS + Columns) * DEPTH;
  static_assert(LEFT_PART % 8 == 0 && RIGHT_PART % 8 == 0, "parts of tiles have whole eights of rows");
  static_assert(4 * ROWS * (Columns + 8) <= 2 * Stages * STAGE, "the sums fit in shared memory");

  element_t* stages;
  // For each stage: it is full, and all blocks that this one brings tiles to have done with it.
  barrier_t *full, *empty;
  int down, across, firstRow, firstColumn;

  __device__ __forceinline__ Tiling(uint4* memory) {
    stages = reinterpret_cast<element_t*>(memory + (0u - sharedAddress(memory)) % 1024 / 16);
    full = reinterpret_cast<barrier_t*>(stages + Stages * STAGE);
    empty = full + Stages;
    constexpr int WIDE = ceilDiv(ceilDiv(Width, Columns), CLUSTER_ACROSS);
    const int place = blockIdx.x % CLUSTER;
    down = place % CLUSTER_DOWN;
    across = place / CLUSTER_DOWN;
    firstRow = (blockIdx.x / CLUSTER / WIDE * CLUSTER_DOWN + down) * ROWS;
    firstColumn = (blockIdx.x / CLUSTER % WIDE * CLUSTER_ACROSS + across) * Columns;
    if (threadIdx.x == 0) {
      for (int stage = 0; stage < Stages; stage++) {
        openBarrier(full + stage, BY_ENGINE ? 1 : PRODUCERS);
        openBarrier(empty + stage, (CLUSTER_DOWN + CLUSTER_ACROSS - 1) * (CONSUMERS / 32));
      }
      publishBarriers();
    }
    __syncthreads();
    if (CLUSTER > 1) meetCluster();
  }

  __device__ __forceinline__ void awaitRoom(int chunk) {
    if (chunk >= Stages) awaitBarrier(empty + chunk % Stages, (chunk / Stages - 1) % 2);
  }

  // One thread asks for all tiles.
  __device__ __forceinline__ void askForTiles(const TileMap* left, const TileMap* right) {
    acquireMap(left);
    acquireMap(right);
    // Blocks beside this one, and blocks below and above it.
    u16 beside = 0;
    for (int i = 0; i < CLUSTER_ACROSS; i++) beside |= 1 << (down + i * CLUSTER_DOWN);
    const u16 above = ((1 << CLUSTER_DOWN) - 1) << (across * CLUSTER_DOWN);
    for (int chunk = 0; chunk < CHUNKS; chunk++) {
      awaitRoom(chunk);
      barrier_t* barrier = full + chunk % Stages;
      arriveExpecting(barrier, STAGE * 2);
      element_t* to = stages + chunk % Stages * STAGE;
      const int row = firstRow + across * LEFT_PART;
      const int column = firstColumn + down * RIGHT_PART;
      element_t* leftPart = to + across * LEFT_PART * DEPTH;
      element_t* rightPart = to + (ROWS + down * RIGHT_PART) * DEPTH;
      if (CLUSTER_ACROSS > 1) copyTileToAll(leftPart, left, row, chunk * DEPTH, barrier, beside);
      else copyTile(leftPart, left, row, chunk * DEPTH, barrier);
      if (CLUSTER_DOWN > 1) copyTileToAll(rightPart, right, column, chunk * DEPTH, barrier, above);
      else copyTile(rightPart, right, column, chunk * DEPTH, barrier);
    }
  }

  // Rows of a matrix [height, Inner] in a tile's order of bytes; zeros beyond its ends.
  template <int Count>
  __device__ __forceinline__ void bringRows(element_t* tile, const element_t* matrix, int first, int height, int chunk) {
    constexpr int PER = WIDEST<Inner>;
    for (int at = threadIdx.x - CONSUMERS; at < Count * (DEPTH / PER); at += PRODUCERS) {
      const int row = at / (DEPTH / PER);
      const int column = at % (DEPTH / PER) * PER;
      const bool isThere = first + row < height && chunk * DEPTH + column < Inner;
      const element_t* from = matrix + (isThere ? i64(first + row) * Inner + chunk * DEPTH + column : 0);
      element_t* to = tile + row * DEPTH + (column / 8 ^ row % 8) * 8 + column % 8;
      if (PER > 1) {
        copyInBackground<PER == 1 ? 4 : 2 * PER>(to, from, isThere);
      } else {
        to->bits = isThere ? from->bits : 0;
      }
    }
  }

  // Four warps bring tiles, and say so one tile later.
  __device__ __forceinline__ void bringTiles(const element_t* left, const element_t* right) {
    for (int chunk = 0; chunk <= CHUNKS; chunk++) {
      if (chunk < CHUNKS) {
        awaitRoom(chunk);
        element_t* to = stages + chunk % Stages * STAGE;
        bringRows<ROWS>(to, left, firstRow, BATCH, chunk);
        bringRows<Columns>(to + ROWS * DEPTH, right, firstColumn, Width, chunk);
      }
      endOfCopies();
      if (chunk == 0) continue;
      awaitCopiesBut<1>();
      publishShared();
      arrive(full + (chunk - 1) % Stages);
    }
  }

  // All blocks that bring tiles here may write this stage again.
  __device__ __forceinline__ void release(int chunk) {
    const int lane = threadIdx.x % 32;
    barrier_t* barrier = empty + chunk % Stages;
    if (CLUSTER == 1) {
      if (lane == 0) arrive(barrier);
    } else if (lane < CLUSTER_DOWN) {
      arriveAt(barrier, lane + across * CLUSTER_DOWN);
    } else if (lane < CLUSTER_DOWN + CLUSTER_ACROSS && lane - CLUSTER_DOWN != across) {
      arriveAt(barrier, down + (lane - CLUSTER_DOWN) * CLUSTER_DOWN);
    }
  }

  // Leaves the tile in shared memory as floats, Columns + 8 of them in a row.
  __device__ __forceinline__ float* multiply() {
    const int warp = threadIdx.x / 32;
    float sums[Columns / 8][4] = {};
    for (int chunk = 0; chunk < CHUNKS; chunk++) {
      awaitBarrier(full + chunk % Stages, chunk / Stages % 2);
      const element_t* stage = stages + chunk % Stages * STAGE;
      const u64 left = tileDescriptor(stage + warp / 4 * (64 * DEPTH));
      const u64 right = tileDescriptor(stage + ROWS * DEPTH);
      beginProducts();
#pragma unroll
      for (int k = 0; k < DEPTH / 16; k++) multiplyTiles(sums, left + 2 * k, right + 2 * k);
      endOfProducts();
      awaitProductsBut<1>();
      if (chunk > 0) release(chunk - 1);
    }
    awaitProductsBut<0>();
    pinSums(sums);
    // Nothing comes any more to a block that has used all its tiles.
    meetFirst<CONSUMERS>();
    float* tile = reinterpret_cast<float*>(stages);
    float* corner = tile + (warp * 16 + threadIdx.x % 32 / 4) * (Columns + 8) + threadIdx.x % 4 * 2;
#pragma unroll
    for (int n = 0; n < Columns / 8; n++) {
      *reinterpret_cast<float2*>(corner + n * 8) = make_float2(sums[n][0], sums[n][1]);
      *reinterpret_cast<float2*>(corner + 8 * (Columns + 8) + n * 8) = make_float2(sums[n][2], sums[n][3]);
    }
    meetFirst<CONSUMERS>();
    return tile;
  }

  // Calls write(row, column, values) for PER neighbours at a time of a tile that is inside the answer.
  template <class Write> __device__ __forceinline__ void forAll(const float* tile, const Write& write) {
    constexpr int PER = WIDEST<Width>;
#pragma unroll 4
    for (int at = threadIdx.x; at < ROWS * (Columns / PER); at += CONSUMERS) {
      const int row = at / (Columns / PER);
      const int column = at % (Columns / PER) * PER;
      if (firstRow + row >= BATCH || firstColumn + column >= Width) continue;
      float values[PER];
#pragma unroll
      for (int i = 0; i < PER; i++) values[i] = tile[row * (Columns + 8) + column + i];
      write(i64(firstRow + row) * Width, firstColumn + column, values);
    }
  }

  template <class Write>
  __device__ __forceinline__ void run(const element_t* left, const element_t* right, const TileMap* maps, const Write& write) {
    if (threadIdx.x < CONSUMERS) {
      forAll(multiply(), write);
    } else if (!BY_ENGINE) {
      bringTiles(left, right);
    } else if (threadIdx.x == CONSUMERS) {
      askForTiles(maps, maps + 1);
    }
    // None ends while others still arrive at its barriers.
    __syncwarp();
    if (CLUSTER > 1) meetCluster();
  }
};

typedef Tiling<RANK, WIDTH, HIDDEN_COLUMNS, HIDDEN_STAGES> hidden_t;
typedef Tiling<WIDTH, RANK, COLUMNS, STAGES> answer_t;
constexpr int HIDDEN_CLUSTER = hidden_t::CLUSTER;
constexpr int ANSWER_CLUSTER = answer_t::CLUSTER;

// Maps of both factors of hidden, then of both of y.
extern "C" __global__ void __launch_bounds__(32)
describe(const element_t* __restrict__ x, const element_t* __restrict__ v, const element_t* __restrict__ hidden,
         const element_t* __restrict__ w, TileMap* __restrict__ maps) {
  __shared__ TileMap map;
  const bool isBf16 = ELEMENT == BF16;
  TileMap* to = maps + blockIdx.x;
  if (blockIdx.x == 0) writeMap(to, &map, x, BATCH, WIDTH, hidden_t::LEFT_PART, isBf16);
  if (blockIdx.x == 1) writeMap(to, &map, v, RANK, WIDTH, hidden_t::RIGHT_PART, isBf16);
  if (blockIdx.x == 2) writeMap(to, &map, hidden, BATCH, RANK, answer_t::LEFT_PART, isBf16);
  if (blockIdx.x == 3) writeMap(to, &map, w, WIDTH, RANK, answer_t::RIGHT_PART, isBf16);
}

extern "C" __global__ void __cluster_dims__(HIDDEN_CLUSTER, 1, 1) __launch_bounds__(THREADS, 1)
hide(const element_t* __restrict__ x, const element_t* __restrict__ v, const TileMap* __restrict__ maps,
     element_t* __restrict__ hidden) {
  extern __shared__ uint4 memory[];
  hidden_t tiling(memory);
  constexpr int PER = WIDEST<RANK>;
  tiling.run(x, v, maps, [&](i64 row, int column, const float(&values)[PER]) {
    storeFloats<element_t, PER>(hidden + row + column, values);
  });
}

extern "C" __global__ void __cluster_dims__(ANSWER_CLUSTER, 1, 1) __launch_bounds__(THREADS, BY_ENGINE ? MIN_BLOCKS : 1)
cross(const element_t* __restrict__ hidden, const element_t* __restrict__ w, const TileMap* __restrict__ maps,
      const element_t* __restrict__ x0, const element_t* __restrict__ bias, const element_t* __restrict__ x,
      element_t* __restrict__ y) {
  extern __shared__ uint4 memory[];
  answer_t tiling(memory);
  constexpr int PER = WIDEST<WIDTH>;
  tiling.run(hidden, w, maps + 2, [&](i64 row, int column, const float(&values)[PER]) {
    const Vector<element_t, PER> scale = loadVector<element_t, PER>(x0 + row + column);
    const Vector<element_t, PER> rest = loadVector<element_t, PER>(x + row + column);
    const Vector<element_t, PER> shift = loadVector<element_t, PER>(bias + column);
    float answer[PER];
#pragma unroll
    for (int i = 0; i < PER; i++) {
      answer[i] = toFloat(scale.at[i]) * (values[i] + toFloat(shift.at[i])) + toFloat(rest.at[i]);
    }
    storeFloats<element_t, PER>(y + row + column, answer);
  });
}
