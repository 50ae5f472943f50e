// Where ids are spread evenly, a value's place in the table follows from its size: a thread looks at a window of ids there.
// Where it is elsewhere, steps that double find a run that holds it, and the run is halved: never wrong, only slower.

#define NUMBER int // @data-types int32 = int, fp32 = float
#include "common.cuh"
#include "groups.cuh"

#define UNROLL 1 // @knob bytes-in-flight {1, 2, 4, 8} values that a thread searches side by side
#define WINDOW 8 // @knob tiling {4, 8, 16} ids that are looked at together
#define BLOCK 128 // @knob warps {32, 64, 128, 256, 512} threads of a block
#define RESIDENT 1024 // @knob persistent-grid {1024, 32, 16, 8, 4} blocks for each of 132 multiprocessors at most

// @launch mapId grid(min(ceil_div(values, BLOCK * UNROLL), 132 * RESIDENT)) block(BLOCK) args(values, table, out)

typedef NUMBER number_t;
constexpr int VALUES = AXIS_values;
constexpr int IDS = AXIS_ids;
constexpr int PER = elementsOfAccess(IDS, 4, 16);

__device__ __forceinline__ number_t idAt(const number_t* table, int place) { return loadKept(table + place); }

// A place that no id below the value lies behind, between two others.
__device__ __forceinline__ int halved(const number_t* table, number_t value, int low, int high) {
  while (low < high) {
    const int middle = (low + high) / 2;
    if (idAt(table, middle) < value) low = middle + 1;
    else high = middle;
  }
  return low;
}

// The same, where it lies before place `end`, or behind it.
__device__ __forceinline__ int searched(const number_t* table, number_t value, int end, bool isBehind) {
  int step = WINDOW;
  if (isBehind) {
    for (; end + step < IDS && idAt(table, end + step - 1) < value; step *= 2) end += step;
    return halved(table, value, end, min(IDS - 1, end + step));
  }
  for (; end > step && idAt(table, end - step) >= value; step *= 2) end -= step;
  return halved(table, value, max(0, end - step), end);
}

extern "C" __global__ void __launch_bounds__(BLOCK)
mapId(const number_t* __restrict__ values, const number_t* __restrict__ table, int* __restrict__ out) {
  const float least = float(idAt(table, 0));
  const float scale = float(IDS - 1) / fmaxf(1e-30f, float(idAt(table, IDS - 1)) - least);
  for (i64 start = i64(blockIdx.x) * BLOCK * UNROLL; start < VALUES; start += i64(gridDim.x) * BLOCK * UNROLL) {
    number_t value[UNROLL];
    Vector<number_t, PER> ids[UNROLL][WINDOW / PER];
    int first[UNROLL];
#pragma unroll
    for (int u = 0; u < UNROLL; u++) value[u] = values[min(i64(VALUES - 1), start + u * BLOCK + threadIdx.x)];
#pragma unroll
    for (int u = 0; u < UNROLL; u++) {
      const float place = (float(value[u]) - least) * scale;
      const int near = int(fminf(fmaxf(place, 0.0f), float(IDS - 1))) - (WINDOW / 2 - 2);
      first[u] = max(0, near) / PER * PER;
#pragma unroll
      for (int i = 0; i < WINDOW; i += PER) {
        const number_t* from = table + min(IDS - PER, first[u] + i);
        ids[u][i / PER].raw = loadKept(reinterpret_cast<const Vector<number_t, PER>::raw_t*>(from));
      }
    }
#pragma unroll
    for (int u = 0; u < UNROLL; u++) {
      int at = -1;
      // Of equal ones the first: behind the table, its end is read once more.
#pragma unroll
      for (int i = WINDOW - 1; i >= 0; i--) at = ids[u][i / PER].at[i % PER] == value[u] ? first[u] + i : at;
      const bool isBefore = ids[u][0].at[0] > value[u] && first[u] > 0;
      const bool isBehind = ids[u][WINDOW / PER - 1].at[PER - 1] < value[u] && first[u] + WINDOW < IDS;
      if (isBefore || isBehind) {
        const int place = searched(table, value[u], isBehind ? first[u] + WINDOW : first[u], isBehind);
        at = idAt(table, place) == value[u] ? place : -1;
      }
      const i64 to = start + u * BLOCK + threadIdx.x;
      if (to < VALUES) out[to] = at + 1;
    }
  }
}
