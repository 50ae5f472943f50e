// Blocks that run together and reach each other's shared memory, of NVIDIA's compute capability 9.0.

#include "async-copy.cuh"

#ifndef HAS_CLUSTERS
#define HAS_CLUSTERS HAS_ASYNC_COPIES

#if HAS_CLUSTERS

// All threads of all blocks of a cluster.
__device__ __forceinline__ void meetCluster() {
  asm volatile("barrier.cluster.arrive.release.aligned; barrier.cluster.wait.acquire.aligned;" ::: "memory");
}

// What another block of the cluster has at this place of its shared memory.
__device__ __forceinline__ float4 readFrom(const float* mine, int block) {
  float4 four;
  asm volatile("{.reg .b32 there; mapa.shared::cluster.u32 there, %4, %5; ld.shared::cluster.v4.f32 {%0, %1, %2, %3}, [there];}"
               : "=f"(four.x), "=f"(four.y), "=f"(four.z), "=f"(four.w) : "r"(sharedAddress(mine)), "r"(block) : "memory");
  return four;
}

#endif
#endif
