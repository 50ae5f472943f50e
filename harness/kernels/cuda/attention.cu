#include "common.cuh"
#include "attention.cuh"

// softmax(q · kᵀ / √dim) · v with plain fp32 multiply-adds, for fp32 and for devices without our tensor-core path. 256
// threads, 16 × 16: thread (y, x) has ROWS queries and every 16th of KEYS keys, then the same queries and its share
// of the columns. Keys are gone through KEYS at a time with running maximum and sum (online softmax).

#define QUERIES (16 * ROWS)
#define STRIDE (COLUMNS + 4)
#define WEIGHT_STRIDE (KEYS + 4)
// Columns that a thread has side by side, and how often.
#define WIDE (COLUMNS >= 64 ? 4 : COLUMNS / 16)
#define TIMES (COLUMNS / (16 * WIDE))

template <int Rows> __device__ __forceinline__ void stageRows(float* to, const element_t* from, const Sequence& s,
                                                              int first) {
  constexpr int perRow = COLUMNS / PER;
  for (int at = threadIdx.x; at < Rows * perRow; at += 256) {
    const int row = at / perRow;
    const int column = at % perRow * PER;
    Vector<element_t, PER> v;
    zero(v.raw);
    if (first + row < s.length && column < DIM) {
      v = loadVector<element_t, PER>(from + s.first + (first + row) * s.stride + column);
    }
#pragma unroll
    for (int i = 0; i < PER; i++) to[row * STRIDE + column + i] = toFloat(v.at[i]);
  }
}

__device__ __forceinline__ float4 four(const float* p) { return *reinterpret_cast<const float4*>(p); }

extern "C" __global__ void __launch_bounds__(256)
attention(const element_t* __restrict__ q, const element_t* __restrict__ k, const element_t* __restrict__ v, SHAPE) {
  extern __shared__ uint4 memory[];
  float* queries = reinterpret_cast<float*>(memory);
  float* keys = queries + QUERIES * STRIDE;
  float* values = keys + KEYS * STRIDE;
  float* weights = values + KEYS * STRIDE;
  const Sequence s = SEQUENCE;
  const int firstQuery = blockIdx.x % tiles * QUERIES;
  if (firstQuery >= s.length) return;
  const int x = threadIdx.x % 16;
  const int y = threadIdx.x / 16;
  const float scale = LOG2_E * rsqrtf(float(DIM));

  float sums[ROWS][TIMES][WIDE] = {};
  float most[ROWS], total[ROWS];
#pragma unroll
  for (int r = 0; r < ROWS; r++) {
    most[r] = -INFINITY_F;
    total[r] = 0.0f;
  }
  stageRows<QUERIES>(queries, q, s, firstQuery);
  for (int first = 0; first < s.length; first += KEYS) {
    __syncthreads();
    stageRows<KEYS>(keys, k, s, first);
    stageRows<KEYS>(values, v, s, first);
    __syncthreads();
    float scores[ROWS][KEYS / 16] = {};
#pragma unroll 4
    for (int column = 0; column < COLUMNS; column += 4) {
      float4 a[ROWS], b[KEYS / 16];
#pragma unroll
      for (int r = 0; r < ROWS; r++) a[r] = four(queries + (y * ROWS + r) * STRIDE + column);
#pragma unroll
      for (int j = 0; j < KEYS / 16; j++) b[j] = four(keys + (x + 16 * j) * STRIDE + column);
#pragma unroll
      for (int r = 0; r < ROWS; r++) {
#pragma unroll
        for (int j = 0; j < KEYS / 16; j++) {
          scores[r][j] += a[r].x * b[j].x;
          scores[r][j] += a[r].y * b[j].y;
          scores[r][j] += a[r].z * b[j].z;
          scores[r][j] += a[r].w * b[j].w;
        }
      }
    }
#pragma unroll
    for (int r = 0; r < ROWS; r++) {
      float now = most[r];
#pragma unroll
      for (int j = 0; j < KEYS / 16; j++) {
        if (first + x + 16 * j >= s.length) scores[r][j] = -INFINITY_F;
        now = fmaxf(now, scores[r][j]);
      }
#pragma unroll
      for (int lanes = 8; lanes > 0; lanes /= 2) now = fmaxf(now, fromLaneXor<16>(now, lanes));
      const float factor = power2((most[r] - now) * scale);
      most[r] = now;
      total[r] *= factor;
#pragma unroll
      for (int j = 0; j < KEYS / 16; j++) {
        const float weight = power2((scores[r][j] - now) * scale);
        total[r] += weight;
        weights[(y * ROWS + r) * WEIGHT_STRIDE + x + 16 * j] = weight;
      }
#pragma unroll
      for (int t = 0; t < TIMES; t++) {
#pragma unroll
        for (int i = 0; i < WIDE; i++) sums[r][t][i] *= factor;
      }
    }
    __syncthreads();
#pragma unroll 2
    for (int key = 0; key < KEYS; key += 4) {
      float weight[ROWS][4];
#pragma unroll
      for (int r = 0; r < ROWS; r++) {
        const float4 w = four(weights + (y * ROWS + r) * WEIGHT_STRIDE + key);
        weight[r][0] = w.x, weight[r][1] = w.y, weight[r][2] = w.z, weight[r][3] = w.w;
      }
#pragma unroll
      for (int j = 0; j < 4; j++) {
#pragma unroll
        for (int t = 0; t < TIMES; t++) {
          const Vector<float, WIDE> value =
              loadVector<float, WIDE>(values + (key + j) * STRIDE + (t * 16 + x) * WIDE);
#pragma unroll
          for (int r = 0; r < ROWS; r++) {
#pragma unroll
            for (int i = 0; i < WIDE; i++) sums[r][t][i] += weight[r][j] * value.at[i];
          }
        }
      }
    }
  }
#pragma unroll
  for (int r = 0; r < ROWS; r++) {
    const float inverse = 1.0f / sumOfLanes<16>(total[r]);
    const int query = firstQuery + y * ROWS + r;
    if (query >= s.length) continue;
    element_t* to = out + s.first + query * s.stride;
#pragma unroll
    for (int t = 0; t < TIMES; t++) {
      const int column = (t * 16 + x) * WIDE;
#if DIM % 4 == 0
#pragma unroll
      for (int i = 0; i < WIDE; i++) sums[r][t][i] *= inverse;
      if (column < DIM) storeFloats<element_t, WIDE>(to + column, sums[r][t]);
#else
#pragma unroll
      for (int i = 0; i < WIDE; i++) {
        if (column + i < DIM) fromFloat(sums[r][t][i] * inverse, to[column + i]);
      }
#endif
    }
  }
}
