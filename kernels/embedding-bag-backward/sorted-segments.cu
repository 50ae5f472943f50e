// Lookups come sorted by row: a group of lanes sums the gradients of a row's lookups and updates the row. Rows with LONG
// lookups or more are summed by segments, a block to each, and finished by one block to a row. Every segment knows the row of
// its first lookup from the first launch, so that the order of sums never changes.

#define ELEMENT F32 // @data-types fp32 = F32, fp16 = F16
#include "common.cuh"
#include "groups.cuh"

#define ACCESS 16 // @knob vector-width {4, 8, 16} bytes of an access at most
#define HELD 4 // @knob warps-per-row {16, 8, 4, 2} elements of a row for each lane that shares it
#define UNROLL 8 // @knob bytes-in-flight {1, 2, 4, 8} gradients that a group of lanes has open
#define SEGMENT 64 // @knob split {512, 256, 128, 64, 32} lookups of one row that a block sums
#define BLOCK 256 // @knob warps {64, 128, 256, 512} threads of a block

// @require dim <= 2048
// @scratch 4 * ceil_div(bags * pooling, SEGMENT) * (2 * dim + 1)
// @launch updateRows grid(ceil_div(2 * bags * pooling * dim, HELD * BLOCK) + ceil_div(bags * pooling, BLOCK)) block(BLOCK) args(table, momentum, rowIds, rowStarts, bagOf, grad, scratch)
// @launch sumSegments grid(ceil_div(bags * pooling, SEGMENT)) block(BLOCK) args(rowStarts, bagOf, grad, scratch) when(2 * SEGMENT <= bags * pooling)
// @launch updateLongRows grid(ceil_div(bags * pooling, SEGMENT)) block(BLOCK) args(table, momentum, rowIds, rowStarts, scratch) when(2 * SEGMENT <= bags * pooling)

constexpr int LOOKUPS = AXIS_bags * AXIS_pooling;
constexpr int DIM = AXIS_dim;
constexpr int LONG = 2 * SEGMENT;
constexpr int SEGMENTS = divideUp(LOOKUPS, SEGMENT);
// Gradients are fp32, and are read in accesses of as many elements as the row's.
constexpr int PER = elementsOfAccess(DIM, 4, ACCESS);
constexpr int LANES = threadsOfRow(DIM, HELD, PER, WARP);
constexpr int CHUNKS = divideUp(DIM, LANES * PER);
constexpr int GROUPS = BLOCK / LANES;
typedef float Sums[CHUNKS][PER];

struct Row {
  Vector<element_t, PER> weights[CHUNKS];
  float momentum;
};

__device__ __forceinline__ int laneOfGroup() { return threadIdx.x % LANES; }
__device__ __forceinline__ int columnOf(int chunk) { return (chunk * LANES + laneOfGroup()) * PER; }

__device__ __forceinline__ void clear(Sums& sums) {
#pragma unroll
  for (int c = 0; c < CHUNKS; c++) {
#pragma unroll
    for (int i = 0; i < PER; i++) sums[c][i] = 0.0f;
  }
}

// The loads of an update, made before the gradients are there.
__device__ __forceinline__ void fetchRow(const element_t* table, const float* momentum, int row, Row& held) {
#pragma unroll
  for (int c = 0; c < CHUNKS; c++) {
    if (columnOf(c) < DIM) held.weights[c] = loadVector<element_t, PER>(table + i64(row) * DIM + columnOf(c));
  }
  held.momentum = laneOfGroup() == 0 ? momentum[row] : 0.0f;
}

__device__ __forceinline__ void updateRow(element_t* table, float* momentum, int row, const Row& held, const Sums& g) {
  float squares = 0.0f;
#pragma unroll
  for (int c = 0; c < CHUNKS; c++) {
#pragma unroll
    for (int i = 0; i < PER; i++) squares += g[c][i] * g[c][i];
  }
  squares = sumOfLanes<LANES>(squares);
  const float moment = fromLane<LANES>(held.momentum, 0) + squares * (1.0f / DIM);
  if (laneOfGroup() == 0) momentum[row] = moment;
  const float rate = 0.01f / (sqrtf(moment) + 1e-8f);
#pragma unroll
  for (int c = 0; c < CHUNKS; c++) {
    if (columnOf(c) >= DIM) continue;
    float updated[PER];
#pragma unroll
    for (int i = 0; i < PER; i++) updated[i] = toFloat(held.weights[c].at[i]) - rate * g[c][i];
    storeNumbers<false>(table + i64(row) * DIM + columnOf(c), updated);
  }
}

// Adds the gradients of lookups first … last − 1, UNROLL of them in flight.
__device__ __forceinline__ void addGradients(const int* bagOf, const float* grad, int first, int last, Sums& sums) {
  for (int start = first; start < last; start += UNROLL) {
    Vector<float, PER> g[UNROLL][CHUNKS];
#pragma unroll
    for (int u = 0; u < UNROLL; u++) {
      const float* from = grad + i64(start + u < last ? loadKept(bagOf + start + u) : 0) * DIM;
#pragma unroll
      for (int c = 0; c < CHUNKS; c++) {
        zero(g[u][c].raw);
        if (start + u < last && columnOf(c) < DIM) g[u][c] = loadVector<float, PER>(from + columnOf(c));
      }
    }
#pragma unroll
    for (int u = 0; u < UNROLL; u++) {
#pragma unroll
      for (int c = 0; c < CHUNKS; c++) {
#pragma unroll
        for (int i = 0; i < PER; i++) sums[c][i] += g[u][c].at[i];
      }
    }
  }
}

// Adds the groups' sums up in `total`, group by group.
__device__ __forceinline__ void addUpGroups(const Sums& sums, float* total) {
  for (int turn = 0; turn < GROUPS; turn++) {
    __syncthreads();
    if (turn != threadIdx.x / LANES) continue;
#pragma unroll
    for (int c = 0; c < CHUNKS; c++) {
#pragma unroll
      for (int i = 0; i < PER; i++) {
        if (columnOf(c) < DIM) total[columnOf(c) + i] = sums[c][i] + (turn > 0 ? total[columnOf(c) + i] : 0.0f);
      }
    }
  }
  __syncthreads();
}

// Scratch: for each segment the partial sums of the row of its first lookup, and of another row that begins in it; then the
// row of each segment's first lookup, by its place among the unique rows.
__device__ __forceinline__ float* partialsOf(float* scratch, int segment, int slot) {
  return scratch + (i64(segment) * 2 + slot) * DIM;
}
__device__ __forceinline__ int* firstRows(float* scratch) {
  return reinterpret_cast<int*>(partialsOf(scratch, SEGMENTS, 0));
}

extern "C" __global__ void __launch_bounds__(BLOCK)
updateRows(element_t* __restrict__ table, float* __restrict__ momentum, const int* __restrict__ rowIds,
           const int* __restrict__ rowStarts, const int* __restrict__ bagOf, const float* __restrict__ grad,
           float* __restrict__ scratch) {
  const i64 unique = i64(blockIdx.x) * GROUPS + threadIdx.x / LANES;
  if (unique >= LOOKUPS) return;
  const int row = loadKept(rowIds + unique);
  if (row < 0) return;
  const int start = loadKept(rowStarts + unique);
  const int end = loadKept(rowStarts + unique + 1);
  for (int segment = (start + SEGMENT - 1) / SEGMENT + laneOfGroup(); segment * SEGMENT < end; segment += LANES) {
    firstRows(scratch)[segment] = int(unique);
  }
  if (end - start >= LONG) return;
  Row held;
  fetchRow(table, momentum, row, held);
  Sums sums;
  clear(sums);
  addGradients(bagOf, grad, start, end, sums);
  updateRow(table, momentum, row, held, sums);
}

extern "C" __global__ void __launch_bounds__(BLOCK)
sumSegments(const int* __restrict__ rowStarts, const int* __restrict__ bagOf, const float* __restrict__ grad,
            float* __restrict__ scratch) {
  __shared__ float total[DIM];
  const int segment = blockIdx.x;
  const int first = segment * SEGMENT;
  const int last = min(LOOKUPS, first + SEGMENT);
  const int* rows = firstRows(scratch);
#pragma unroll 1
  for (int slot = 0; slot < 2; slot++) {
    // Slot 1: only a row that goes on into the next segment can be long.
    if (slot == 1 && (segment + 1 == SEGMENTS || rows[segment + 1] == rows[segment])) return;
    const int unique = rows[segment + slot];
    const int start = rowStarts[unique];
    const int end = rowStarts[unique + 1];
    if (end - start < LONG || start >= last) continue;
    const int from = max(first, start);
    const int count = min(last, end) - from;
    const int share = (count + GROUPS - 1) / GROUPS;
    const int group = threadIdx.x / LANES;
    Sums sums;
    clear(sums);
    addGradients(bagOf, grad, from + min(group * share, count), from + min((group + 1) * share, count), sums);
    addUpGroups(sums, total);
    for (int at = threadIdx.x; at < DIM; at += BLOCK) partialsOf(scratch, segment, slot)[at] = total[at];
  }
}

extern "C" __global__ void __launch_bounds__(BLOCK)
updateLongRows(element_t* __restrict__ table, float* __restrict__ momentum, const int* __restrict__ rowIds,
               const int* __restrict__ rowStarts, float* __restrict__ scratch) {
  __shared__ float total[DIM];
  const int unique = firstRows(scratch)[blockIdx.x];
  const int start = rowStarts[unique];
  const int end = rowStarts[unique + 1];
  // A row belongs to the block of the first segment that begins with it.
  if (end - start < LONG || int(blockIdx.x) * SEGMENT - start >= SEGMENT) return;
  Sums sums;
  clear(sums);
#pragma unroll UNROLL
  for (int segment = start / SEGMENT + threadIdx.x / LANES; segment <= (end - 1) / SEGMENT; segment += GROUPS) {
    const float* from = partialsOf(scratch, segment, segment * SEGMENT < start ? 1 : 0);
#pragma unroll
    for (int c = 0; c < CHUNKS; c++) {
#pragma unroll
      for (int i = 0; i < PER; i++) {
        if (columnOf(c) < DIM) sums[c][i] += from[columnOf(c) + i];
      }
    }
  }
  addUpGroups(sums, total);
  if (threadIdx.x >= LANES) return;
  Row held;
  fetchRow(table, momentum, rowIds[unique], held);
#pragma unroll
  for (int c = 0; c < CHUNKS; c++) {
#pragma unroll
    for (int i = 0; i < PER; i++) sums[c][i] = columnOf(c) < DIM ? total[columnOf(c) + i] : 0.0f;
  }
  updateRow(table, momentum, rowIds[unique], held, sums);
}
