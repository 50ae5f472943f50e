// out = (x · xᵀ) · y of each sample in one launch, y straight from memory to registers and the answer back. Warps have their
// own columns: a lane loads VECTOR neighbours of the rows that its part of a matrix instruction wants, and ends up with the
// same neighbours of the answer. The first columns are on their way while the products of the vectors are formed.

#define ELEMENT F16 // @data-types fp16 = F16, bf16 = BF16
#include "common.cuh"
#include "tensor-core.cuh"

#define WARPS 8 // @knob warps {1, 2, 4, 7, 8} warps of a block, which share a sample
#define WIDEST 8 // @knob vector-width {2, 4, 8} elements of one access, at most: fewer where rows are not aligned to it
#define REPEATS 1 // @knob bytes-in-flight {1, 2, 4} accesses of a lane to each row before any of them is used
#define AHEAD 0 // @knob prefetch {0, 1} whether the next columns are asked for before the present ones are used
#define SPLIT 1 // @knob launch-shape {1, 2, 4, 8} blocks that share the columns of a sample, at least
#define FILLING 264 // @knob split {132, 264, 528} blocks for whose sake more of them share the columns of a sample
#define IS_CACHED 1 // @knob cache-hints {0, 1} whether y may stay in the first-level cache
#define MIN_BLOCKS 1 // @knob launch-bounds {1, 2, 3, 4} blocks that a multiprocessor should hold

// @let vector 2 * (1 + (rank % 4 == 0) * (4 <= WIDEST) + 2 * (rank % 8 == 0) * (8 <= WIDEST))
// @let parts max(SPLIT, min(ceil_div(FILLING, batch), ceil_div(rank, 8 * vector * REPEATS * WARPS)))
// @require vectors <= 64
// @launch fused grid(batch * parts) block(WARPS * 32) shared(2 * (vectors * (align(dim, 16) + 8) + align(vectors, 16) * (align(vectors, 16) + 8))) args(x, y, out)

#define VECTORS AXIS_vectors
#define DIM AXIS_dim
#define RANK AXIS_rank

// Rows of 16 · odd bytes: the rows of a matrix then lie in different banks.
#define DEPTH ((DIM + 15) / 16 * 16)
#define X_PITCH (DEPTH + 8)
#define X_PER (DIM % 8 == 0 ? 8 : DIM % 4 == 0 ? 4 : DIM % 2 == 0 ? 2 : 1)
#define SQUARES ((VECTORS + 15) / 16)
#define GRAM_PITCH (16 * SQUARES + 8)
#define EIGHTS ((VECTORS + 7) / 8)

// Elements of one access, and pairs of them: a pair is what a matrix instruction takes of a row for one lane.
__device__ constexpr int fitting(int vector) { return RANK % vector == 0 || vector == 2 ? vector : fitting(vector / 2); }
constexpr int VECTOR = fitting(WIDEST);
constexpr int PAIRS = VECTOR / 2;
constexpr int STEP = 8 * VECTOR * REPEATS;
__device__ constexpr int smaller(int a, int b) { return a < b ? a : b; }
__device__ constexpr int larger(int a, int b) { return a < b ? b : a; }
constexpr int PARTS = larger(SPLIT, smaller((FILLING + AXIS_batch - 1) / AXIS_batch, (RANK + STEP * WARPS - 1) / (STEP * WARPS)));
// Rows of odd length are read one element at a time.
constexpr bool IS_EVEN = RANK % 2 == 0;

static_assert(VECTORS <= 64, "products of more vectors do not fit in registers");

typedef Vector<u32, PAIRS> pairs_t;

__device__ __forceinline__ pairs_t loadPairs(const element_t* row, int column, bool isRow) {
  pairs_t v;
  zero(v.raw);
  if (!isRow || column >= RANK) return v;
  if (IS_EVEN) {
    typedef typename pairs_t::raw_t raw_t;
    const raw_t* from = reinterpret_cast<const raw_t*>(row + column);
    v.raw = IS_CACHED ? loadKept(from) : loadOnce(from);
  } else {
    v.at[0] = row[column].bits;
    if (column + 1 < RANK) v.at[0] |= u32(row[column + 1].bits) << 16;
  }
  return v;
}

__device__ __forceinline__ void storePairs(element_t* row, int column, bool isRow, const pairs_t& v) {
  if (!isRow || column >= RANK) return;
  if (IS_EVEN) {
    storeVector<u32, PAIRS>(reinterpret_cast<u32*>(row + column), v);
  } else {
    row[column].bits = u16(v.at[0]);
    if (column + 1 < RANK) row[column + 1].bits = u16(v.at[0] >> 16);
  }
}

// What a lane holds of STEP columns: of rows 8 i + 2t and 8 i + 2t + 1.
struct Columns { pairs_t even[EIGHTS][REPEATS], odd[EIGHTS][REPEATS]; };

__device__ __forceinline__ void load(Columns& held, const element_t* y, int first) {
  const int row = threadIdx.x % 4 * 2;
  const int column = first + threadIdx.x % 32 / 4 * VECTOR;
#pragma unroll
  for (int i = 0; i < EIGHTS; i++) {
    const element_t* from = y + (8 * i + row) * RANK;
#pragma unroll
    for (int r = 0; r < REPEATS; r++) {
      held.even[i][r] = loadPairs(from, column + 8 * VECTOR * r, 8 * i + row < VECTORS);
      held.odd[i][r] = loadPairs(from + RANK, column + 8 * VECTOR * r, 8 * i + row + 1 < VECTORS);
    }
  }
}

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
  endOfCopies();
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

// The answer is formed as its transpose: columns are the rows of a matrix, a lane's pair its rows g and g + 8.
__device__ __forceinline__ void answer(element_t* out, const Columns& held, const u32 (&gram)[SQUARES][(EIGHTS + 1) / 2][4],
                                       int first) {
  const int row = threadIdx.x % 4 * 2;
  const int column = first + threadIdx.x % 32 / 4 * VECTOR;
#pragma unroll
  for (int r = 0; r < REPEATS; r++) {
    pairs_t even[EIGHTS], odd[EIGHTS];
#pragma unroll
    for (int pair = 0; pair < PAIRS; pair++) {
      float sums[EIGHTS][4] = {};
#pragma unroll
      for (int k = 0; k < SQUARES; k++) {
        u32 a[4] = {};
#pragma unroll
        for (int i = 0; i < 2; i++) {
          if (2 * k + i >= EIGHTS) continue;
          const u32 low = held.even[2 * k + i][r].at[pair];
          const u32 high = held.odd[2 * k + i][r].at[pair];
          a[2 * i] = __byte_perm(low, high, 0x5410);
          a[2 * i + 1] = __byte_perm(low, high, 0x7632);
        }
#pragma unroll
        for (int n = 0; n < EIGHTS; n++) multiplyAdd(sums[n], a, gram[k][n / 2][n % 2 * 2], gram[k][n / 2][n % 2 * 2 + 1]);
      }
#pragma unroll
      for (int n = 0; n < EIGHTS; n++) {
        even[n].at[pair] = packPair(sums[n][0], sums[n][2]);
        odd[n].at[pair] = packPair(sums[n][1], sums[n][3]);
      }
    }
#pragma unroll
    for (int n = 0; n < EIGHTS; n++) {
      element_t* to = out + (8 * n + row) * RANK;
      storePairs(to, column + 8 * VECTOR * r, 8 * n + row < VECTORS, even[n]);
      storePairs(to + RANK, column + 8 * VECTOR * r, 8 * n + row + 1 < VECTORS, odd[n]);
    }
  }
}

extern "C" __global__ void __launch_bounds__(32 * WARPS, MIN_BLOCKS)
fused(const element_t* __restrict__ x, const element_t* __restrict__ y, element_t* __restrict__ out) {
  extern __shared__ uint4 memory[];
  element_t* staged = reinterpret_cast<element_t*>(memory);
  element_t* gram = staged + VECTORS * X_PITCH;
  const i64 firstRow = i64(blockIdx.x / PARTS) * VECTORS;
  const element_t* from = y + firstRow * RANK;
  element_t* to = out + firstRow * RANK;
  const int lane = threadIdx.x % 32;
  int first = (blockIdx.x % PARTS * WARPS + threadIdx.x / 32) * STEP;

  fetchX(staged, x + firstRow * DIM);
  Columns held;
  load(held, from, first);
  awaitCopiesBut<0>();
  __syncthreads();
  formGram(gram, staged);
  __syncthreads();

  u32 products[SQUARES][(EIGHTS + 1) / 2][4];
#pragma unroll
  for (int k = 0; k < SQUARES; k++) {
#pragma unroll
    for (int pair = 0; pair < (EIGHTS + 1) / 2; pair++) {
      loadMatrices(products[k][pair],
                   gram + (pair * 16 + lane / 16 * 8 + lane % 8) * GRAM_PITCH + k * 16 + lane / 8 % 2 * 8);
    }
  }
  while (first < RANK) {
    const int next = first + PARTS * WARPS * STEP;
    if (AHEAD) {
      Columns following;
      load(following, from, next);
      answer(to, held, products, first);
      held = following;
    } else {
      answer(to, held, products, first);
      load(held, from, next);
    }
    first = next;
  }
}
