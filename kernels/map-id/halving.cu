// Halving without branches, in as many steps as the table asks for; a thread searches several values side by side. Blocks keep
// every so-many-th id in shared memory, or all of a small table, for the first steps; of the last few ids all are read at once.

#define NUMBER int // @data-types int32 = int, fp32 = float
#include "common.cuh"
#include "groups.cuh"

#define UNROLL 1 // @knob bytes-in-flight {1, 2, 4, 8} values that a thread searches side by side
#define SHARED_STEPS 10 // @knob shared-staging {0, 8, 9, 10, 11, 12} steps that are made in shared memory at most
#define AT_ONCE 16 // @knob unrolling {1, 2, 4, 8, 16, 32} ids that are no longer halved
#define BLOCK 128 // @knob warps {64, 128, 256, 512, 1024} threads of a block
#define RESIDENT 16 // @knob persistent-grid {1024, 16, 8, 4, 2, 1} blocks for each of 132 multiprocessors at most

// @launch mapId grid(min(ceil_div(values, BLOCK * UNROLL), 132 * RESIDENT)) block(BLOCK) args(values, table, out)

typedef NUMBER number_t;
constexpr int VALUES = AXIS_values;
constexpr int IDS = AXIS_ids;
// The sample has a power of two of ids less one, STRIDE apart: halving them leaves a run of STRIDE ids.
constexpr int SAMPLE = (powerAbove(IDS + 1) < 1 << SHARED_STEPS ? powerAbove(IDS + 1) : 1 << SHARED_STEPS) - 1;
constexpr int STRIDE = divideUp(IDS, SAMPLE + 1);

__device__ constexpr int halvedTo(int left) { return left > AT_ONCE ? halvedTo(left - left / 2) : left; }
constexpr int LEFT = halvedTo(STRIDE);

extern "C" __global__ void __launch_bounds__(BLOCK)
mapId(const number_t* __restrict__ values, const number_t* __restrict__ table, int* __restrict__ out) {
  __shared__ number_t sample[SAMPLE + 1];
#pragma unroll 8
  for (int i = threadIdx.x; i < SAMPLE; i += BLOCK) sample[i] = loadKept(table + min(IDS - 1, (i + 1) * STRIDE - 1));
  for (i64 first = i64(blockIdx.x) * BLOCK * UNROLL; first < VALUES; first += i64(gridDim.x) * BLOCK * UNROLL) {
    number_t value[UNROLL];
    // Ids below the value are those before `place`, of what has been looked at.
    int place[UNROLL];
#pragma unroll
    for (int u = 0; u < UNROLL; u++) {
      value[u] = values[min(i64(VALUES - 1), first + u * BLOCK + threadIdx.x)];
      place[u] = 0;
    }
    __syncthreads();
#pragma unroll
    for (int half = (SAMPLE + 1) / 2; half > 0; half /= 2) {
#pragma unroll
      for (int u = 0; u < UNROLL; u++) place[u] += sample[place[u] + half - 1] < value[u] ? half : 0;
    }
#pragma unroll
    for (int u = 0; u < UNROLL; u++) place[u] = min(IDS - 1, place[u] * STRIDE);
#pragma unroll
    for (int left = STRIDE; left > AT_ONCE; left -= left / 2) {
#pragma unroll
      for (int u = 0; u < UNROLL; u++) {
        const int next = min(IDS, place[u] + left / 2);
        place[u] = loadKept(table + next - 1) < value[u] ? min(IDS - 1, next) : place[u];
      }
    }
    int answer[UNROLL];
#pragma unroll
    for (int u = 0; u < UNROLL; u++) {
      answer[u] = 0;
#pragma unroll
      for (int i = LEFT - 1; i >= 0; i--) {
        const int at = min(IDS - 1, place[u] + i);
        const number_t id = SAMPLE >= IDS ? sample[at] : loadKept(table + at);
        answer[u] = id == value[u] ? at + 1 : answer[u];
      }
    }
#pragma unroll
    for (int u = 0; u < UNROLL; u++) {
      const i64 at = first + u * BLOCK + threadIdx.x;
      if (at < VALUES) out[at] = answer[u];
    }
  }
}
