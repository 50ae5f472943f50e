#include "common.cuh"
#include "tensor-core.cuh"

// Dot products of every two of a sample's VECTORS vectors of DIM elements: out element i (i − 1) / 2 + j is x_i · x_j,
// j < i. A block stages SAMPLES samples in shared memory, and their answers, which are then written in one piece.

#define PAIRS (VECTORS * (VECTORS - 1) / 2)

__device__ __forceinline__ void writeAnswers(const element_t* answers, element_t* __restrict__ out, int batch) {
  __syncthreads();
  const i64 firstSample = i64(blockIdx.x) * SAMPLES;
  const int count = int(min(i64(SAMPLES), batch - firstSample)) * PAIRS;
  element_t* to = out + firstSample * PAIRS;
  const int whole = count / OUT_PER * OUT_PER;
  for (int at = threadIdx.x * OUT_PER; at < whole; at += blockDim.x * OUT_PER) {
    storeVector<element_t, OUT_PER>(to + at, loadVector<element_t, OUT_PER>(answers + at));
  }
  for (int at = whole + threadIdx.x; at < count; at += blockDim.x) to[at] = answers[at];
}

#if ON_TENSOR_CORES && HAS_TENSOR_CORES

// Eight elements more than whole steps of 16: rows then lie in different banks.
#define COLUMNS ((DIM + 15) / 16 * 16)
#define STRIDE (COLUMNS + 8)
#define ROW_TILES ((VECTORS + 15) / 16)

// WARPS warps have a sample; each takes every WARPS-th tile of 16 rows against all tiles up to its own.
extern "C" __global__ void __launch_bounds__(32 * WARPS * SAMPLES)
dotInteraction(const element_t* __restrict__ x, element_t* __restrict__ out, int batch) {
  extern __shared__ uint4 memory[];
  element_t* staged = reinterpret_cast<element_t*>(memory);
  element_t* answers = staged + SAMPLES * VECTORS * STRIDE;
  const i64 firstSample = i64(blockIdx.x) * SAMPLES;
  const element_t* from = x + firstSample * VECTORS * DIM;
  const int rows = int(min(i64(SAMPLES), batch - firstSample)) * VECTORS;

  for (int at = threadIdx.x; at < SAMPLES * VECTORS * (DIM / PER); at += blockDim.x) {
    const int row = at / (DIM / PER);
    const int column = at % (DIM / PER) * PER;
    const bool isThere = row < rows;
    element_t* to = staged + row * STRIDE + column;
    const element_t* source = from + (isThere ? row * DIM + column : 0);
#if PER >= 2
    copyInBackground<PER * 2>(to, source, isThere);
#else
    *to = *source;
#endif
  }
#if COLUMNS > DIM
  for (int at = threadIdx.x; at < SAMPLES * VECTORS * (COLUMNS - DIM); at += blockDim.x) {
    staged[at / (COLUMNS - DIM) * STRIDE + DIM + at % (COLUMNS - DIM)].bits = 0;
  }
#endif
  endOfCopies();
  awaitCopiesBut<0>();
  __syncthreads();

  const int lane = threadIdx.x % 32;
  const int warp = threadIdx.x / 32;
  const element_t* sample = staged + warp / WARPS * VECTORS * STRIDE;
  element_t* mine = answers + warp / WARPS * PAIRS;
#pragma unroll
  for (int turn = 0; turn < (ROW_TILES + WARPS - 1) / WARPS; turn++) {
    const int rowTile = turn * WARPS + warp % WARPS;
    if (rowTile >= ROW_TILES) continue;
    float sums[2 * ROW_TILES][4] = {};
    for (int k = 0; k < COLUMNS; k += 16) {
      u32 a[4];
      loadMatrices(a, sample + min(rowTile * 16 + lane % 16, VECTORS - 1) * STRIDE + k + lane / 16 * 8);
#pragma unroll
      for (int tile = 0; tile < ROW_TILES; tile++) {
        if (tile > rowTile) continue;
        // Loaded as rows, a tile of 16 × 16 is also two tiles of 8 columns.
        u32 b[4];
        if (tile == rowTile) {
#pragma unroll
          for (int i = 0; i < 4; i++) b[i] = a[i];
        } else {
          loadMatrices(b, sample + min(tile * 16 + lane % 16, VECTORS - 1) * STRIDE + k + lane / 16 * 8);
        }
        multiplyAdd(sums[2 * tile], a, b[0], b[2]);
        multiplyAdd(sums[2 * tile + 1], a, b[1], b[3]);
      }
    }
#pragma unroll
    for (int tile = 0; tile < 2 * ROW_TILES; tile++) {
#pragma unroll
      for (int at = 0; at < 4; at++) {
        const int i = rowTile * 16 + lane / 4 + at / 2 * 8;
        const int j = tile * 8 + lane % 4 * 2 + at % 2;
        if (j < i && i < VECTORS) fromFloat(sums[tile][at], mine[i * (i - 1) / 2 + j]);
      }
    }
  }
  writeAnswers(answers, out, batch);
}

#else

// Threads of a sample hold 4 × 4 products each: of vectors row + a TILES and column + b TILES, so that threads side by
// side read from different banks. Vectors are staged as fp32, DEPTH elements of each at a time.
#define TILES ((VECTORS + 3) / 4)
#define STRIDE (DEPTH + 4)

__device__ __forceinline__ void stage(float* to, const Vector<element_t, PER>& v) {
#if PER >= 4
#pragma unroll
  for (int i = 0; i < PER; i += 4) {
    *reinterpret_cast<float4*>(to + i) =
        make_float4(toFloat(v.at[i]), toFloat(v.at[i + 1]), toFloat(v.at[i + 2]), toFloat(v.at[i + 3]));
  }
#else
#pragma unroll
  for (int i = 0; i < PER; i++) to[i] = toFloat(v.at[i]);
#endif
}

extern "C" __global__ void __launch_bounds__(THREADS * SAMPLES)
dotInteraction(const element_t* __restrict__ x, element_t* __restrict__ out, int batch) {
  extern __shared__ uint4 memory[];
  float* staged = reinterpret_cast<float*>(memory);
  element_t* answers = reinterpret_cast<element_t*>(staged + SAMPLES * VECTORS * STRIDE);
  const i64 firstSample = i64(blockIdx.x) * SAMPLES;
  const element_t* from = x + firstSample * VECTORS * DIM;
  const int rows = int(min(i64(SAMPLES), batch - firstSample)) * VECTORS;

  const int thread = threadIdx.x % THREADS;
  // Tile `thread` of the lower triangle, diagonal included.
  int row = int((sqrtf(8.0f * float(thread) + 1.0f) - 1.0f) * 0.5f);
  while (row * (row + 1) / 2 > thread) row--;
  while ((row + 1) * (row + 2) / 2 <= thread) row++;
  const int column = thread - row * (row + 1) / 2;
  const bool hasTile = row < TILES;
  const float* sample = staged + threadIdx.x / THREADS * VECTORS * STRIDE;
  const float* left[4];
  const float* right[4];
#pragma unroll
  for (int i = 0; i < 4; i++) {
    left[i] = sample + min(row + i * TILES, VECTORS - 1) * STRIDE;
    right[i] = sample + min(column + i * TILES, VECTORS - 1) * STRIDE;
  }

  float sums[4][4] = {};
  for (int first = 0; first < DIM; first += DEPTH) {
    __syncthreads();
#pragma unroll 4
    for (int at = threadIdx.x; at < SAMPLES * VECTORS * (DEPTH / PER); at += blockDim.x) {
      const int vector = at / (DEPTH / PER);
      const int element = at % (DEPTH / PER) * PER;
      Vector<element_t, PER> v;
      zero(v.raw);
      if (vector < rows && first + element < DIM) {
        v = loadVectorOnce<element_t, PER>(from + i64(vector) * DIM + first + element);
      }
      stage(staged + vector * STRIDE + element, v);
    }
    __syncthreads();
    if (!hasTile) continue;
    for (int k = 0; k < DEPTH; k += 4) {
      float4 a[4], b[4];
#pragma unroll
      for (int i = 0; i < 4; i++) {
        a[i] = *reinterpret_cast<const float4*>(left[i] + k);
        b[i] = *reinterpret_cast<const float4*>(right[i] + k);
      }
#pragma unroll
      for (int i = 0; i < 4; i++) {
#pragma unroll
        for (int j = 0; j < 4; j++) {
          sums[i][j] += a[i].x * b[j].x;
          sums[i][j] += a[i].y * b[j].y;
          sums[i][j] += a[i].z * b[j].z;
          sums[i][j] += a[i].w * b[j].w;
        }
      }
    }
  }
  if (hasTile) {
    element_t* mine = answers + threadIdx.x / THREADS * PAIRS;
#pragma unroll
    for (int a = 0; a < 4; a++) {
#pragma unroll
      for (int b = 0; b < 4; b++) {
        const int i = row + a * TILES;
        const int j = column + b * TILES;
        if (i >= VECTORS || j >= VECTORS || i == j || (row == column && i < j)) continue;
        const int high = max(i, j);
        fromFloat(sums[a][b], mine[high * (high - 1) / 2 + min(i, j)]);
      }
    }
  }
  writeAnswers(answers, out, batch);
}

#endif
