#include "common.cuh"
#include "tensor-core.cuh"
#include "attention.cuh"

// softmax(q · kᵀ / √dim) · v on tensor cores (mma m16n8k16, fp32 sums) without ever storing the matrix of weights: a
// block has 16 × WARPS queries, a warp 16 of them, and goes through the keys KEYS at a time with running maximum and
// sum (online softmax). The next keys and values are copied to shared memory while the present ones are used.

#define QUERIES (16 * WARPS)
#define COLUMNS ((DIM + 15) / 16 * 16)
// Eight elements of padding: rows side by side lie in different banks.
#define STRIDE (COLUMNS + 8)
#define KEEPS_QUERIES (COLUMNS <= 128)

// Copies rows first … first + ROWS − 1 of a sequence; zeros behind its end and behind DIM.
template <int Rows> __device__ __forceinline__ void copyRows(element_t* to, const element_t* from, const Sequence& s,
                                                             int first) {
  constexpr int perRow = COLUMNS / 8;
#pragma unroll 4
  for (int at = threadIdx.x; at < Rows * perRow; at += 32 * WARPS) {
    const int row = at / perRow;
    const int column = at % perRow * 8;
    const bool isThere = first + row < s.length && column < DIM;
    const element_t* source = from + s.first + (isThere ? (first + row) * s.stride + column : 0);
    copyInBackground<16>(to + row * STRIDE + column, source, isThere);
  }
}

struct Softmax {
  /** Of rows g and g + 8 of the warp's 16; sums are of this lane's columns only. */
  float most[2], sum[2];
};

// Turns scores into weights, after taking note of a larger maximum in the sums so far.
__device__ __forceinline__ void weigh(float (&scores)[KEYS / 8][4], float (&sums)[COLUMNS / 8][4], Softmax& soft,
                                      float scale) {
#pragma unroll
  for (int half = 0; half < 2; half++) {
    float most = soft.most[half];
#pragma unroll
    for (int n = 0; n < KEYS / 8; n++) most = fmaxf(most, fmaxf(scores[n][2 * half], scores[n][2 * half + 1]));
    most = fmaxf(most, fromLaneXor<4>(most, 1));
    most = fmaxf(most, fromLaneXor<4>(most, 2));
    const float factor = power2((soft.most[half] - most) * scale);
    soft.most[half] = most;
    float total = soft.sum[half] * factor;
#pragma unroll
    for (int n = 0; n < KEYS / 8; n++) {
#pragma unroll
      for (int i = 2 * half; i < 2 * half + 2; i++) {
        scores[n][i] = power2(scores[n][i] * scale - most * scale);
        total += scores[n][i];
      }
    }
    soft.sum[half] = total;
#pragma unroll
    for (int n = 0; n < COLUMNS / 8; n++) {
      sums[n][2 * half] *= factor;
      sums[n][2 * half + 1] *= factor;
    }
  }
}

extern "C" __global__ void __launch_bounds__(32 * WARPS)
attention(const element_t* __restrict__ q, const element_t* __restrict__ k, const element_t* __restrict__ v, SHAPE) {
  extern __shared__ uint4 memory[];
  element_t* queries = reinterpret_cast<element_t*>(memory);
  element_t* keys = queries + QUERIES * STRIDE;
  element_t* values = keys + 2 * KEYS * STRIDE;
  const Sequence s = SEQUENCE;
  const int firstQuery = blockIdx.x % tiles * QUERIES;
  if (firstQuery >= s.length) return;
  const int lane = threadIdx.x % 32;
  const int warpQuery = threadIdx.x / 32 * 16;
  element_t* mine = queries + warpQuery * STRIDE;
  const bool isBusy = firstQuery + warpQuery < s.length;
  const float scale = LOG2_E * rsqrtf(float(DIM));

  copyRows<QUERIES>(queries, q, s, firstQuery);
  copyRows<KEYS>(keys, k, s, 0);
  copyRows<KEYS>(values, v, s, 0);
  endOfCopies();

  float sums[COLUMNS / 8][4] = {};
  Softmax soft = {{-INFINITY_F, -INFINITY_F}, {0.0f, 0.0f}};
#if KEEPS_QUERIES
  u32 held[COLUMNS / 16][4];
#endif
  const int keyTiles = (s.length + KEYS - 1) / KEYS;
  for (int tile = 0; tile < keyTiles; tile++) {
    if (tile + 1 < keyTiles) {
      const int next = (tile + 1) % 2 * KEYS * STRIDE;
      copyRows<KEYS>(keys + next, k, s, (tile + 1) * KEYS);
      copyRows<KEYS>(values + next, v, s, (tile + 1) * KEYS);
    }
    endOfCopies();
    awaitCopiesBut<1>();
    __syncthreads();
    if (isBusy) {
      const element_t* nowKeys = keys + tile % 2 * KEYS * STRIDE;
      const element_t* nowValues = values + tile % 2 * KEYS * STRIDE;
      float scores[KEYS / 8][4] = {};
#pragma unroll
      for (int step = 0; step < COLUMNS / 16; step++) {
#if KEEPS_QUERIES
        u32 (&a)[4] = held[step];
        if (tile == 0) loadMatrices(a, mine + lane % 16 * STRIDE + step * 16 + lane / 16 * 8);
#else
        u32 a[4];
        loadMatrices(a, mine + lane % 16 * STRIDE + step * 16 + lane / 16 * 8);
#endif
#pragma unroll
        for (int n = 0; n < KEYS / 16; n++) {
          u32 b[4];
          loadMatrices(b, nowKeys + (n * 16 + lane / 16 * 8 + lane % 8) * STRIDE + step * 16 + lane / 8 % 2 * 8);
          multiplyAdd(scores[2 * n], a, b[0], b[1]);
          multiplyAdd(scores[2 * n + 1], a, b[2], b[3]);
        }
      }
      if ((tile + 1) * KEYS > s.length) {
#pragma unroll
        for (int n = 0; n < KEYS / 8; n++) {
#pragma unroll
          for (int i = 0; i < 4; i++) {
            if (tile * KEYS + n * 8 + lane % 4 * 2 + i % 2 >= s.length) scores[n][i] = -INFINITY_F;
          }
        }
      }
      weigh(scores, sums, soft, scale);
#pragma unroll
      for (int step = 0; step < KEYS / 16; step++) {
        const u32 a[4] = {packPair(scores[2 * step][0], scores[2 * step][1]),
                          packPair(scores[2 * step][2], scores[2 * step][3]),
                          packPair(scores[2 * step + 1][0], scores[2 * step + 1][1]),
                          packPair(scores[2 * step + 1][2], scores[2 * step + 1][3])};
#pragma unroll
        for (int n = 0; n < COLUMNS / 16; n++) {
          u32 b[4];
          loadMatricesTransposed(b, nowValues + (step * 16 + lane % 16) * STRIDE + n * 16 + lane / 16 * 8);
          multiplyAdd(sums[2 * n], a, b[0], b[1]);
          multiplyAdd(sums[2 * n + 1], a, b[2], b[3]);
        }
      }
    }
    __syncthreads();
  }
  if (!isBusy) return;

  // Through the warp's own part of shared memory, so that whole rows are written at once.
#pragma unroll
  for (int half = 0; half < 2; half++) {
    const float inverse = 1.0f / sumOfLanes<4>(soft.sum[half]);
#pragma unroll
    for (int n = 0; n < COLUMNS / 8; n++) {
      element_t* to = mine + (lane / 4 + 8 * half) * STRIDE + n * 8 + lane % 4 * 2;
      *reinterpret_cast<u32*>(to) = packPair(sums[n][2 * half] * inverse, sums[n][2 * half + 1] * inverse);
    }
  }
  __syncwarp();
  for (int at = lane; at < 16 * (DIM / 8); at += 32) {
    const int row = at / (DIM / 8);
    const int column = at % (DIM / 8) * 8;
    if (firstQuery + warpQuery + row >= s.length) break;
    element_t* to = out + s.first + (firstQuery + warpQuery + row) * s.stride + column;
    storeVector<element_t, 8>(to, loadVector<element_t, 8>(mine + row * STRIDE + column));
  }
}
