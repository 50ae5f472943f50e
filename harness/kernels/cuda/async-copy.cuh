// Copies to shared memory that go on in the background, on NVIDIA's devices from compute capability 8.0.

#ifndef HAS_ASYNC_COPIES
#define HAS_ASYNC_COPIES (!ON_HIP)

#if HAS_ASYNC_COPIES

__device__ __forceinline__ u32 sharedAddress(const void* p) { return u32(__cvta_generic_to_shared(p)); }

// Copies the first `count` of Bytes bytes (4, 8 or 16) to shared memory and writes zeros behind them; without any, nothing
// is read.
template <int Bytes> __device__ __forceinline__ void copyFirstInBackground(void* shared, const void* from, int count) {
  if (Bytes == 16) {
    asm volatile("cp.async.cg.shared.global [%0], [%1], 16, %2;"
                 :: "r"(sharedAddress(shared)), "l"(from), "r"(count) : "memory");
  } else {
    asm volatile("cp.async.ca.shared.global [%0], [%1], %2, %3;"
                 :: "r"(sharedAddress(shared)), "l"(from), "n"(Bytes), "r"(count) : "memory");
  }
}

// Copies Bytes bytes; writes zeros where there is nothing.
template <int Bytes> __device__ __forceinline__ void copyInBackground(void* shared, const void* from, bool isThere) {
  copyFirstInBackground<Bytes>(shared, from, isThere ? Bytes : 0);
}
__device__ __forceinline__ void endOfCopies() { asm volatile("cp.async.commit_group;" ::: "memory"); }
template <int Groups> __device__ __forceinline__ void awaitCopiesBut() {
  asm volatile("cp.async.wait_group %0;" :: "n"(Groups) : "memory");
}

#endif
#endif
