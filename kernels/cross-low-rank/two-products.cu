// hidden = x · vᵀ, then y = x0 ⊙ (hidden · wᵀ + bias) + x: two products on tensor cores, the second with the layer around it.
// Both factors of a product lie along the contracted axis. A block has a tile of the answer; parts of its rows and columns
// pass through shared memory, some on their way while one is used. The tile leaves through shared memory in fp32.

#define ELEMENT F16 // @data-types fp16 = F16, bf16 = BF16
#include "common.cuh"
#include "tensor-core.cuh"

#define ROWS 128 // @knob tiling {32, 64, 128} rows of a tile, where that makes a tile for each multiprocessor
#define FEW_ROWS 32 // @knob tiling {16, 32, 64} rows of a tile elsewhere
#define HIDDEN_COLUMNS 64 // @knob tiling {16, 32, 64, 128} columns of a tile of hidden
#define COLUMNS 128 // @knob tiling {32, 64, 128, 256} columns of a tile of y
#define WARPS_DOWN 2 // @knob warps {1, 2, 4} warps over the rows
#define WARPS_ACROSS 2 // @knob warps {1, 2, 4} warps over the columns
#define DEPTH 64 // @knob tiling {16, 32, 64, 128} of the contracted axis in one part
#define STAGES 3 // @knob stages {2, 3, 4, 5} parts in shared memory
#define MIN_BLOCKS 1 // @knob launch-bounds {1, 2, 3} blocks that a multiprocessor should hold
#define BESIDE 8 // @knob launch-shape {1, 4, 8, 16} tiles below each other that run next to each other, for what caches keep

// @let across1 ceil_div(rank, HIDDEN_COLUMNS)
// @let across2 ceil_div(width, COLUMNS)
// @let rows1 ROWS + (FEW_ROWS - ROWS) * (ceil_div(batch, ROWS) * across1 < 132)
// @let rows2 ROWS + (FEW_ROWS - ROWS) * (ceil_div(batch, ROWS) * across2 < 132)
// @let bytes1 max(2 * STAGES * (rows1 + HIDDEN_COLUMNS) * (DEPTH + 8), 4 * rows1 * (HIDDEN_COLUMNS + 8))
// @let bytes2 max(2 * STAGES * (rows2 + COLUMNS) * (DEPTH + 8), 4 * rows2 * (COLUMNS + 8))
// @require max(bytes1, bytes2) <= 232448
// @require (ROWS % (16 * WARPS_DOWN) == 0) + (FEW_ROWS % (16 * WARPS_DOWN) == 0) == 2
// @require FEW_ROWS <= ROWS
// @require HIDDEN_COLUMNS % (16 * WARPS_ACROSS) == 0
// @require COLUMNS % (16 * WARPS_ACROSS) == 0
// @require ROWS * max(COLUMNS, HIDDEN_COLUMNS) <= 4096 * WARPS_DOWN * WARPS_ACROSS
// @require WARPS_DOWN * WARPS_ACROSS * MIN_BLOCKS <= 32
// @launch hide grid(across1 * ceil_div(batch, rows1)) block(32 * WARPS_DOWN * WARPS_ACROSS) shared(bytes1) args(x, v, hidden)
// @launch cross grid(across2 * ceil_div(batch, rows2)) block(32 * WARPS_DOWN * WARPS_ACROSS) shared(bytes2) args(hidden, w, x0, bias, x, y)

#define BATCH AXIS_batch
#define WIDTH AXIS_width
#define RANK AXIS_rank

constexpr int THREADS = 32 * WARPS_DOWN * WARPS_ACROSS;
// Rows of a tile of an answer of so many columns, tiles of `across` of them.
__device__ constexpr int tilesOf(int rows, int width, int across) {
  return ((BATCH + rows - 1) / rows) * ((width + across - 1) / across);
}
template <int Across, int Width> constexpr int ROWS_OF = tilesOf(ROWS, Width, Across) < 132 ? FEW_ROWS : ROWS;
// Rows of 16 · odd bytes: the rows of a matrix then lie in different banks.
constexpr int PITCH = DEPTH + 8;
template <int Row> constexpr int WIDEST = Row % 8 == 0 ? 8 : Row % 4 == 0 ? 4 : Row % 2 == 0 ? 2 : 1;

static_assert(ROWS % (16 * WARPS_DOWN) == 0 && FEW_ROWS % (16 * WARPS_DOWN) == 0, "warps share rows by sixteens");
static_assert(HIDDEN_COLUMNS % (16 * WARPS_ACROSS) == 0 && COLUMNS % (16 * WARPS_ACROSS) == 0,
              "warps share columns by sixteens");

// Part of some rows of a matrix [height, Inner]; zeros beyond its ends.
template <int Count, int Inner>
__device__ __forceinline__ void fetchRows(element_t* part, const element_t* matrix, int firstRow, int height, int chunk) {
  constexpr int PER = WIDEST<Inner>;
#pragma unroll 4
  for (int at = threadIdx.x; at < Count * (DEPTH / PER); at += THREADS) {
    const int row = firstRow + at / (DEPTH / PER);
    const int column = chunk * DEPTH + at % (DEPTH / PER) * PER;
    const bool isThere = row < height && column < Inner;
    const element_t* from = matrix + (isThere ? i64(row) * Inner + column : 0);
    element_t* to = part + at / (DEPTH / PER) * PITCH + at % (DEPTH / PER) * PER;
    if (PER > 1) {
      copyInBackground<PER == 1 ? 4 : 2 * PER>(to, from, isThere);
    } else {
      to->bits = isThere ? from->bits : 0;
    }
  }
}

// A tile of left [BATCH, Inner] · right [Width, Inner]ᵀ, left in shared memory as floats.
template <int Across, int Width, int Inner>
__device__ __forceinline__ void product(float* tile, const element_t* left, const element_t* right, int firstRow,
                                        int firstColumn) {
  constexpr int TALL = ROWS_OF<Across, Width>;
  constexpr int SIXTEENS = TALL / (16 * WARPS_DOWN);
  constexpr int CHUNKS = (Inner + DEPTH - 1) / DEPTH;
  constexpr int STAGE = (TALL + Across) * PITCH;
  constexpr int PAIRS = Across / (16 * WARPS_ACROSS);
  element_t* stages = reinterpret_cast<element_t*>(tile);
  const auto fetch = [&](int chunk) {
    element_t* stage = stages + chunk % STAGES * STAGE;
    if (chunk < CHUNKS) {
      fetchRows<TALL, Inner>(stage, left, firstRow, BATCH, chunk);
      fetchRows<Across, Inner>(stage + TALL * PITCH, right, firstColumn, Width, chunk);
    }
    endOfCopies();
  };
  const int lane = threadIdx.x % 32;
  const int row = threadIdx.x / 32 / WARPS_ACROSS * (16 * SIXTEENS);
  const int column = threadIdx.x / 32 % WARPS_ACROSS * (16 * PAIRS);

  float sums[SIXTEENS][2 * PAIRS][4] = {};
#pragma unroll 1
  for (int chunk = 0; chunk < STAGES - 1; chunk++) fetch(chunk);
#pragma unroll 1
  for (int chunk = 0; chunk < CHUNKS; chunk++) {
    awaitCopiesBut<STAGES - 2>();
    __syncthreads();
    fetch(chunk + STAGES - 1);
    const element_t* stage = stages + chunk % STAGES * STAGE;
    const element_t* a0 = stage + (row + lane % 16) * PITCH + lane / 16 * 8;
    const element_t* b0 = stage + (TALL + column + lane / 16 * 8 + lane % 8) * PITCH + lane / 8 % 2 * 8;
#pragma unroll
    for (int k = 0; k < DEPTH; k += 16) {
      u32 a[SIXTEENS][4];
#pragma unroll
      for (int m = 0; m < SIXTEENS; m++) loadMatrices(a[m], a0 + m * 16 * PITCH + k);
#pragma unroll
      for (int pair = 0; pair < PAIRS; pair++) {
        u32 b[4];
        loadMatrices(b, b0 + pair * 16 * PITCH + k);
#pragma unroll
        for (int m = 0; m < SIXTEENS; m++) {
          multiplyAdd(sums[m][2 * pair], a[m], b[0], b[1]);
          multiplyAdd(sums[m][2 * pair + 1], a[m], b[2], b[3]);
        }
      }
    }
  }
  __syncthreads();
#pragma unroll
  for (int m = 0; m < SIXTEENS; m++) {
#pragma unroll
    for (int n = 0; n < 2 * PAIRS; n++) {
#pragma unroll
      for (int half = 0; half < 2; half++) {
        float* to = tile + (row + m * 16 + half * 8 + lane / 4) * (Across + 8) + column + n * 8 + lane % 4 * 2;
        to[0] = sums[m][n][2 * half];
        to[1] = sums[m][n][2 * half + 1];
      }
    }
  }
  __syncthreads();
}

// Calls write(row, column, values) for PER neighbours at a time of a tile that is inside the answer.
template <int Across, int Width, class Write>
__device__ __forceinline__ void forAll(const float* tile, int firstRow, int firstColumn, const Write& write) {
  constexpr int PER = WIDEST<Width>;
#pragma unroll 2
  for (int at = threadIdx.x; at < ROWS_OF<Across, Width> * (Across / PER); at += THREADS) {
    const int row = at / (Across / PER);
    const int column = at % (Across / PER) * PER;
    if (firstRow + row >= BATCH || firstColumn + column >= Width) continue;
    float values[PER];
#pragma unroll
    for (int i = 0; i < PER; i++) values[i] = tile[row * (Across + 8) + column + i];
    write(i64(firstRow + row) * Width, firstColumn + column, values);
  }
}

// First row and column of this block's tile: some below each other, then the next to their right.
template <int Across, int Width> __device__ __forceinline__ void tileOf(int& firstRow, int& firstColumn) {
  constexpr int TALL = ROWS_OF<Across, Width>;
  constexpr int DOWN = (BATCH + TALL - 1) / TALL;
  constexpr int ACROSS = (Width + Across - 1) / Across;
  const int band = blockIdx.x / (BESIDE * ACROSS);
  const int height = min(BESIDE, DOWN - band * BESIDE);
  const int inBand = blockIdx.x % (BESIDE * ACROSS);
  firstRow = (band * BESIDE + inBand % height) * TALL;
  firstColumn = inBand / height * Across;
}

extern "C" __global__ void __launch_bounds__(THREADS, MIN_BLOCKS)
hide(const element_t* __restrict__ x, const element_t* __restrict__ v, element_t* __restrict__ hidden) {
  extern __shared__ uint4 memory[];
  float* tile = reinterpret_cast<float*>(memory);
  int firstRow, firstColumn;
  tileOf<HIDDEN_COLUMNS, RANK>(firstRow, firstColumn);
  product<HIDDEN_COLUMNS, RANK, WIDTH>(tile, x, v, firstRow, firstColumn);
  constexpr int PER = WIDEST<RANK>;
  forAll<HIDDEN_COLUMNS, RANK>(tile, firstRow, firstColumn, [&](i64 row, int column, const float(&values)[PER]) {
    storeFloats<element_t, PER>(hidden + row + column, values);
  });
}

extern "C" __global__ void __launch_bounds__(THREADS, MIN_BLOCKS)
cross(const element_t* __restrict__ hidden, const element_t* __restrict__ w, const element_t* __restrict__ x0,
      const element_t* __restrict__ bias, const element_t* __restrict__ x, element_t* __restrict__ y) {
  extern __shared__ uint4 memory[];
  float* tile = reinterpret_cast<float*>(memory);
  int firstRow, firstColumn;
  tileOf<COLUMNS, WIDTH>(firstRow, firstColumn);
  product<COLUMNS, WIDTH, RANK>(tile, hidden, w, firstRow, firstColumn);
  constexpr int PER = WIDEST<WIDTH>;
  forAll<COLUMNS, WIDTH>(tile, firstRow, firstColumn, [&](i64 row, int column, const float(&values)[PER]) {
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
