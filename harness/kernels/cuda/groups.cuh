// For kernels whose sizes are constants: groups of threads that share a row, and accesses as wide as rows allow.
// A group is a power of two of threads side by side; wider than a warp, its block meets where it adds up.

__device__ constexpr int powerAbove(int n) {
  int power = 1;
  while (power < n) power *= 2;
  return power;
}
__device__ constexpr int divideUp(i64 a, i64 b) { return int((a + b - 1) / b); }

// Elements of one access to rows of `length` elements: `bytes` bytes at most, and every access aligned.
__device__ constexpr int elementsOfAccess(i64 length, int elementBytes, int bytes) {
  int elements = bytes > elementBytes ? bytes / elementBytes : 1;
  while (length % elements != 0) elements /= 2;
  return elements;
}

// Threads for a row, so that each has about `held` elements of it; no more than `most`.
__device__ constexpr int threadsOfRow(int length, int held, int per, int most) {
  const int wanted = powerAbove(divideUp(length, held > per ? held : per));
  return wanted < most ? wanted : most;
}

struct Sum {
  __device__ __forceinline__ static float of(float a, float b) { return a + b; }
};
struct Largest {
  __device__ __forceinline__ static float of(float a, float b) { return fmaxf(a, b); }
};

// Each of Count numbers over all threads of a group; every thread has the answer. `partial` holds Count numbers of each warp
// of the block, and is used only by groups wider than a warp; IsFresh: nobody has read it before.
template <class Way, int Threads, bool IsFresh = false, int Count>
__device__ __forceinline__ void overGroup(float (&x)[Count], float* partial) {
  constexpr int lanes = Threads < WARP ? Threads : WARP;
#pragma unroll
  for (int apart = lanes / 2; apart > 0; apart /= 2) {
#pragma unroll
    for (int i = 0; i < Count; i++) x[i] = Way::of(x[i], fromLaneXor<lanes>(x[i], apart));
  }
  if constexpr (Threads > WARP) {
    constexpr int warps = Threads / WARP;
    const int warp = threadIdx.x / WARP;
    // What was added up before has been read by all.
    if (!IsFresh) __syncthreads();
    if (threadIdx.x % WARP == 0) {
#pragma unroll
      for (int i = 0; i < Count; i++) partial[warp * Count + i] = x[i];
    }
    __syncthreads();
    const float* first = partial + warp / warps * warps * Count;
#pragma unroll
    for (int i = 0; i < Count; i++) {
      x[i] = first[i];
#pragma unroll
      for (int w = 1; w < warps; w++) x[i] = Way::of(x[i], first[w * Count + i]);
    }
  }
}

// One access to what is read once, past L1 or not.
template <bool IsPast, class R> __device__ __forceinline__ R loadRaw(const R* p) {
  return IsPast ? loadOnce(p) : loadKept(p);
}
template <bool IsPast, class T, int N> __device__ __forceinline__ Vector<T, N> loadNumbers(const T* p) {
  Vector<T, N> v;
  v.raw = loadRaw<IsPast>(reinterpret_cast<const typename Vector<T, N>::raw_t*>(p));
  return v;
}

// A thread's part of a row: Chunks accesses of Per elements, Threads · Per apart. Elements behind the row are `missing`.
template <int Threads, bool IsPast = true, class T, int Chunks, int Per>
__device__ __forceinline__ void readRow(const T* row, int length, float missing, float (&held)[Chunks][Per]) {
  const int first = threadIdx.x % Threads * Per;
  Vector<T, Per> read[Chunks];
#pragma unroll
  for (int c = 0; c < Chunks; c++) {
    const int column = first + c * Threads * Per;
    if (column < length) read[c] = loadNumbers<IsPast, T, Per>(row + column);
  }
#pragma unroll
  for (int c = 0; c < Chunks; c++) {
    const bool isThere = first + c * Threads * Per < length;
#pragma unroll
    for (int i = 0; i < Per; i++) held[c][i] = isThere ? toFloat(read[c].at[i]) : missing;
  }
}

// Writes past the caches where nothing will read it soon.
template <bool IsOnce, class R> __device__ __forceinline__ void storeRaw(R* to, const R& raw) {
#if ON_HIP
  *to = raw;
#else
  if (IsOnce) __stcs(to, raw);
  else *to = raw;
#endif
}
template <bool IsOnce, class T, int N> __device__ __forceinline__ void storeNumbers(T* to, const float (&x)[N]) {
  Vector<T, N> v;
#pragma unroll
  for (int i = 0; i < N; i++) fromFloat(x[i], v.at[i]);
  storeRaw<IsOnce>(reinterpret_cast<typename Vector<T, N>::raw_t*>(to), v.raw);
}

// The counterpart of readRow.
template <int Threads, bool IsOnce, class T, int Chunks, int Per>
__device__ __forceinline__ void writeRow(T* row, int length, const float (&held)[Chunks][Per]) {
#pragma unroll
  for (int c = 0; c < Chunks; c++) {
    const int column = (threadIdx.x % Threads + c * Threads) * Per;
    if (column < length) storeNumbers<IsOnce>(row + column, held[c]);
  }
}

// e^x: of the library, or by the device's power of two, which loses a few units of the last place.
template <bool IsQuick> __device__ __forceinline__ float exponential(float x) {
  return IsQuick ? power2(x * 1.44269504f) : expf(x);
}
