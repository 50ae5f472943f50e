// Both gradients from one reading of x and dy. Groups of threads hold a row in registers; blocks stay, and the gain's
// gradient gathers in registers over all rows of a block, while the next rows are on their way. What blocks gathered is added up
// by a second launch, or by atomics.

#define ELEMENT F32 // @data-types fp32 = F32, bf16 = BF16, fp16 = F16
#include "common.cuh"
#include "groups.cuh"

#define ACCESS 16 // @knob vector-width {4, 8, 16} bytes of an access at most
#define HELD 8 // @knob warps-per-row {32, 16, 8, 4, 2} elements of a row for each thread that shares it
#define BLOCK 256 // @knob warps {64, 128, 256, 512, 1024} threads of a block
#define RESIDENT 3 // @knob persistent-grid {8, 6, 4, 3, 2, 1} blocks for each of 132 multiprocessors at most
#define AHEAD 1 // @knob stages {0, 1} 1: the next rows are asked for before these are done
#define ATOMICS 0 // @knob split {0, 1} 1: blocks add what they gathered to one sum, instead of leaving it to be added up
#define PAST 0 // @knob cache-hints {0, 1} 1: answers are written past the caches

// @require n <= 12288
// @require ceil_div(n, BLOCK) <= 32
// @scratch 4 * n * max(1, (1 - ATOMICS) * min(ceil_div(2 * rows * n, HELD * BLOCK), 132 * RESIDENT))
// @launch clear grid(ceil_div(n, 256)) block(256) args(scratch) when(ATOMICS == 1)
// @launch backward grid(min(ceil_div(2 * rows * n, HELD * BLOCK), 132 * RESIDENT)) block(BLOCK) args(x, gain, dy, dx, scratch)
// @launch gather grid(ceil_div(n, 16)) block(1024) args(scratch, dgain, max(1, (1 - ATOMICS) * min(ceil_div(2 * rows * n, HELD * BLOCK), 132 * RESIDENT)))

constexpr i64 ROWS = AXIS_rows;
constexpr int N = AXIS_n;
constexpr int PER = elementsOfAccess(N, sizeof(element_t), ACCESS);
constexpr int THREADS = threadsOfRow(N, HELD, PER, BLOCK);
constexpr int CHUNKS = divideUp(N, THREADS * PER);
constexpr int GROUPS = BLOCK / THREADS;
constexpr int GROUPS_OF_WARP = THREADS < WARP ? WARP / THREADS : 1;
// Runs of threads that have gathered the same columns, once the groups of a warp have come together.
constexpr int RUNS = GROUPS / GROUPS_OF_WARP;
typedef float Held[CHUNKS][PER];
typedef Vector<element_t, PER> Pieces[CHUNKS];

extern "C" __global__ void __launch_bounds__(256) clear(float* __restrict__ sums) {
  const int column = blockIdx.x * 256 + threadIdx.x;
  if (column < N) sums[column] = 0.0f;
}

// Adds up what the groups of a block gathered, in a fixed order, and hands it on.
__device__ __forceinline__ void handOn(Held& gathered, float* sums) {
  __shared__ float columns[N];
#pragma unroll
  for (int c = 0; c < CHUNKS; c++) {
#pragma unroll
    for (int i = 0; i < PER; i++) {
#pragma unroll
      for (int apart = THREADS; apart < THREADS * GROUPS_OF_WARP; apart *= 2) {
        gathered[c][i] += fromLaneXor<THREADS * GROUPS_OF_WARP>(gathered[c][i], apart);
      }
    }
  }
  const int run = threadIdx.x / (THREADS * GROUPS_OF_WARP);
  const bool isWriter = threadIdx.x % (THREADS * GROUPS_OF_WARP) < THREADS;
  for (int turn = 0; turn < RUNS; turn++) {
    __syncthreads();
    if (turn != run || !isWriter) continue;
#pragma unroll
    for (int c = 0; c < CHUNKS; c++) {
      const int column = (threadIdx.x % THREADS + c * THREADS) * PER;
#pragma unroll
      for (int i = 0; i < PER; i++) {
        if (column < N) columns[column + i] = gathered[c][i] + (turn > 0 ? columns[column + i] : 0.0f);
      }
    }
  }
  __syncthreads();
  for (int column = threadIdx.x; column < N; column += BLOCK) {
    if (ATOMICS) atomicAdd(sums + column, columns[column]);
    else sums[i64(blockIdx.x) * N + column] = columns[column];
  }
}

// A thread's part of a row as it is; what is behind the row is zero.
__device__ __forceinline__ void ask(const element_t* rows, i64 row, Pieces& pieces) {
#pragma unroll
  for (int c = 0; c < CHUNKS; c++) {
    const int column = (threadIdx.x % THREADS + c * THREADS) * PER;
    zero(pieces[c].raw);
    if (row < ROWS && column < N) pieces[c] = loadVectorOnce<element_t, PER>(rows + row * N + column);
  }
}
__device__ __forceinline__ void numbersOf(const Pieces& pieces, Held& held) {
#pragma unroll
  for (int c = 0; c < CHUNKS; c++) {
#pragma unroll
    for (int i = 0; i < PER; i++) held[c][i] = toFloat(pieces[c].at[i]);
  }
}

extern "C" __global__ void __launch_bounds__(BLOCK)
backward(const element_t* __restrict__ x, const element_t* __restrict__ gain, const element_t* __restrict__ dy,
         element_t* __restrict__ dx, float* __restrict__ sums) {
  __shared__ float partial[2 * BLOCK / WARP];
  Held gains, gathered;
  readRow<THREADS>(gain, N, 0.0f, gains);
#pragma unroll
  for (int c = 0; c < CHUNKS; c++) {
#pragma unroll
    for (int i = 0; i < PER; i++) gathered[c][i] = 0.0f;
  }
  Pieces ofX, ofSlope;
  const i64 stride = i64(gridDim.x) * GROUPS;
  i64 row = i64(blockIdx.x) * GROUPS + threadIdx.x / THREADS;
  if (AHEAD) {
    ask(x, row, ofX);
    ask(dy, row, ofSlope);
  }
  for (i64 first = i64(blockIdx.x) * GROUPS; first < ROWS; first += stride, row += stride) {
    if (!AHEAD) {
      ask(x, row, ofX);
      ask(dy, row, ofSlope);
    }
    Held values, slopes;
    numbersOf(ofX, values);
    numbersOf(ofSlope, slopes);
    if (AHEAD) {
      ask(x, row + stride, ofX);
      ask(dy, row + stride, ofSlope);
    }
    // Squares of x, and dy · gain along x.
    float over[2] = {0.0f, 0.0f};
#pragma unroll
    for (int c = 0; c < CHUNKS; c++) {
#pragma unroll
      for (int i = 0; i < PER; i++) {
        over[0] += values[c][i] * values[c][i];
        over[1] += slopes[c][i] * gains[c][i] * values[c][i];
      }
    }
    overGroup<Sum, THREADS>(over, partial);
    const float factor = 1.0f / sqrtf(over[0] * (1.0f / N) + 1e-5f);
    const float along = over[1] * (1.0f / N) * factor * factor;
#pragma unroll
    for (int c = 0; c < CHUNKS; c++) {
#pragma unroll
      for (int i = 0; i < PER; i++) {
        gathered[c][i] += slopes[c][i] * values[c][i] * factor;
        values[c][i] = factor * (slopes[c][i] * gains[c][i] - values[c][i] * along);
      }
    }
    writeRow<THREADS, PAST>(dx + row * N, row < ROWS ? N : 0, values);
  }
  handOn(gathered, sums);
}

// A block has 16 columns; 64 threads to each add up what every 64th block gathered.
extern "C" __global__ void __launch_bounds__(1024)
gather(const float* __restrict__ sums, element_t* __restrict__ dgain, int blocks) {
  __shared__ float stripes[64][16];
  const int own = threadIdx.x % 16;
  const int column = blockIdx.x * 16 + own;
  float sum = 0.0f;
#pragma unroll 8
  for (int block = threadIdx.x / 16; block < blocks; block += 64) {
    if (column < N) sum += sums[i64(block) * N + column];
  }
  stripes[threadIdx.x / 16][own] = sum;
  __syncthreads();
  if (threadIdx.x >= 16 || column >= N) return;
  sum = 0.0f;
#pragma unroll
  for (int stripe = 0; stripe < 64; stripe++) sum += stripes[stripe][own];
  fromFloat(sum, dgain[column]);
}
