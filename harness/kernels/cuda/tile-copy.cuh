// The engine that copies tiles, of NVIDIA's compute capability 9.0: one thread asks for a tile of a matrix that a map
// describes, for one block or for several of a cluster at once, and a barrier counts the bytes that came.

#include "cluster.cuh"

#if HAS_CLUSTERS

// Barriers in shared memory. A phase ends when all arrived and all expected bytes came; the first has parity 0.
typedef u64 barrier_t;
__device__ __forceinline__ void openBarrier(barrier_t* barrier, int arrivals) {
  asm volatile("mbarrier.init.shared::cta.b64 [%0], %1;" ::"r"(sharedAddress(barrier)), "r"(arrivals) : "memory");
}
// For the engine and for other blocks, which may use them after the cluster met.
__device__ __forceinline__ void publishBarriers() { asm volatile("fence.mbarrier_init.release.cluster;" ::: "memory"); }
__device__ __forceinline__ void arrive(barrier_t* barrier) {
  asm volatile("mbarrier.arrive.shared::cta.b64 _, [%0];" ::"r"(sharedAddress(barrier)) : "memory");
}
__device__ __forceinline__ void arriveExpecting(barrier_t* barrier, int bytes) {
  asm volatile("mbarrier.arrive.expect_tx.shared::cta.b64 _, [%0], %1;" ::"r"(sharedAddress(barrier)), "r"(bytes) : "memory");
}
// At the same barrier of another block of the cluster.
__device__ __forceinline__ void arriveAt(barrier_t* barrier, int block) {
  asm volatile("{.reg .b32 there; mapa.shared::cluster.u32 there, %0, %1; mbarrier.arrive.release.cluster.shared::cluster.b64 _, [there];}"
               ::"r"(sharedAddress(barrier)), "r"(block) : "memory");
}
__device__ __forceinline__ void awaitBarrier(barrier_t* barrier, int parity) {
  u32 isOver;
  do {
    asm volatile("{.reg .pred p; mbarrier.try_wait.parity.shared::cta.b64 p, [%1], %2; selp.u32 %0, 1, 0, p;}"
                 : "=r"(isOver) : "r"(sharedAddress(barrier)), "r"(parity) : "memory");
  } while (!isOver);
}

// The first Threads threads of a block.
template <int Threads> __device__ __forceinline__ void meetFirst() {
  asm volatile("bar.sync 1, %0;" ::"n"(Threads) : "memory");
}

struct alignas(128) TileMap { u32 words[32]; };

// Describes a matrix of 16-bit elements whose rows are multiples of 16 bytes: tiles of so many rows and 64 columns, zeros
// beyond its ends, in the order of bytes that products of four warps take. For all lanes of a warp.
__device__ __forceinline__ void writeMap(TileMap* map, TileMap* shared, const void* matrix, int height, int width, int rows,
                                         bool isBf16) {
  const u32 at = sharedAddress(shared);
  shared->words[threadIdx.x % 32] = 0;
  __syncwarp();
  if (threadIdx.x % 32 == 0) {
#define SET_MAP(field, rest, kind, value) \
  asm volatile("tensormap.replace.tile." field ".shared::cta.b1024." rest ";" ::"r"(at), kind(value) : "memory")
    SET_MAP("global_address", "b64 [%0], %1", "l", matrix);
    asm volatile("tensormap.replace.tile.rank.shared::cta.b1024.b32 [%0], 1;" ::"r"(at) : "memory");
    SET_MAP("box_dim", "b32 [%0], 0, %1", "r", 64);
    SET_MAP("box_dim", "b32 [%0], 1, %1", "r", rows);
    SET_MAP("global_dim", "b32 [%0], 0, %1", "r", width);
    SET_MAP("global_dim", "b32 [%0], 1, %1", "r", height);
    SET_MAP("global_stride", "b64 [%0], 0, %1", "l", u64(width) * 2);
    SET_MAP("element_stride", "b32 [%0], 0, %1", "r", 1);
    SET_MAP("element_stride", "b32 [%0], 1, %1", "r", 1);
#undef SET_MAP
    if (isBf16) asm volatile("tensormap.replace.tile.elemtype.shared::cta.b1024.b32 [%0], 10;" ::"r"(at) : "memory");
    else asm volatile("tensormap.replace.tile.elemtype.shared::cta.b1024.b32 [%0], 6;" ::"r"(at) : "memory");
    asm volatile("tensormap.replace.tile.interleave_layout.shared::cta.b1024.b32 [%0], 0;" ::"r"(at) : "memory");
    asm volatile("tensormap.replace.tile.swizzle_mode.shared::cta.b1024.b32 [%0], 3;" ::"r"(at) : "memory");
    asm volatile("tensormap.replace.tile.fill_mode.shared::cta.b1024.b32 [%0], 0;" ::"r"(at) : "memory");
  }
  __syncwarp();
  asm volatile("tensormap.cp_fenceproxy.global.shared::cta.tensormap::generic.release.gpu.sync.aligned [%0], [%1], 128;"
               ::"l"(map), "r"(at) : "memory");
}
// Before the first tile of a map that a launch before this one wrote.
__device__ __forceinline__ void acquireMap(const TileMap* map) {
  asm volatile("fence.proxy.tensormap::generic.acquire.gpu [%0], 128;" ::"l"(map) : "memory");
}

// Copies a map's tile to this block, or to the blocks of its cluster whose bits are set; each one's barrier counts its bytes.
__device__ __forceinline__ void copyTile(void* shared, const TileMap* map, int row, int column, barrier_t* barrier) {
  asm volatile("cp.async.bulk.tensor.2d.shared::cluster.global.mbarrier::complete_tx::bytes [%0], [%1, {%2, %3}], [%4];"
               ::"r"(sharedAddress(shared)), "l"(map), "r"(column), "r"(row), "r"(sharedAddress(barrier)) : "memory");
}
__device__ __forceinline__ void copyTileToAll(void* shared, const TileMap* map, int row, int column, barrier_t* barrier,
                                              u16 blocks) {
  asm volatile("cp.async.bulk.tensor.2d.shared::cluster.global.mbarrier::complete_tx::bytes.multicast::cluster "
               "[%0], [%1, {%2, %3}], [%4], %5;"
               ::"r"(sharedAddress(shared)), "l"(map), "r"(column), "r"(row), "r"(sharedAddress(barrier)), "h"(blocks)
               : "memory");
}

#endif
