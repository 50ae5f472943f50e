// h = x · w + bias of each sample's own weights, GELU, RMS norm and gain in one launch on tensor cores. A block has some rows
// of a sample at their whole width, so that it can normalise them; tiles of x and w along the contracted axis pass through
// shared memory, some on their way while one is used. The answer leaves through shared memory, whole rows at a time.

#define ELEMENT F16 // @data-types fp16 = F16, bf16 = BF16
#include "common.cuh"
#include "tensor-core.cuh"

#define MOST_WARPS_DOWN 7 // @knob warps {1, 2, 4, 5, 7, 13} warps over the rows, at most
#define WARPS_ACROSS 1 // @knob warps-per-row {1, 2, 4} warps over the width
#define SIXTEENS 1 // @knob tiling {1, 2} times 16 rows of a warp
#define MOST_DEPTH 32 // @knob tiling {16, 32, 64, 128} of the contracted axis in one tile, at most
#define STAGES 3 // @knob stages {2, 3, 4, 5} tiles in shared memory
#define GELU 1 // @knob approximation {0, 1, 2} erf, a polynomial within 1.1e-4 of it, or tanh within 5e-4
#define MIN_BLOCKS 2 // @knob launch-bounds {1, 2, 3, 4} blocks that a multiprocessor should hold

// @let needed ceil_div(length, 16)
// @let pieces ceil_div(needed, MOST_WARPS_DOWN * SIXTEENS)
// @let warpsDown ceil_div(needed, pieces * SIXTEENS)
// @let rows 16 * SIXTEENS * warpsDown
// @let columns 16 * WARPS_ACROSS * ceil_div(width, 16 * WARPS_ACROSS)
// @let depth align(ceil_div(dim, ceil_div(dim, MOST_DEPTH)), 16)
// @let tiles STAGES * (rows * (depth + 8) + depth * (columns + 8))
// @let bytes 2 * max(tiles, rows * (columns + 8)) + 8 * columns + 4 * rows * WARPS_ACROSS
// @require bytes <= 232448
// @require SIXTEENS * columns / WARPS_ACROSS <= 320
// @require warpsDown * WARPS_ACROSS * MIN_BLOCKS <= 64
// @require warpsDown * WARPS_ACROSS <= 32
// @launch fused grid(batch * pieces) block(32 * warpsDown * WARPS_ACROSS) shared(bytes) args(x, w, bias, gain, out)

#define LENGTH AXIS_length
#define DIM AXIS_dim
#define WIDTH AXIS_width

__device__ constexpr int ceilDiv(int a, int b) { return (a + b - 1) / b; }
constexpr int PIECES = ceilDiv(ceilDiv(LENGTH, 16), MOST_WARPS_DOWN * SIXTEENS);
constexpr int WARPS_DOWN = ceilDiv(ceilDiv(LENGTH, 16), PIECES * SIXTEENS);
constexpr int THREADS = 32 * WARPS_DOWN * WARPS_ACROSS;
constexpr int ROWS = 16 * SIXTEENS * WARPS_DOWN;
constexpr int PAIRS = ceilDiv(WIDTH, 16 * WARPS_ACROSS);
constexpr int COLUMNS = 16 * WARPS_ACROSS * PAIRS;
constexpr int CHUNKS = ceilDiv(DIM, MOST_DEPTH);
constexpr int DEPTH = ceilDiv(ceilDiv(DIM, CHUNKS), 16) * 16;

// Rows of 16 · odd bytes: the rows of a matrix then lie in different banks.
constexpr int X_PITCH = DEPTH + 8;
constexpr int W_PITCH = COLUMNS + 8;
constexpr int STAGE = ROWS * X_PITCH + DEPTH * W_PITCH;
constexpr int TILES = STAGES * STAGE > ROWS * W_PITCH ? STAGES * STAGE : ROWS * W_PITCH;

// Elements of one access to rows of so many.
template <int Row> constexpr int WIDEST = Row % 8 == 0 ? 8 : Row % 4 == 0 ? 4 : Row % 2 == 0 ? 2 : 1;

static_assert(SIXTEENS * PAIRS <= 20, "the sums of a warp do not fit in registers");

// A part of a matrix [height, width]; zeros beyond its ends.
template <int Height, int Across, int Pitch, int Width>
__device__ __forceinline__ void fetchPart(element_t* tile, const element_t* matrix, int firstRow, int height,
                                          int firstColumn) {
  constexpr int PER = WIDEST<Width>;
#pragma unroll 2
  for (int at = threadIdx.x; at < Height * (Across / PER); at += THREADS) {
    const int row = firstRow + at / (Across / PER);
    const int column = firstColumn + at % (Across / PER) * PER;
    const bool isThere = row < height && column < Width;
    const element_t* from = matrix + (isThere ? row * Width + column : 0);
    element_t* to = tile + at / (Across / PER) * Pitch + at % (Across / PER) * PER;
    if (PER > 1) {
      copyInBackground<PER == 1 ? 4 : 2 * PER>(to, from, isThere);
    } else {
      to->bits = isThere ? from->bits : 0;
    }
  }
}

__device__ __forceinline__ void fetch(element_t* stages, const element_t* x, const element_t* w, int firstRow, int chunk) {
  element_t* stage = stages + chunk % STAGES * STAGE;
  if (chunk < CHUNKS) {
    fetchPart<ROWS, DEPTH, X_PITCH, DIM>(stage, x, firstRow, LENGTH, chunk * DEPTH);
    fetchPart<DEPTH, COLUMNS, W_PITCH, WIDTH>(stage + ROWS * X_PITCH, w, chunk * DEPTH, DIM, 0);
  }
  endOfCopies();
}

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

// Rows of the answer, which lie one behind the other in memory.
__device__ __forceinline__ void writeRows(element_t* out, const element_t* rows, int count) {
  constexpr int PER = WIDEST<WIDTH>;
#pragma unroll 4
  for (int at = threadIdx.x; at < count * (WIDTH / PER); at += THREADS) {
    const element_t* from = rows + at / (WIDTH / PER) * W_PITCH + at % (WIDTH / PER) * PER;
    storeVector<element_t, PER>(out + at * PER, loadVector<element_t, PER>(from));
  }
}

extern "C" __global__ void __launch_bounds__(THREADS, MIN_BLOCKS)
fused(const element_t* __restrict__ x, const element_t* __restrict__ w, const element_t* __restrict__ bias,
      const element_t* __restrict__ gain, element_t* __restrict__ out) {
  extern __shared__ uint4 memory[];
  element_t* stages = reinterpret_cast<element_t*>(memory);
  float* shifts = reinterpret_cast<float*>(stages + TILES);
  float* gains = shifts + COLUMNS;
  float* squares = gains + COLUMNS;
  const i64 sample = blockIdx.x / PIECES;
  const int first = blockIdx.x % PIECES * ROWS;
  x += sample * LENGTH * DIM;
  w += sample * DIM * WIDTH;

#pragma unroll 1
  for (int chunk = 0; chunk < STAGES - 1; chunk++) fetch(stages, x, w, first, chunk);
  for (int column = threadIdx.x; column < COLUMNS; column += THREADS) {
    shifts[column] = column < WIDTH ? toFloat(bias[sample * WIDTH + column]) : 0.0f;
    gains[column] = column < WIDTH ? toFloat(gain[column]) : 0.0f;
  }
  const int lane = threadIdx.x % 32;
  const int warpAcross = threadIdx.x / 32 % WARPS_ACROSS;
  const int firstRow = threadIdx.x / 32 / WARPS_ACROSS * (16 * SIXTEENS);
  const int firstColumn = warpAcross * (16 * PAIRS);
  sums_t sums = {};
#pragma unroll 1
  for (int chunk = 0; chunk < CHUNKS; chunk++) {
    awaitCopiesBut<STAGES - 2>();
    __syncthreads();
    fetch(stages, x, w, first, chunk + STAGES - 1);
    multiply(sums, stages + chunk % STAGES * STAGE, firstRow, firstColumn);
  }

  // A row's sum of squares; of rows g and g + 8 of each 16 in turn.
  float square[SIXTEENS][2] = {};
#pragma unroll
  for (int m = 0; m < SIXTEENS; m++) {
#pragma unroll
    for (int n = 0; n < 2 * PAIRS; n++) {
#pragma unroll
      for (int i = 0; i < 4; i++) {
        float& value = sums[m][n][i];
        value += shifts[firstColumn + n * 8 + lane % 4 * 2 + i % 2];
        if (AXIS_gelu) value = gelu(value);
        square[m][i / 2] += value * value;
      }
    }
#pragma unroll
    for (int half = 0; half < 2; half++) square[m][half] = sumOfLanes<4>(square[m][half]);
  }
  if (WARPS_ACROSS > 1) {
#pragma unroll
    for (int i = 0; i < 2 * SIXTEENS; i++) {
      if (lane % 4 == 0) squares[(firstRow + i * 8 + lane / 4) * WARPS_ACROSS + warpAcross] = square[i / 2][i % 2];
    }
  }
  // All are done with the last tiles: rows of the answer take their place.
  __syncthreads();
#pragma unroll
  for (int i = 0; i < 2 * SIXTEENS; i++) {
    const int row = firstRow + i * 8 + lane / 4;
    float total = square[i / 2][i % 2];
    if (WARPS_ACROSS > 1) {
      total = 0.0f;
#pragma unroll
      for (int across = 0; across < WARPS_ACROSS; across++) total += squares[row * WARPS_ACROSS + across];
    }
    const float factor = rsqrtf(total * (1.0f / WIDTH) + 1e-5f);
#pragma unroll
    for (int n = 0; n < 2 * PAIRS; n++) {
      const int column = firstColumn + n * 8 + lane % 4 * 2;
      const float(&s)[4] = sums[i / 2][n];
      *reinterpret_cast<u32*>(stages + row * W_PITCH + column) =
          packPair(s[i % 2 * 2] * factor * gains[column], s[i % 2 * 2 + 1] * factor * gains[column + 1]);
    }
  }
  __syncthreads();
  writeRows(out + (sample * LENGTH + first) * WIDTH, stages, min(ROWS, LENGTH - first));
}
