// hidden = x · vᵀ, then y = x0 ⊙ (hidden · wᵀ + bias) + x for compute capability 9.0: two products of four warps at once, whose
// factors never pass through registers, the second with the layer around it. The copying engine brings tiles to clusters of
// blocks; rows that it cannot take (no multiples of 16 bytes) are brought by warps. Sums leave through shared memory.

#define ELEMENT F16 // @data-types fp16 = F16, bf16 = BF16
#include "common.cuh"
#include "tile-product.cuh"

#define WARP_GROUPS 2 // @knob warps {1, 2} times four warps with 64 rows of a tile
#define HIDDEN_COLUMNS 128 // @knob tiling {64, 128, 192, 256} columns of a tile of hidden
#define COLUMNS 128 // @knob tiling {64, 128, 192, 256} columns of a tile of y
#define HIDDEN_STAGES 6 // @knob stages {3, 4, 5, 6} tiles along the contracted axis in shared memory, for hidden
#define STAGES 3 // @knob stages {3, 4, 5, 6} such tiles for y
#define DOWN 2 // @knob cluster {1, 2, 4} blocks below each other that share tiles of columns
#define ACROSS 2 // @knob cluster {1, 2, 4} blocks beside each other that share tiles of rows
#define MIN_BLOCKS 2 // @knob launch-bounds {1, 2} blocks that a multiprocessor should hold, for y
#define ENGINE 1 // @knob shared-staging {0, 1} whether the copying engine brings tiles where it can

// @let engine ENGINE * (width % 8 == 0) * (rank % 8 == 0)
// @let rows 64 * WARP_GROUPS
// @let down 1 + (DOWN - 1) * engine * (ceil_div(batch, rows) >= DOWN)
// @let across1 1 + (ACROSS - 1) * engine * (ceil_div(rank, HIDDEN_COLUMNS) >= ACROSS)
// @let across2 1 + (ACROSS - 1) * engine * (ceil_div(width, COLUMNS) >= ACROSS)
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

constexpr bool BY_ENGINE = ENGINE && WIDTH % 8 == 0 && RANK % 8 == 0;

// left [BATCH, Inner] · right [Width, Inner]ᵀ
template <int Width, int Inner, int Columns, int Stages>
struct Product : TileProduct<WARP_GROUPS, Columns, Stages, ceilDiv(BATCH, 64 * WARP_GROUPS), ceilDiv(Width, Columns),
                             ceilDiv(Inner, 64), DOWN, ACROSS, BY_ENGINE, false> {
  typedef TileProduct<WARP_GROUPS, Columns, Stages, ceilDiv(BATCH, 64 * WARP_GROUPS), ceilDiv(Width, Columns),
                      ceilDiv(Inner, 64), DOWN, ACROSS, BY_ENGINE, false> tiles_t;
  using tiles_t::tiles_t;

  // Rows of a matrix [height, Inner] in a tile's order of bytes; zeros beyond its ends.
  template <int Count>
  static __device__ __forceinline__ void bringRows(element_t* tile, const element_t* matrix, int first, int height, int chunk,
                                                   int thread) {
    constexpr int DEPTH = tiles_t::DEPTH;
    constexpr int PER = WIDEST<Inner>;
    for (int at = thread; at < Count * (DEPTH / PER); at += tiles_t::PRODUCERS) {
      const int row = at / (DEPTH / PER);
      const int column = at % (DEPTH / PER) * PER;
      const bool isThere = first + row < height && chunk * DEPTH + column < Inner;
      const element_t* from = matrix + (isThere ? i64(first + row) * Inner + chunk * DEPTH + column : 0);
      element_t* to = tile + tiles_t::placeOf(row, column / 8) + column % 8;
      if (PER > 1) {
        copyInBackground<PER == 1 ? 4 : 2 * PER>(to, from, isThere);
      } else {
        to->bits = isThere ? from->bits : 0;
      }
    }
  }

  // Calls write(row's offset, column, values) for neighbours that are inside the answer.
  template <class Write>
  __device__ __forceinline__ void run(const element_t* left, const element_t* right, const TileMap* maps, const Write& write) {
    constexpr int PER = WIDEST<Width>;
    if (threadIdx.x < tiles_t::CONSUMERS) {
      this->template forAll<PER>(this->multiply(), [&](int row, int column, const float(&values)[PER]) {
        if (row < BATCH && column < Width) write(i64(row) * Width, column, values);
      });
    } else if (!BY_ENGINE) {
      this->bringTiles([&](int chunk, element_t* leftTile, element_t* rightTile, int thread) {
        bringRows<tiles_t::ROWS>(leftTile, left, this->tileDown * tiles_t::ROWS, BATCH, chunk, thread);
        bringRows<Columns>(rightTile, right, this->tileAcross * Columns, Width, chunk, thread);
      });
    } else if (threadIdx.x == tiles_t::CONSUMERS) {
      const auto at = [](int chunk, int row) { return make_int2(row, chunk * tiles_t::DEPTH); };
      this->askForTiles(maps, maps + 1, at, at);
    }
    this->part();
  }
};

typedef Product<RANK, WIDTH, HIDDEN_COLUMNS, HIDDEN_STAGES> hidden_t;
typedef Product<WIDTH, RANK, COLUMNS, STAGES> answer_t;
constexpr int THREADS = answer_t::THREADS;
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
  if (blockIdx.x == 1) writeMap(to, &map, v, RANK, WIDTH, hidden_t::RIGHT_ROWS, isBf16);
  if (blockIdx.x == 2) writeMap(to, &map, hidden, BATCH, RANK, answer_t::LEFT_PART, isBf16);
  if (blockIdx.x == 3) writeMap(to, &map, w, WIDTH, RANK, answer_t::RIGHT_ROWS, isBf16);
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
