// hidden = x · vᵀ, then y = x0 ⊙ (hidden · wᵀ + bias) + x in one launch on tensor cores, for small layers and batches. A block
// has some rows: its warps share the contracted axis of the first product and the columns of the second. Matrices go straight
// from memory to registers, eight elements of a lane at a time, since it does not matter in which order products are summed
// as long as both factors keep to it.

#define ELEMENT F16 // @data-types fp16 = F16, bf16 = BF16
#include "common.cuh"
#include "tensor-core.cuh"

#define SIXTEENS 1 // @knob tiling {1, 2, 4} times 16 rows of a block
#define GROUP 64 // @knob tiling {16, 32, 64, 128} columns of hidden that are formed at a time
#define WARPS 8 // @knob warps {4, 8, 16} warps of a block
constexpr int UNROLL = 2; // @knob unrolling {1, 2, 4} steps of 32 along the contracted axes that are written out

// @let rows 16 * SIXTEENS
// @let bytes 4 * WARPS * rows * (GROUP + 8) + 2 * rows * (align(rank, 32) + 8)
// @require bytes <= 232448
// @require SIXTEENS * GROUP <= 256
// @launch fused grid(ceil_div(batch, rows)) block(32 * WARPS) shared(bytes) args(x, v, w, x0, bias, hidden, y)

#define BATCH AXIS_batch
#define WIDTH AXIS_width
#define RANK AXIS_rank

constexpr int ROWS = 16 * SIXTEENS;
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

// This warp's part of the sums of GROUP columns of hidden.
__device__ __forceinline__ void formPart(float* partial, const element_t* x, const element_t* v, int firstRow,
                                         int firstColumn) {
  const int g = threadIdx.x % 32 / 4;
  const int t = threadIdx.x % 4;
  float sums[SIXTEENS][EIGHTS][4] = {};
#pragma unroll UNROLL
  for (int k = threadIdx.x / 32 * 32; k < WIDTH; k += 32 * WARPS) {
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

extern "C" __global__ void __launch_bounds__(32 * WARPS)
fused(const element_t* __restrict__ x, const element_t* __restrict__ v, const element_t* __restrict__ w,
      const element_t* __restrict__ x0, const element_t* __restrict__ bias, element_t* __restrict__ hidden,
      element_t* __restrict__ y) {
  extern __shared__ uint4 memory[];
  element_t* kept = reinterpret_cast<element_t*>(memory);
  float* partial = reinterpret_cast<float*>(kept + ROWS * HIDDEN_PITCH);
  const int firstRow = blockIdx.x * ROWS;
  const int warp = threadIdx.x / 32;
  const int g = threadIdx.x % 32 / 4;
  const int t = threadIdx.x % 4;

#pragma unroll 1
  for (int first = 0; first < HIDDEN_PITCH - 8; first += GROUP) {
    formPart(partial + warp * ROWS * PARTIAL_PITCH, x, v, firstRow, first);
    __syncthreads();
    for (int at = threadIdx.x; at < ROWS * GROUP; at += 32 * WARPS) {
      const int row = at / GROUP;
      const int column = first + at % GROUP;
      if (column >= HIDDEN_PITCH - 8) continue;
      float sum = 0.0f;
#pragma unroll
      for (int part = 0; part < WARPS; part++) sum += partial[(part * ROWS + row) * PARTIAL_PITCH + at % GROUP];
      element_t& answer = kept[row * HIDDEN_PITCH + column];
      fromFloat(sum, answer);
      if (firstRow + row < BATCH && column < RANK) hidden[i64(firstRow + row) * RANK + column] = answer;
    }
    __syncthreads();
  }

  // 32 columns at a time, as four matrices of eight: column 8t + 2q + e is column 2t + e of matrix q, so that a lane ends up
  // with eight neighbours.
#pragma unroll 1
  for (int first = warp * 32; first < WIDTH; first += 32 * WARPS) {
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
