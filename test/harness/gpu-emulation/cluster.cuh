// In place of what blocks of a cluster do together.

#include "async-copy.cuh"

#ifndef HAS_CLUSTERS
#define HAS_CLUSTERS HAS_ASYNC_COPIES

#if HAS_CLUSTERS
inline void meetCluster() { emulation::barrier(emulation::allOfCluster); }

// The same place in another block's shared memory.
template <class T> T* placeIn(unsigned block, T* mine) {
  return reinterpret_cast<T*>(emulation::sharedOf(block) + sharedAddress(mine));
}
inline float4 readFrom(const float* mine, int block) {
  if (sharedAddress(mine) % 16 != 0) emulation::stop("a read is not aligned");
  return *reinterpret_cast<const float4*>(placeIn(block, mine));
}
#endif
#endif
