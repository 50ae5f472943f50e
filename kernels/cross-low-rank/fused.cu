// hidden = x · vᵀ, then y = x0 ⊙ (hidden · wᵀ + bias) + x in one launch on tensor cores, for small layers and batches. Some
// blocks have some rows: all their warps share the contracted axis of the first product and the columns of the second, and
// add up hidden through each other's shared memory, for which several blocks are a cluster (compute capability 9.0). Matrices
// go straight from memory to registers, eight elements of a lane at a time, since it does not matter in which order products
// are summed as long as both factors keep to it.

#define ELEMENT F16 // @data-types fp16 = F16, bf16 = BF16
#include "common.cuh"
#include "tensor-core.cuh"
#include "cluster.cuh"

#define SIXTEENS 1 // @knob tiling {1, 2, 4} times 16 rows of a block
#define GROUP 64 // @knob tiling {16, 32, 64, 128} columns of hidden that are formed at a time
#define WARPS 4 // @knob warps {4, 8, 16} warps of a block
#define PARTS 8 // @knob split {1, 2, 4, 8} blocks that share rows
constexpr int UNROLL = 2; // @knob unrolling {1, 2, 4} steps of 32 along the contracted axes that are written out

// @let rows 16 * SIXTEENS
// @let bytes 4 * WARPS * rows * (GROUP + 8) + 2 * rows * (align(rank, 32) + 8)
// @require bytes <= 232448
// @require SIXTEENS * GROUP <= 256
// @launch fused grid(PARTS * ceil_div(batch, rows)) block(32 * WARPS) shared(bytes) args(x, v, w, x0, bias, hidden, y)

#define BATCH AXIS_batch
#define WIDTH AXIS_width
#define RANK AXIS_rank

constexpr int ROWS = 16 * SIXTEENS;
constexpr int ALL_WARPS = PARTS * WARPS;
constexpr int EIGHTS = GROUP / 8;
constexpr int PARTIAL_PITCH = GROUP + 8;
constexpr int HIDDEN_PITCH = (RANK + 31) / 32 * 32 + 8;

// Four pairs: eight neighbours of a row of length Row; zeros where there are none.
template <int Row> __device__ __forceinline__ uint4 loadEight(const element_t* matrix, i64 row, bool isRow, int column) {
  if (!isRow || column >= Row) return make_uint4(0, 0, 0, 0);
  const element_t* from = matrix + row * Row + column;
  if (Row % 8 == 0) return loadKept(reinterpret_cast<const uint4*>(from));
  Vector<element_t, 8> v;
#pragma unroll
  for (int i = 0; i < 8; i++) v.at[i].bits = column + i < Row ? from[i].bits : 0;
  return v.raw;
}

// Adds the products of 32 elements of 16 rows, of which a lane has some of g and g + 8, with those of eight others.
__device__ __forceinline__ void multiplyEights(float (&sums)[4], const uint4& low, const uint4& high, const uint4& right) {
  const u32 first[4] = {low.x, high.x, low.y, high.y};
  const u32 second[4] = {low.z, high.z, low.w, high.w};
  multiplyAdd(sums, first, right.x, right.y);
  multiplyAdd(sums, second, right.z, right.w);
}

// This warp's part of the sums of GROUP columns of hidden; `first` is where it begins along the contracted axis.
__device__ __forceinline__ void formPart(float* partial, const element_t* x, const element_t* v, int firstRow,
                                         int firstColumn, int first) {
  const int g = threadIdx.x % 32 / 4;
  const int t = threadIdx.x % 4;
  float sums[SIXTEENS][EIGHTS][4] = {};
#pragma unroll UNROLL
  for (int k = first; k < WIDTH; k += 32 * ALL_WARPS) {
    uint4 left[2 * SIXTEENS];
#pragma unroll
    for (int i = 0; i < 2 * SIXTEENS; i++) {
      const int row = firstRow + i * 8 + g;
      left[i] = loadEight<WIDTH>(x, row, row < BATCH, k + 8 * t);
    }
#pragma unroll
    for (int n = 0; n < EIGHTS; n++) {
      const int column = firstColumn + n * 8 + g;
      const uint4 right = loadEight<WIDTH>(v, column, column < RANK, k + 8 * t);
#pragma unroll
      for (int m = 0; m < SIXTEENS; m++) multiplyEights(sums[m][n], left[2 * m], left[2 * m + 1], right);
    }
  }
#pragma unroll
  for (int m = 0; m < SIXTEENS; m++) {
#pragma unroll
    for (int n = 0; n < EIGHTS; n++) {
#pragma unroll
      for (int i = 0; i < 4; i++) {
        partial[(m * 16 + i / 2 * 8 + g) * PARTIAL_PITCH + n * 8 + 2 * t + i % 2] = sums[m][n][i];
      }
    }
  }
}

// Sums of what all warps of a block brought, left in the first one's place.
__device__ __forceinline__ void sumOfWarps(float* partial) {
  for (int at = threadIdx.x; at < ROWS * GROUP; at += 32 * WARPS) {
    float* sum = partial + at / GROUP * PARTIAL_PITCH + at % GROUP;
    float total = *sum;
#pragma unroll
    for (int part = 1; part < WARPS; part++) total += sum[part * ROWS * PARTIAL_PITCH];
    *sum = total;
  }
}

// Has what the second product takes first brought closer: this warp's columns of w, and of x0 in all rows.
__device__ __forceinline__ void prefetch(const element_t* w, const element_t* x0, int firstRow, int first) {
  const int lane = threadIdx.x % 32;
  if (first + lane < WIDTH) {
    for (int at = 0; at < RANK; at += 64) bringCloser(w + i64(first + lane) * RANK + at);
  }
  for (int row = firstRow + lane; row < min(BATCH, firstRow + ROWS); row += 32) {
    if (first < WIDTH) bringCloser(x0 + i64(row) * WIDTH + first);
  }
}

extern "C" __global__ void __cluster_dims__(PARTS, 1, 1) __launch_bounds__(32 * WARPS)
fused(const element_t* __restrict__ x, const element_t* __restrict__ v, const element_t* __restrict__ w,
      const element_t* __restrict__ x0, const element_t* __restrict__ bias, element_t* __restrict__ hidden,
      element_t* __restrict__ y) {
  extern __shared__ uint4 memory[];
  element_t* kept = reinterpret_cast<element_t*>(memory);
  float* partial = reinterpret_cast<float*>(kept + ROWS * HIDDEN_PITCH);
  const int firstRow = blockIdx.x / PARTS * ROWS;
  const int block = blockIdx.x % PARTS;
  const int warp = threadIdx.x / 32;
  const int firstOfWarp = (block * WARPS + warp) * 32;
  const int g = threadIdx.x % 32 / 4;
  const int t = threadIdx.x % 4;

  prefetch(w, x0, firstRow, firstOfWarp);
#pragma unroll 1
  for (int first = 0; first < HIDDEN_PITCH - 8; first += GROUP) {
    formPart(partial + warp * ROWS * PARTIAL_PITCH, x, v, firstRow, first, firstOfWarp);
    __syncthreads();
    sumOfWarps(partial);
    if (PARTS > 1) meetCluster();
    else __syncthreads();
    for (int at = threadIdx.x * 4; at < ROWS * GROUP; at += 128 * WARPS) {
      const int row = at / GROUP;
      const int column = first + at % GROUP;
      if (column >= HIDDEN_PITCH - 8) continue;
      const float* sums = partial + row * PARTIAL_PITCH + at % GROUP;
      float4 sum = PARTS > 1 ? readFrom(sums, 0) : *reinterpret_cast<const float4*>(sums);
#pragma unroll
      for (int other = 1; other < PARTS; other++) {
        const float4 more = readFrom(sums, other);
        sum = make_float4(sum.x + more.x, sum.y + more.y, sum.z + more.z, sum.w + more.w);
      }
      const float four[4] = {sum.x, sum.y, sum.z, sum.w};
#pragma unroll
      for (int i = 0; i < 4; i++) {
        element_t& answer = kept[row * HIDDEN_PITCH + column + i];
        fromFloat(four[i], answer);
        if (block == 0 && firstRow + row < BATCH && column + i < RANK) hidden[i64(firstRow + row) * RANK + column + i] = answer;
      }
    }
    if (PARTS > 1) meetCluster();
    else __syncthreads();
  }

  // 32 columns at a time, as four matrices of eight: column 8t + 2q + e is column 2t + e of matrix q, so that a lane ends up
  // with eight neighbours.
#pragma unroll 1
  for (int first = firstOfWarp; first < WIDTH; first += 32 * ALL_WARPS) {
    float sums[SIXTEENS][4][4] = {};
#pragma unroll UNROLL
    for (int k = 0; k < HIDDEN_PITCH - 8; k += 32) {
      uint4 right[4];
#pragma unroll
      for (int q = 0; q < 4; q++) {
        const int column = first + g / 2 * 8 + 2 * q + g % 2;
        right[q] = loadEight<RANK>(w, column, column < WIDTH, k + 8 * t);
      }
#pragma unroll
      for (int m = 0; m < SIXTEENS; m++) {
        const element_t* row = kept + (m * 16 + g) * HIDDEN_PITCH + k + 8 * t;
        const uint4 low = *reinterpret_cast<const uint4*>(row);
        const uint4 high = *reinterpret_cast<const uint4*>(row + 8 * HIDDEN_PITCH);
#pragma unroll
        for (int q = 0; q < 4; q++) multiplyEights(sums[m][q], low, high, right[q]);
      }
    }
    const int column = first + 8 * t;
    Vector<element_t, 8> shift;
    shift.raw = loadEight<WIDTH>(bias, 0, true, column);
#pragma unroll
    for (int i = 0; i < 2 * SIXTEENS; i++) {
      const int row = firstRow + i * 8 + g;
      if (row >= BATCH || column >= WIDTH) continue;
      Vector<element_t, 8> scale, rest, answer;
      scale.raw = loadEight<WIDTH>(x0, row, true, column);
      rest.raw = loadEight<WIDTH>(x, row, true, column);
#pragma unroll
      for (int j = 0; j < 8; j++) {
        const float product = sums[i / 2][j / 2][i % 2 * 2 + j % 2];
        fromFloat(toFloat(scale.at[j]) * (product + toFloat(shift.at[j])) + toFloat(rest.at[j]), answer.at[j]);
      }
      element_t* to = y + i64(row) * WIDTH + column;
      if (WIDTH % 8 == 0) {
        storeVector<element_t, 8>(to, answer);
      } else {
#pragma unroll
        for (int j = 0; j < 8; j++) {
          if (column + j < WIDTH) to[j] = answer.at[j];
        }
      }
    }
  }
}
