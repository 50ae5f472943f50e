#include "common.cuh"

// The first `kept` events of each sample with their values of each feature. What stays of a sample lies together, so
// three steps do: where events of a sample start and end up; where their values do, feature by feature; copies.
//
// Scratch memory, in integers: the first event of each sample [batch], its first one of those that stay [batch], where
// the values of each event start [features, events + 1], and where those of a sample that stay end up [features, batch].

// Sum of x over the threads before this one; `total` is that over all 256.
__device__ __forceinline__ int sumBefore(int x, int& total) {
  __shared__ int sums[2][256];
  int from = 0;
  __syncthreads();
  sums[0][threadIdx.x] = x;
  __syncthreads();
  for (int step = 1; step < 256; step *= 2) {
    int sum = sums[from][threadIdx.x];
    if (threadIdx.x >= step) sum += sums[from][threadIdx.x - step];
    from = 1 - from;
    sums[from][threadIdx.x] = sum;
    __syncthreads();
  }
  total = sums[from][255];
  return sums[from][threadIdx.x] - x;
}

// One block.
extern "C" __global__ void __launch_bounds__(256)
startsOfSamples(const int* __restrict__ outer, int* __restrict__ keptOuter, int* __restrict__ scratch, int batch,
                int kept) {
  int events = 0;
  int staying = 0;
  for (int first = 0; first < batch; first += 256) {
    const int sample = first + threadIdx.x;
    const int own = sample < batch ? outer[sample] : 0;
    const int stays = min(own, kept);
    int total;
    const int start = events + sumBefore(own, total);
    events += total;
    const int keptStart = staying + sumBefore(stays, total);
    staying += total;
    if (sample >= batch) continue;
    scratch[sample] = start;
    scratch[batch + sample] = keptStart;
    keptOuter[sample] = stays;
  }
}

// A block to each feature.
extern "C" __global__ void __launch_bounds__(256)
startsOfValues(const int* __restrict__ inner, const int* __restrict__ keptOuter, int* __restrict__ scratch, int batch,
               int events) {
  const i64 feature = blockIdx.x;
  int* starts = scratch + 2 * i64(batch) + feature * (events + 1);
  int* ends = scratch + 2 * i64(batch) + i64(gridDim.x) * (events + 1) + feature * batch;
  int values = 0;
  for (int first = 0; first < events; first += 256) {
    const int event = first + threadIdx.x;
    int total;
    const int before = sumBefore(event < events ? inner[feature * events + event] : 0, total);
    if (event < events) starts[event] = values + before;
    values += total;
  }
  if (threadIdx.x == 0) starts[events] = values;
  __syncthreads();
  int staying = 0;
  for (int first = 0; first < batch; first += 256) {
    const int sample = first + threadIdx.x;
    int own = 0;
    if (sample < batch) own = starts[scratch[sample] + keptOuter[sample]] - starts[scratch[sample]];
    int total;
    const int before = sumBefore(own, total);
    if (sample < batch) ends[sample] = staying + before;
    staying += total;
  }
}

// A block to each sample of each feature; values are moved as words.
extern "C" __global__ void __launch_bounds__(128)
copyEvents(const int* __restrict__ inner, const u32* __restrict__ values, const int* __restrict__ keptOuter,
           int* __restrict__ keptInner, u32* __restrict__ keptValues, const int* __restrict__ scratch, int batch,
           int features, int events, int keptEvents, int length) {
  const i64 feature = blockIdx.x / batch;
  const int sample = blockIdx.x % batch;
  const int* starts = scratch + 2 * i64(batch) + feature * (events + 1);
  const int start = scratch[sample];
  const int stays = keptOuter[sample];
  const int* lengths = inner + feature * events + start;
  int* toLengths = keptInner + feature * keptEvents + scratch[batch + sample];
  for (int i = threadIdx.x; i < stays; i += blockDim.x) toLengths[i] = lengths[i];
  const int count = starts[start + stays] - starts[start];
  const int end = scratch[2 * i64(batch) + i64(features) * (events + 1) + feature * batch + sample];
  // Every feature has `length` values an event on average, of all events and of those that stay.
  const u32* from = values + feature * events * length + starts[start];
  u32* to = keptValues + feature * keptEvents * length + end;
  for (int i = threadIdx.x; i < count; i += blockDim.x) to[i] = loadOnce(from + i);
}
