// The largest of a row's elements and the sum of e^(x − largest), both found in one go over the row.

struct Exponentials {
  float most, sum;
};

// Less than any element, and yet a number: differences of it are none of −∞ − −∞.
#define LEAST_F (-3.402823466e38f)

// By Threads threads over length elements, Unroll accesses of Per elements in flight. All threads of the block take part;
// `partial` holds a number of each of its warps.
template <int Threads, int Unroll, int Per, bool IsQuick, class T>
__device__ __forceinline__ Exponentials exponentialsOf(const T* from, int length, float* partial) {
  float most = LEAST_F;
  float sum = 0.0f;
  for (int start = 0; start < length; start += Threads * Per * Unroll) {
    float held[Unroll][Per];
    readRow<Threads>(from + start, length - start, LEAST_F, held);
    float mostHere = most;
#pragma unroll
    for (int u = 0; u < Unroll; u++) {
#pragma unroll
      for (int i = 0; i < Per; i++) mostHere = fmaxf(mostHere, held[u][i]);
    }
    sum *= exponential<IsQuick>(most - mostHere);
    most = mostHere;
#pragma unroll
    for (int u = 0; u < Unroll; u++) {
#pragma unroll
      for (int i = 0; i < Per; i++) sum += exponential<IsQuick>(held[u][i] - most);
    }
  }
  float mostOfRow[1] = {most};
  overGroup<Largest, Threads>(mostOfRow, partial);
  // Threads without elements counted what is missing, and are scaled to nothing.
  float sumOfRow[1] = {sum * exponential<IsQuick>(most - mostOfRow[0])};
  overGroup<Sum, Threads>(sumOfRow, partial);
  return {mostOfRow[0], sumOfRow[0]};
}
