// A group of threads holds a row in registers. Each thread's largest elements are leaders, more of them than are asked for: the
// K-th of the leaders is no larger than the K-th of the row, and hardly smaller. What is not below it is gathered, and every
// gathered element counts how many come before it: that is its place.

#define ELEMENT F32 // @data-types fp32 = F32, bf16 = BF16, fp16 = F16
#include "common.cuh"
#include "groups.cuh"

#define ACCESS 16 // @knob vector-width {2, 4, 8, 16} bytes of an access at most
#define HELD 32 // @knob warps-per-row {64, 32, 16, 8, 4} elements of a row for each thread that shares it
#define SPARE 1 // @knob algorithm {1, 2, 4} leaders for each element that is asked for, at least
#define BLOCK 128 // @knob warps {32, 64, 128, 256} threads of a block at least

// @require n <= 32768
// @let parted 1 + (n > 32 * HELD) + 2 * (n > 64 * HELD) + 4 * (n > 128 * HELD) + 8 * (n > 256 * HELD) + 16 * (n > 512 * HELD)
// @let threads 32 * parted
// @let groups max(1, BLOCK / threads)
// @require groups * min(2 * n, 8 * k) <= 4000
// @require ceil_div(n, threads) <= 64
// @launch topK grid(ceil_div(rows, groups)) block(threads * groups) args(x, values, indices)

constexpr int ROWS = AXIS_rows;
constexpr int N = AXIS_n;
constexpr int K = AXIS_k;
constexpr int PER = elementsOfAccess(N, sizeof(element_t), ACCESS);
constexpr int WANTED = threadsOfRow(N, HELD, 1, 1024);
constexpr int THREADS = WANTED > WARP ? WANTED : WARP;
constexpr int GROUPS = BLOCK > THREADS ? BLOCK / THREADS : 1;
constexpr int CHUNKS = divideUp(N, THREADS * PER);
constexpr int ACTIVE = N / PER < THREADS ? N / PER : THREADS;
// Leaders of a thread, each of its own elements; a thread has no more of them than elements.
constexpr int ASKED = powerAbove(divideUp(SPARE * K, ACTIVE));
constexpr int LEADERS = ASKED < CHUNKS * PER ? ASKED : CHUNKS * PER;
constexpr int SLOTS = THREADS * LEADERS;
// Elements that are gathered at most; K and some more in nearly every row.
constexpr int MOST = powerAbove(N) < 4 * powerAbove(K) ? powerAbove(N) : 4 * powerAbove(K);
constexpr int ROOM = MOST > WARP ? MOST : WARP;

template <int Bytes> struct Key { typedef u64 type; };
template <> struct Key<2> { typedef u32 type; };
typedef Key<int(sizeof(element_t))>::type ordered_t;

struct Best {
  ordered_t keys[ROOM];
  element_t elements[ROOM];
};

template <class T> __device__ __forceinline__ ordered_t bitsOf(const T& x) {
  if constexpr (sizeof(T) == 2) return x.bits;
  else return __float_as_uint(x);
}

// No two elements of a row have the same key: the value in an order of unsigned integers, then how far left it is.
__device__ __forceinline__ ordered_t keyOf(float x, int column) {
  constexpr int half = 4 * int(sizeof(ordered_t));
  constexpr ordered_t negative = ordered_t(1) << (half - 1);
  constexpr ordered_t all = (ordered_t(1) << half) - 1;
  element_t element;
  // −0 becomes 0.
  fromFloat(x + 0.0f, element);
  const ordered_t bits = bitsOf(element);
  return (bits & negative ? all - bits : bits | negative) << half | (all - ordered_t(column));
}
__device__ __forceinline__ int columnOfKey(ordered_t key) {
  constexpr ordered_t all = (ordered_t(1) << (4 * int(sizeof(ordered_t)))) - 1;
  return int(all - (key & all));
}
__device__ __forceinline__ int columnOf(int chunk) { return (threadIdx.x % THREADS + chunk * THREADS) * PER; }

__device__ __forceinline__ void meet() {
  if (THREADS > WARP) __syncthreads();
  else __syncwarp();
}

// The K-th largest leader, in all threads.
__device__ __forceinline__ float leastLeader(const float (&held)[CHUNKS][PER], float4* all, float* partial) {
  float own[LEADERS];
  int larger[LEADERS];
#pragma unroll
  for (int l = 0; l < LEADERS; l++) {
    own[l] = -INFINITY_F;
    larger[l] = 0;
#pragma unroll
    for (int e = l; e < CHUNKS * PER; e += LEADERS) own[l] = fmaxf(own[l], held[e / PER][e % PER]);
    reinterpret_cast<float*>(all)[threadIdx.x % THREADS + l * THREADS] = own[l];
  }
  meet();
#pragma unroll 8
  for (int i = 0; i < SLOTS / 4; i++) {
    const float4 four = all[i];
#pragma unroll
    for (int l = 0; l < LEADERS; l++) larger[l] += (four.x > own[l]) + (four.y > own[l]) + (four.z > own[l]) + (four.w > own[l]);
  }
  float least[1] = {-INFINITY_F};
#pragma unroll
  for (int l = 0; l < LEADERS; l++) least[0] = fmaxf(least[0], larger[l] < K ? -own[l] : -INFINITY_F);
  overGroup<Largest, THREADS>(least, partial);
  return -least[0];
}

__device__ __forceinline__ void writePlace(element_t* values, int* indices, int place, element_t element, int column) {
  values[place] = element;
  indices[place] = column;
}

// Where more is gathered than there is room for, as in rows of equal elements: the next largest key, K times.
__device__ __forceinline__ void oneByOne(const element_t* row, Best& best, element_t* values, int* indices) {
  ordered_t last = ~ordered_t(0);
  for (int place = 0; place < K; place++) {
    ordered_t next = 0;
    for (int column = threadIdx.x % THREADS; column < N; column += THREADS) {
      const ordered_t key = keyOf(toFloat(row[column]), column);
      if (key < last && key > next) next = key;
    }
#pragma unroll
    for (int apart = 16; apart > 0; apart /= 2) {
      const ordered_t other = fromLaneXor<32>(next, apart);
      if (other > next) next = other;
    }
    if constexpr (THREADS > WARP) {
      meet();
      if (threadIdx.x % WARP == 0) best.keys[threadIdx.x % THREADS / WARP] = next;
      meet();
      for (int warp = 0; warp < THREADS / WARP; warp++) next = best.keys[warp] > next ? best.keys[warp] : next;
    }
    last = next;
    const int column = columnOfKey(next);
    if (threadIdx.x % THREADS == 0) writePlace(values, indices, place, row[column], column);
  }
}

extern "C" __global__ void __launch_bounds__(THREADS * GROUPS)
topK(const element_t* __restrict__ x, element_t* __restrict__ values, int* __restrict__ indices) {
  __shared__ float4 leaders[GROUPS][SLOTS / 4];
  __shared__ Best bestOf[GROUPS];
  __shared__ float partial[THREADS / WARP * GROUPS];
  __shared__ int gathered[GROUPS];
  const int group = threadIdx.x / THREADS;
  const i64 row = i64(blockIdx.x) * GROUPS + group;
  // Groups of one warp go their own ways; wider ones wait for none that has no row.
  if (row >= ROWS) return;
  if (threadIdx.x % THREADS == 0) gathered[group] = 0;
  const element_t* from = x + row * N;
  Best& best = bestOf[group];
  float held[CHUNKS][PER];
  readRow<THREADS>(from, N, -INFINITY_F, held);
  const float least = leastLeader(held, leaders[group], partial);
#pragma unroll
  for (int c = 0; c < CHUNKS; c++) {
#pragma unroll
    for (int i = 0; i < PER; i++) {
      if (held[c][i] < least || columnOf(c) >= N) continue;
      const int place = atomicAdd(&gathered[group], 1);
      if (place >= ROOM) continue;
      best.keys[place] = keyOf(held[c][i], columnOf(c) + i);
      fromFloat(held[c][i], best.elements[place]);
    }
  }
  meet();
  const int count = gathered[group];
  element_t* toValues = values + row * K;
  int* toIndices = indices + row * K;
  if (count > ROOM) return oneByOne(from, best, toValues, toIndices);
  for (int own = threadIdx.x % THREADS; own < count; own += THREADS) {
    const ordered_t key = best.keys[own];
    int place = 0;
#pragma unroll 8
    for (int i = 0; i < count; i++) place += best.keys[i] > key;
    if (place < K) writePlace(toValues, toIndices, place, best.elements[own], columnOfKey(key));
  }
}
