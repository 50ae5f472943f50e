// In place of the engine that copies tiles, and of the barriers that count its bytes. Tiles come at once.

#include "cluster.cuh"

#if HAS_CLUSTERS
typedef u64 barrier_t;
struct Barrier { u8 phase, arrivals, missing, isOpen; int bytes; };
static_assert(sizeof(Barrier) == sizeof(barrier_t));

inline void openBarrier(barrier_t* barrier, int arrivals) {
  *reinterpret_cast<Barrier*>(barrier) = {0, u8(arrivals), u8(arrivals), 1, 0};
}
inline void publishBarriers() {}
inline void change(barrier_t* barrier, int arrivals, int bytes) {
  Barrier& b = *reinterpret_cast<Barrier*>(barrier);
  if (b.isOpen != 1) emulation::stop("a barrier was not opened");
  if (arrivals > b.missing) emulation::stop("more threads arrive at a barrier than it waits for");
  b.missing -= arrivals;
  b.bytes += bytes;
  emulation::progress++;
  if (b.missing > 0 || b.bytes != 0) return;
  b.phase ^= 1;
  b.missing = b.arrivals;
}
inline void arrive(barrier_t* barrier) { change(barrier, 1, 0); }
inline void arriveExpecting(barrier_t* barrier, int bytes) { change(barrier, 1, bytes); }
inline void arriveAt(barrier_t* barrier, int block) { change(placeIn(block, barrier), 1, 0); }
inline void awaitBarrier(barrier_t* barrier, int parity) {
  while (reinterpret_cast<Barrier*>(barrier)->phase == parity) emulation::pause();
}
template <int Threads> void meetFirst() { emulation::barrier(emulation::firstOfBlock, Threads); }

struct alignas(128) TileMap { const char* matrix; int height, width, rows; };

inline void writeMap(TileMap* map, TileMap*, const void* matrix, int height, int width, int rows, bool) {
  emulation::meet(32, 0);
  if (width % 8 != 0 || rows > 256) emulation::stop("a matrix or a tile that the engine does not take");
  *map = {static_cast<const char*>(matrix), height, width, rows};
}
inline void acquireMap(const TileMap*) {}

inline void copyTileToAll(void* shared, const TileMap* map, int row, int column, barrier_t* barrier, u16 blocks) {
  const u32 start = sharedAddress(shared);
  if (start % 128 != 0) emulation::stop("a tile is not aligned");
  for (unsigned block = 0; block < emulation::sharedMemories.size(); block++) {
    if (!(blocks >> block & 1)) continue;
    for (int r = 0; r < map->rows; r++) {
      for (int k = 0; k < 64; k++) {
        const u32 inOrder = start + r * 128 + k * 2;
        char* to = emulation::sharedOf(block) + (inOrder ^ (inOrder >> 7 & 7) << 4);
        const bool isRow = row + r >= 0 && row + r < map->height;
        const bool isThere = isRow && column + k >= 0 && column + k < map->width;
        if (isThere) memcpy(to, map->matrix + (i64(row + r) * map->width + column + k) * 2, 2);
        else memset(to, 0, 2);
      }
    }
    change(placeIn(block, barrier), 0, -map->rows * 128);
  }
}
inline void copyTile(void* shared, const TileMap* map, int row, int column, barrier_t* barrier) {
  copyTileToAll(shared, map, row, column, barrier, u16(1u << emulation::running->place));
}
#endif
