#include "common.cuh"

// Gradient of a pooled lookup with row-wise Adagrad. Lookups come sorted by row: a group of LANES lanes sums the
// gradients of a row's lookups and updates the row. Popular rows have far more lookups than the rest: those of LONG or
// more are summed by segments of SEGMENT lookups, a block each, and finished by one block a row. Every segment knows the
// row of its first lookup from `firstRow`, which the first kernel writes, so the order of sums never changes.

#define LONG (2 * SEGMENT)
#define GROUPS (256 / LANES)
#define VECTORS (DIM / PER)
#define BATCH (LANES > UNROLL ? LANES : UNROLL)
#define HELD (BATCH / LANES)

typedef float Sums[CHUNKS][PER];
typedef Vector<float, PER> gradient_t;
typedef Vector<element_t, PER> weights_t;

struct Row {
  weights_t weights[CHUNKS];
  /** Of lane 0 only. */
  float momentum;
};

__device__ __forceinline__ int laneOfGroup() { return threadIdx.x % LANES; }

__device__ __forceinline__ void clear(Sums& sums) {
#pragma unroll
  for (int c = 0; c < CHUNKS; c++) {
#pragma unroll
    for (int i = 0; i < PER; i++) sums[c][i] = 0.0f;
  }
}

// The loads of an update, made before the gradients are there.
__device__ __forceinline__ void readRow(const element_t* table, const float* momentum, int row, Row& held) {
  const element_t* from = table + i64(row) * DIM;
#pragma unroll
  for (int c = 0; c < CHUNKS; c++) {
    const int vector = c * LANES + laneOfGroup();
    zero(held.weights[c].raw);
    if (vector < VECTORS) held.weights[c] = loadVector<element_t, PER>(from + vector * PER);
  }
  held.momentum = laneOfGroup() == 0 ? momentum[row] : 0.0f;
}

__device__ __forceinline__ void updateRow(element_t* table, float* momentum, int row, Row& held, const Sums& g) {
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
  element_t* to = table + i64(row) * DIM;
#pragma unroll
  for (int c = 0; c < CHUNKS; c++) {
    const int vector = c * LANES + laneOfGroup();
    float updated[PER];
#pragma unroll
    for (int i = 0; i < PER; i++) updated[i] = toFloat(held.weights[c].at[i]) - rate * g[c][i];
    if (vector < VECTORS) storeFloats<element_t, PER>(to + vector * PER, updated);
  }
}

// Adds the gradients of lookups first … last − 1: bag ids read together and handed around, UNROLL gradients in flight.
__device__ __forceinline__ void addGradients(const int* bagOf, const float* grad, int first, int last, Sums& sums) {
  for (int start = first; start < last; start += BATCH) {
    int held[HELD];
#pragma unroll
    for (int i = 0; i < HELD; i++) {
      const int at = start + i * LANES + laneOfGroup();
      held[i] = at < last ? loadKept(bagOf + at) : 0;
    }
    const int count = min(BATCH, last - start);
    for (int at = 0; at < count; at += UNROLL) {
      gradient_t g[UNROLL][CHUNKS];
#pragma unroll
      for (int u = 0; u < UNROLL; u++) {
        const int bag = HELD == 1 ? fromLane<LANES>(held[0], at + u) : fromLane<LANES>(held[u / LANES], u % LANES);
#pragma unroll
        for (int c = 0; c < CHUNKS; c++) {
          const int vector = c * LANES + laneOfGroup();
          zero(g[u][c].raw);
          if (at + u < count && vector < VECTORS) {
            g[u][c].raw = loadKept(&reinterpret_cast<const gradient_t*>(grad + i64(bag) * DIM)[vector].raw);
          }
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
}

// Leaves the groups' sums in shared memory, added up in its first DIM floats.
__device__ __forceinline__ void addUpGroups(const Sums& sums, float* shared) {
  __syncthreads();
  float* mine = shared + threadIdx.x / LANES * DIM;
#pragma unroll
  for (int c = 0; c < CHUNKS; c++) {
    const int vector = c * LANES + laneOfGroup();
#pragma unroll
    for (int i = 0; i < PER; i++) {
      if (vector < VECTORS) mine[vector * PER + i] = sums[c][i];
    }
  }
  __syncthreads();
  for (int at = threadIdx.x; at < DIM; at += 256) {
    float total = 0.0f;
#pragma unroll 8
    for (int group = 0; group < GROUPS; group++) total += shared[group * DIM + at];
    shared[at] = total;
  }
  __syncthreads();
}

// Scratch: segments × 2 × DIM partial sums (of the row of a segment's first lookup, and of another that begins in it),
// then the row of each segment's first lookup, by its place among the unique rows.
__device__ __forceinline__ float* partialsOf(float* scratch, int segment, int slot) {
  return scratch + (i64(segment) * 2 + slot) * DIM;
}
__device__ __forceinline__ int segmentsOf(int lookups) { return (lookups + SEGMENT - 1) / SEGMENT; }
__device__ __forceinline__ int* firstRows(float* scratch, int lookups) {
  return reinterpret_cast<int*>(partialsOf(scratch, segmentsOf(lookups), 0));
}

extern "C" __global__ void __launch_bounds__(256)
updateRows(element_t* __restrict__ table, float* __restrict__ momentum, const int* __restrict__ rowIds,
           const int* __restrict__ rowStarts, const int* __restrict__ bagOf, const float* __restrict__ grad,
           float* __restrict__ scratch, int lookups) {
  const i64 unique = i64(blockIdx.x) * GROUPS + threadIdx.x / LANES;
  if (unique >= lookups) return;
  const int row = loadKept(rowIds + unique);
  if (row < 0) return;
  const int start = loadKept(rowStarts + unique);
  const int end = loadKept(rowStarts + unique + 1);
  for (i64 k = (start + SEGMENT - 1) / SEGMENT + laneOfGroup(); k * SEGMENT < end; k += LANES) {
    firstRows(scratch, lookups)[k] = int(unique);
  }
  if (end - start >= LONG) return;
  Row held;
  readRow(table, momentum, row, held);
  Sums sums;
  clear(sums);
  addGradients(bagOf, grad, start, end, sums);
  updateRow(table, momentum, row, held, sums);
}

extern "C" __global__ void __launch_bounds__(256)
sumSegments(const int* __restrict__ rowStarts, const int* __restrict__ bagOf, const float* __restrict__ grad,
            float* __restrict__ scratch, int lookups) {
  __shared__ float shared[GROUPS * DIM];
  const int segment = blockIdx.x;
  const int first = segment * SEGMENT;
  const int last = min(lookups - first, SEGMENT) + first;
  const int* rows = firstRows(scratch, lookups);
#pragma unroll 1
  for (int slot = 0; slot < 2; slot++) {
    // Slot 1: only a row that goes on into the next segment can be long.
    if (slot == 1 && (segment + 1 == segmentsOf(lookups) || rows[segment + 1] == rows[segment])) return;
    const int unique = rows[segment + slot];
    const int start = rowStarts[unique];
    const int end = rowStarts[unique + 1];
    if (end - start < LONG || start >= last) continue;
    const int from = max(first, start);
    const int count = min(last, end) - from;
    const int group = threadIdx.x / LANES;
    const int share = (count + GROUPS - 1) / GROUPS;
    Sums sums;
    clear(sums);
    addGradients(bagOf, grad, from + min(group * share, count), from + min((group + 1) * share, count), sums);
    addUpGroups(sums, shared);
    for (int at = threadIdx.x; at < DIM; at += 256) partialsOf(scratch, segment, slot)[at] = shared[at];
    __syncthreads();
  }
}

extern "C" __global__ void __launch_bounds__(256)
updateLongRows(element_t* __restrict__ table, float* __restrict__ momentum, const int* __restrict__ rowIds,
               const int* __restrict__ rowStarts, float* __restrict__ scratch, int lookups) {
  __shared__ float shared[GROUPS * DIM];
  const int unique = firstRows(scratch, lookups)[blockIdx.x];
  const int start = rowStarts[unique];
  const int end = rowStarts[unique + 1];
  // A row belongs to the block of the first segment that begins with it.
  if (end - start < LONG || int(blockIdx.x) * SEGMENT - start >= SEGMENT) return;
  const int firstSegment = start / SEGMENT;
  const int lastSegment = (end - 1) / SEGMENT;
  Sums sums;
  clear(sums);
#pragma unroll 4
  for (int segment = firstSegment + threadIdx.x / LANES; segment <= lastSegment; segment += GROUPS) {
    const float* from = partialsOf(scratch, segment, segment * SEGMENT < start ? 1 : 0);
#pragma unroll
    for (int c = 0; c < CHUNKS; c++) {
      const int vector = c * LANES + laneOfGroup();
      if (vector >= VECTORS) continue;
      const gradient_t g = loadVector<float, PER>(from + vector * PER);
#pragma unroll
      for (int i = 0; i < PER; i++) sums[c][i] += g.at[i];
    }
  }
  addUpGroups(sums, shared);
  if (threadIdx.x >= LANES) return;
  const int row = rowIds[unique];
  Row held;
  readRow(table, momentum, row, held);
  clear(sums);
#pragma unroll
  for (int c = 0; c < CHUNKS; c++) {
    const int vector = c * LANES + laneOfGroup();
#pragma unroll
    for (int i = 0; i < PER; i++) {
      if (vector < VECTORS) sums[c][i] = shared[vector * PER + i];
    }
  }
  updateRow(table, momentum, row, held, sums);
}
