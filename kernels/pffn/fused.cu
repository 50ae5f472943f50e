// h = x · w + bias of each sample's own weights, GELU, RMS norm and gain in one launch on tensor cores. A block takes some rows of
// a sample at their whole width, so that it can normalise them, then the next ones: tiles of x and w along the contracted axis
// pass through shared memory, and while rows are activated, normalised and written the first tiles of the next are on their
// way. Answers leave through shared memory of each warp, so that whole rows are written.

#define ELEMENT F16 // @data-types fp16 = F16, bf16 = BF16
#include "common.cuh"
#include "tensor-core.cuh"

#define MOST_WARPS_DOWN 5 // @knob warps {2, 4, 5, 7, 13} warps over the rows, at most
#define LEAST_WARPS_DOWN 1 // @knob split {1, 2, 4, 13} warps over the rows where samples are cut so that all blocks have some
#define WARPS_ACROSS 2 // @knob warps-per-row {1, 2, 4} warps over the width
#define SIXTEENS 1 // @knob tiling {1, 2} times 16 rows of a warp
#define MOST_DEPTH 32 // @knob tiling {16, 32, 64, 128} of the contracted axis in one tile, at most
#define STAGES 3 // @knob stages {2, 3, 4, 5} tiles in shared memory
#define BLOCKS 264 // @knob persistent-grid {132, 264, 396, 528} blocks that take turns
#define GELU 2 // @knob approximation {0, 1, 2} erf, a polynomial within 1.1e-4 of it, or tanh within 5e-4
constexpr int UNROLL = 4; // @knob unrolling {1, 4} copies of a thread that are written out
#define MIN_BLOCKS 2 // @knob launch-bounds {1, 2, 3} blocks that a multiprocessor should hold

// @let needed ceil_div(length, 16 * SIXTEENS)
// @let pieces max(ceil_div(needed, MOST_WARPS_DOWN), min(ceil_div(BLOCKS, batch), ceil_div(needed, LEAST_WARPS_DOWN)))
// @let warpsDown ceil_div(needed, pieces)
// @let cuts ceil_div(needed, warpsDown)
// @let warps warpsDown * WARPS_ACROSS
// @let rows 16 * SIXTEENS * warpsDown
// @let part 16 * ceil_div(width, 16 * WARPS_ACROSS)
// @let columns WARPS_ACROSS * part
// @let depth align(ceil_div(dim, ceil_div(dim, MOST_DEPTH)), 16)
// @let tiles STAGES * (rows * (depth + 8) + depth * (columns + 8) + columns)
// @let bytes 2 * (tiles + columns + rows * WARPS_ACROSS * (part + 8)) + 4 * rows * WARPS_ACROSS
// @require bytes <= 232448
// @require SIXTEENS * part <= 320
// @require warps * MIN_BLOCKS <= 64
// @require warps <= 32
// @launch fused grid(min(batch * cuts, BLOCKS)) block(32 * warps) shared(bytes) args(x, w, bias, gain, out)

#define BATCH AXIS_batch
#define LENGTH AXIS_length
#define DIM AXIS_dim
#define WIDTH AXIS_width

__device__ constexpr int ceilDiv(int a, int b) { return (a + b - 1) / b; }
__device__ constexpr int smaller(int a, int b) { return a < b ? a : b; }
__device__ constexpr int larger(int a, int b) { return a < b ? b : a; }
constexpr int NEEDED = ceilDiv(LENGTH, 16 * SIXTEENS);
constexpr int PIECES = larger(ceilDiv(NEEDED, MOST_WARPS_DOWN),
                              smaller(ceilDiv(BLOCKS, BATCH), ceilDiv(NEEDED, LEAST_WARPS_DOWN)));
constexpr int WARPS_DOWN = ceilDiv(NEEDED, PIECES);
constexpr int CUTS = ceilDiv(NEEDED, WARPS_DOWN);
constexpr int THREADS = 32 * WARPS_DOWN * WARPS_ACROSS;
constexpr int ROWS = 16 * SIXTEENS * WARPS_DOWN;
constexpr int PAIRS = ceilDiv(WIDTH, 16 * WARPS_ACROSS);
constexpr int PART = 16 * PAIRS;
constexpr int COLUMNS = WARPS_ACROSS * PART;
constexpr int CHUNKS = ceilDiv(DIM, MOST_DEPTH);
constexpr int DEPTH = ceilDiv(ceilDiv(DIM, CHUNKS), 16) * 16;

// Rows of 16 · odd bytes: the rows of a matrix then lie in different banks.
constexpr int X_PITCH = DEPTH + 8;
constexpr int W_PITCH = COLUMNS + 8;
constexpr int OUT_PITCH = PART + 8;
constexpr int STAGE = ROWS * X_PITCH + DEPTH * W_PITCH + COLUMNS;

// Elements of one access to rows of so many.
template <int Row> constexpr int WIDEST = Row % 8 == 0 ? 8 : Row % 4 == 0 ? 4 : Row % 2 == 0 ? 2 : 1;

static_assert(SIXTEENS * PAIRS <= 20, "the sums of a warp do not fit in registers");

// Rows of a matrix of `Width` columns; zeros beyond its ends.
template <int Height, int Across, int Pitch, int Width>
__device__ __forceinline__ void fetchPart(element_t* tile, const element_t* matrix, int rows, int columns) {
  constexpr int PER = WIDEST<Width>;
  constexpr int COUNT = Height * (Across / PER);
#pragma unroll UNROLL
  for (int turn = 0; turn < ceilDiv(COUNT, THREADS); turn++) {
    const int at = turn * THREADS + threadIdx.x;
    const int row = at / (Across / PER);
    const int column = at % (Across / PER) * PER;
    if (COUNT % THREADS != 0 && at >= COUNT) continue;
    const bool isThere = row < rows && column < columns;
    const element_t* from = matrix + (isThere ? row * Width + column : 0);
    element_t* to = tile + row * Pitch + column;
    if (PER > 1) {
      copyInBackground<PER == 1 ? 4 : 2 * PER>(to, from, isThere);
    } else {
      to->bits = isThere ? from->bits : 0;
    }
  }
}

// What a block has asked for ahead of what it works on.
struct Ahead {
  int piece, chunk, stage;
  __device__ __forceinline__ void fetch(element_t* stages, const element_t* x, const element_t* w, const element_t* bias) {
    if (piece < BATCH * CUTS) {
      const i64 sample = piece / CUTS;
      const int first = piece % CUTS * ROWS;
      element_t* to = stages + stage * STAGE;
      fetchPart<ROWS, DEPTH, X_PITCH, DIM>(to, x + (sample * LENGTH + first) * DIM + chunk * DEPTH, LENGTH - first,
                                           DIM - chunk * DEPTH);
      to += ROWS * X_PITCH;
      fetchPart<DEPTH, COLUMNS, W_PITCH, WIDTH>(to, w + (sample * DIM + chunk * DEPTH) * WIDTH, DIM - chunk * DEPTH, WIDTH);
      // It comes with the last tile, which is there when it is wanted.
      if (chunk == CHUNKS - 1) fetchPart<1, COLUMNS, COLUMNS, WIDTH>(to + DEPTH * W_PITCH, bias + sample * WIDTH, 1, WIDTH);
    }
    endOfCopies();
    stage = stage + 1 == STAGES ? 0 : stage + 1;
    if (++chunk == CHUNKS) {
      chunk = 0;
      piece += gridDim.x;
    }
  }
};

// x · Φ(x)
__device__ __forceinline__ float gelu(float x) {
#if GELU == 0
  return 0.5f * x * (1.0f + erff(x * 0.70710678f));
#elif GELU == 1
  const float z = fminf(fmaxf(x, -4.2f), 4.2f);
  const float s = z * z;
  float p = 9.219446e-11f;
  p = p * s - 8.0914671e-9f;
  p = p * s + 3.1186880e-7f;
  p = p * s - 7.0631741e-6f;
  p = p * s + 1.07115986e-4f;
  p = p * s - 1.18324882e-3f;
  p = p * s + 1.00345928e-2f;
  p = p * s - 6.66373298e-2f;
  p = p * s + 0.399020255f;
  return x * fminf(fmaxf(0.5f + z * p, 0.0f), 1.0f);
#else
  const float half = 0.5f * x;
  return half + half * tanhFast(x * (0.7978845608f + 0.0356774081f * x * x));
#endif
}

typedef float sums_t[SIXTEENS][2 * PAIRS][4];

__device__ __forceinline__ void multiply(sums_t& sums, const element_t* stage, int firstRow, int firstColumn) {
  const int lane = threadIdx.x % 32;
  const element_t* left = stage + (firstRow + lane % 16) * X_PITCH + lane / 16 * 8;
  const element_t* right = stage + ROWS * X_PITCH + lane % 16 * W_PITCH + firstColumn + lane / 16 * 8;
#pragma unroll
  for (int k = 0; k < DEPTH; k += 16) {
    u32 a[SIXTEENS][4];
#pragma unroll
    for (int m = 0; m < SIXTEENS; m++) loadMatrices(a[m], left + m * 16 * X_PITCH + k);
#pragma unroll
    for (int pair = 0; pair < PAIRS; pair++) {
      u32 b[4];
      loadMatricesTransposed(b, right + k * W_PITCH + pair * 16);
#pragma unroll
      for (int m = 0; m < SIXTEENS; m++) {
        multiplyAdd(sums[m][2 * pair], a[m], b[0], b[1]);
        multiplyAdd(sums[m][2 * pair + 1], a[m], b[2], b[3]);
      }
    }
  }
}

__device__ __forceinline__ float lowOf(u32 pair) { return toFloat(element_t{u16(pair)}); }
__device__ __forceinline__ float highOf(u32 pair) { return toFloat(element_t{u16(pair >> 16)}); }

// Adds the bias and activates; gives each row's sum of squares, of rows g and g + 8 of each 16, to the lanes that share it.
__device__ __forceinline__ void activate(sums_t& sums, float (&squares)[2 * SIXTEENS], const element_t* bias) {
#pragma unroll
  for (int i = 0; i < 2 * SIXTEENS; i++) squares[i] = 0.0f;
#pragma unroll
  for (int n = 0; n < 2 * PAIRS; n++) {
    const u32 pair = *reinterpret_cast<const u32*>(bias + n * 8 + threadIdx.x % 4 * 2);
    const float shifts[2] = {lowOf(pair), highOf(pair)};
#pragma unroll
    for (int m = 0; m < SIXTEENS; m++) {
#pragma unroll
      for (int i = 0; i < 4; i++) {
        float& value = sums[m][n][i];
        value += shifts[i % 2];
        if (AXIS_gelu) value = gelu(value);
        squares[2 * m + i / 2] += value * value;
      }
    }
  }
#pragma unroll
  for (int i = 0; i < 2 * SIXTEENS; i++) squares[i] = sumOfLanes<4>(squares[i]);
}

// Normalised rows of this warp's columns, by way of its own shared memory.
__device__ __forceinline__ void write(element_t* out, element_t* staged, const sums_t& sums,
                                      const float (&factors)[2 * SIXTEENS], const element_t* gain, int rows, int columns) {
  const int lane = threadIdx.x % 32;
  __syncwarp();
#pragma unroll
  for (int n = 0; n < 2 * PAIRS; n++) {
    const u32 pair = *reinterpret_cast<const u32*>(gain + n * 8 + lane % 4 * 2);
    const float low = lowOf(pair), high = highOf(pair);
#pragma unroll
    for (int i = 0; i < 2 * SIXTEENS; i++) {
      const float(&s)[4] = sums[i / 2][n];
      *reinterpret_cast<u32*>(staged + (i * 8 + lane / 4) * OUT_PITCH + n * 8 + lane % 4 * 2) =
          packPair(s[i % 2 * 2] * factors[i] * low, s[i % 2 * 2 + 1] * factors[i] * high);
    }
  }
  __syncwarp();
  constexpr int PER = WIDEST<WIDTH>;
  constexpr int COUNT = 16 * SIXTEENS * (PART / PER);
#pragma unroll
  for (int first = 0; first < COUNT; first += 32) {
    const int at = first + lane;
    const int row = at / (PART / PER);
    const int column = at % (PART / PER) * PER;
    if (row < rows && column < columns && (COUNT % 32 == 0 || at < COUNT)) {
      storeVector<element_t, PER>(out + row * WIDTH + column, loadVector<element_t, PER>(staged + row * OUT_PITCH + column));
    }
  }
}

extern "C" __global__ void __launch_bounds__(THREADS, MIN_BLOCKS)
fused(const element_t* __restrict__ x, const element_t* __restrict__ w, const element_t* __restrict__ bias,
      const element_t* __restrict__ gain, element_t* __restrict__ out) {
  extern __shared__ uint4 memory[];
  element_t* stages = reinterpret_cast<element_t*>(memory);
  element_t* gains = stages + STAGES * STAGE;
  element_t* staged = gains + COLUMNS;
  float* partial = reinterpret_cast<float*>(staged + ROWS * WARPS_ACROSS * OUT_PITCH);
  const int warp = threadIdx.x / 32;
  const int group = threadIdx.x % 32 / 4;
  const int firstRow = warp / WARPS_ACROSS * (16 * SIXTEENS);
  const int firstColumn = warp % WARPS_ACROSS * PART;
  staged += warp * (16 * SIXTEENS * OUT_PITCH);

  Ahead ahead = {int(blockIdx.x), 0, 0};
  for (int stage = 0; stage < STAGES - 1; stage++) ahead.fetch(stages, x, w, bias);
  for (int column = threadIdx.x; column < COLUMNS; column += THREADS) {
    gains[column].bits = column < WIDTH ? gain[column].bits : 0;
  }
  int stage = 0;
  for (int piece = blockIdx.x; piece < BATCH * CUTS; piece += gridDim.x) {
    sums_t sums = {};
    const element_t* present = stages;
#pragma unroll 1
    for (int chunk = 0; chunk < CHUNKS; chunk++) {
      awaitCopiesBut<STAGES - 2>();
      __syncthreads();
      ahead.fetch(stages, x, w, bias);
      present = stages + stage * STAGE;
      multiply(sums, present, firstRow, firstColumn);
      stage = stage + 1 == STAGES ? 0 : stage + 1;
    }
    float squares[2 * SIXTEENS];
    activate(sums, squares, present + ROWS * X_PITCH + DEPTH * W_PITCH + firstColumn);
    if (WARPS_ACROSS > 1) {
#pragma unroll
      for (int i = 0; i < 2 * SIXTEENS; i++) {
        partial[(firstRow + i * 8 + group) * WARPS_ACROSS + warp % WARPS_ACROSS] = squares[i];
      }
      __syncthreads();
#pragma unroll
      for (int i = 0; i < 2 * SIXTEENS; i++) {
        squares[i] = 0.0f;
#pragma unroll
        for (int across = 0; across < WARPS_ACROSS; across++) {
          squares[i] += partial[(firstRow + i * 8 + group) * WARPS_ACROSS + across];
        }
      }
    }
#pragma unroll
    for (int i = 0; i < 2 * SIXTEENS; i++) squares[i] = rsqrtf(squares[i] * (1.0f / WIDTH) + 1e-5f);
    const int row = piece % CUTS * ROWS + firstRow;
    write(out + (i64(piece / CUTS) * LENGTH + row) * WIDTH + firstColumn, staged, sums, squares, gains + firstColumn,
          LENGTH - row, WIDTH - firstColumn);
  }
}
