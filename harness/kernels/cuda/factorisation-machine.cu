#include "common.cuh"

// ½ Σ_d [(Σ_v x)² − Σ_v x²] of each sample. A warp has a sample: groups of LANES lanes hold a vector, CHUNKS × PER
// elements a lane, and take the sample's vectors in turn, UNROLL of them in flight.

#define GROUPS (WARP / LANES)
#define UNROLL 4

extern "C" __global__ void __launch_bounds__(BLOCK)
factorisationMachine(const element_t* __restrict__ x, float* __restrict__ out, int batch, int vectors, int dim) {
  const i64 sample = i64(blockIdx.x) * (BLOCK / WARP) + threadIdx.x / WARP;
  if (sample >= batch) return;
  const int lane = threadIdx.x % LANES;
  const int group = threadIdx.x % WARP / LANES;
  const element_t* from = x + sample * vectors * dim;

  float sum[CHUNKS][PER] = {};
  float squares = 0.0f;
  for (int first = group; first < vectors; first += GROUPS * UNROLL) {
    Vector<element_t, PER> v[UNROLL][CHUNKS];
#pragma unroll
    for (int u = 0; u < UNROLL; u++) {
      const int vector = first + u * GROUPS;
#pragma unroll
      for (int c = 0; c < CHUNKS; c++) {
        const int column = (c * LANES + lane) * PER;
        if (vector < vectors && column < dim) v[u][c] = loadVectorOnce<element_t, PER>(from + vector * dim + column);
        else zero(v[u][c].raw);
      }
    }
#pragma unroll
    for (int u = 0; u < UNROLL; u++) {
#pragma unroll
      for (int c = 0; c < CHUNKS; c++) {
#pragma unroll
        for (int i = 0; i < PER; i++) {
          const float value = toFloat(v[u][c].at[i]);
          sum[c][i] += value;
          squares += value * value;
        }
      }
    }
  }
  // Sums of a column lie in one lane of each group.
  float total = 0.0f;
#pragma unroll
  for (int c = 0; c < CHUNKS; c++) {
#pragma unroll
    for (int i = 0; i < PER; i++) {
#pragma unroll
      for (int lanes = LANES; lanes < WARP; lanes *= 2) sum[c][i] += fromLaneXor<WARP>(sum[c][i], lanes);
      total += sum[c][i] * sum[c][i];
    }
  }
  total = sumOfLanes<LANES>(total);
  squares = sumOfLanes<WARP>(squares);
  if (threadIdx.x % WARP == 0) out[sample] = 0.5f * (total - squares);
}
