// A product of matrices in tiles for compute capability 9.0. Blocks have a tile of the answer each, and some blocks below and
// beside each other are a cluster: one warp of each has the copying engine bring its parts of the tiles along the contracted
// axis to all blocks that share them, as soon as all of those have done with what lay there; groups of four warps multiply.
// Where the engine cannot take the matrices, a block's last warps bring tiles for themselves.

#include "warp-group.cuh"
#include "tile-copy.cuh"

#if HAS_TENSOR_CORES

__device__ constexpr int ceilDiv(int a, int b) { return (a + b - 1) / b; }
// Elements of one access to rows of so many.
template <int Row> constexpr int WIDEST = Row % 8 == 0 ? 8 : Row % 4 == 0 ? 4 : Row % 2 == 0 ? 2 : 1;

// Groups · 64 rows and Columns columns of an answer, of which Tall × Wide tiles are wanted; Chunks times 64 elements of the
// contracted axis; WantedDown × WantedAcross blocks of a cluster, where there are as many tiles. The right factor may lie
// across.
template <int Groups, int Columns, int Stages, int Tall, int Wide, int Chunks, int WantedDown, int WantedAcross, bool ByEngine,
          bool IsAcross>
struct TileProduct {
  static constexpr int ROWS = 64 * Groups;
  static constexpr int DEPTH = 64;
  static constexpr int CONSUMERS = 128 * Groups;
  static constexpr int PRODUCERS = ByEngine ? 32 : 128;
  static constexpr int THREADS = CONSUMERS + PRODUCERS;
  static constexpr int DOWN = ByEngine && Tall >= WantedDown ? WantedDown : 1;
  static constexpr int ACROSS = ByEngine && Wide >= WantedAcross ? WantedAcross : 1;
  static constexpr int CLUSTER = DOWN * ACROSS;
  // Parts of a tile that a block brings for all that share it, and columns of the right one that come at once.
  static constexpr int LEFT_PART = ROWS / ACROSS;
  static constexpr int RIGHT_PART = Columns / DOWN;
  static constexpr int RIGHT_STEP = IsAcross ? 64 : RIGHT_PART;
  // Rows of a tile of the right factor as the engine sees it.
  static constexpr int RIGHT_ROWS = IsAcross ? DEPTH : RIGHT_PART;
  static constexpr int STAGE = (ROWS + Columns) * DEPTH;
  // Floats from one row of the answer's tile to the next.
  static constexpr int PITCH = Columns + 8;
  static_assert(LEFT_PART % 8 == 0 && RIGHT_PART % (IsAcross ? 64 : 8) == 0, "parts of tiles are whole");
  static_assert(4 * ROWS * PITCH <= 2 * Stages * STAGE, "the sums fit in shared memory");

  element_t* stages;
  // For each stage: it is full, and all blocks that this one brings tiles to have done with it.
  barrier_t *full, *empty;
  // Place in the cluster, and of the tile in the answer.
  int down, across, tileDown, tileAcross;

  // Clusters follow each other to the right, or downwards: those that run together share what they read.
  __device__ __forceinline__ TileProduct(uint4* memory, bool isDownwards = false) {
    stages = reinterpret_cast<element_t*>(memory + (0u - sharedAddress(memory)) % 1024 / 16);
    full = reinterpret_cast<barrier_t*>(stages + Stages * STAGE);
    empty = full + Stages;
    down = blockIdx.x % CLUSTER % DOWN;
    across = blockIdx.x % CLUSTER / DOWN;
    const int cluster = blockIdx.x / CLUSTER;
    const int length = isDownwards ? ceilDiv(Tall, DOWN) : ceilDiv(Wide, ACROSS);
    tileDown = (isDownwards ? cluster % length : cluster / length) * DOWN + down;
    tileAcross = (isDownwards ? cluster / length : cluster % length) * ACROSS + across;
    if (threadIdx.x == 0) {
      for (int stage = 0; stage < Stages; stage++) {
        openBarrier(full + stage, ByEngine ? 1 : PRODUCERS);
        openBarrier(empty + stage, (DOWN + ACROSS - 1) * (CONSUMERS / 32));
      }
      publishBarriers();
    }
    __syncthreads();
    if (CLUSTER > 1) meetCluster();
  }

  __device__ __forceinline__ void awaitRoom(int chunk) {
    if (chunk >= Stages) awaitBarrier(empty + chunk % Stages, (chunk / Stages - 1) % 2);
  }

  // One thread asks for all tiles: leftAt(chunk, row) and rightAt(chunk, column) say which row and column of a matrix that
  // row of the left tile and that column of the right one begin at.
  template <class Left, class Right>
  __device__ __forceinline__ void askForTiles(const TileMap* left, const TileMap* right, const Left& leftAt,
                                              const Right& rightAt) {
    acquireMap(left);
    acquireMap(right);
    // Blocks beside this one, and blocks below and above it.
    u16 beside = 0;
    for (int i = 0; i < ACROSS; i++) beside |= 1 << (down + i * DOWN);
    const u16 above = ((1 << DOWN) - 1) << (across * DOWN);
    for (int chunk = 0; chunk < Chunks; chunk++) {
      awaitRoom(chunk);
      barrier_t* barrier = full + chunk % Stages;
      arriveExpecting(barrier, STAGE * 2);
      element_t* tile = stages + chunk % Stages * STAGE;
      const int2 leftPlace = leftAt(chunk, tileDown * ROWS + across * LEFT_PART);
      element_t* to = tile + across * LEFT_PART * DEPTH;
      if (ACROSS > 1) copyTileToAll(to, left, leftPlace.x, leftPlace.y, barrier, beside);
      else copyTile(to, left, leftPlace.x, leftPlace.y, barrier);
#pragma unroll
      for (int column = 0; column < RIGHT_PART; column += RIGHT_STEP) {
        const int2 place = rightAt(chunk, tileAcross * Columns + down * RIGHT_PART + column);
        to = tile + (ROWS + down * RIGHT_PART + column) * DEPTH;
        if (DOWN > 1) copyTileToAll(to, right, place.x, place.y, barrier, above);
        else copyTile(to, right, place.x, place.y, barrier);
      }
    }
  }

  // Where 16 bytes of a row of a tile begin.
  static __device__ __forceinline__ int placeOf(int row, int eight) { return row * DEPTH + (eight ^ row % 8) * 8; }

  // The last warps bring tiles, and say so one tile later; fill(chunk, left tile, right tile, thread).
  template <class Fill> __device__ __forceinline__ void bringTiles(const Fill& fill) {
    for (int chunk = 0; chunk <= Chunks; chunk++) {
      if (chunk < Chunks) {
        awaitRoom(chunk);
        element_t* tile = stages + chunk % Stages * STAGE;
        fill(chunk, tile, tile + ROWS * DEPTH, threadIdx.x - CONSUMERS);
      }
      endOfCopies();
      if (chunk == 0) continue;
      awaitCopiesBut<1>();
      publishShared();
      arrive(full + (chunk - 1) % Stages);
    }
  }

  // All blocks that bring tiles here may write this stage again.
  __device__ __forceinline__ void release(int chunk) {
    const int lane = threadIdx.x % 32;
    barrier_t* barrier = empty + chunk % Stages;
    if (CLUSTER == 1) {
      if (lane == 0) arrive(barrier);
    } else if (lane < DOWN) {
      arriveAt(barrier, lane + across * DOWN);
    } else if (lane < DOWN + ACROSS && lane - DOWN != across) {
      arriveAt(barrier, down + (lane - DOWN) * DOWN);
    }
  }

  // Leaves the answer's tile in shared memory as floats, PITCH of them from row to row. For the first CONSUMERS threads.
  __device__ __forceinline__ float* multiply() {
    const int warp = threadIdx.x / 32;
    float sums[Columns / 8][4] = {};
    for (int chunk = 0; chunk < Chunks; chunk++) {
      awaitBarrier(full + chunk % Stages, chunk / Stages % 2);
      const element_t* stage = stages + chunk % Stages * STAGE;
      const u64 left = tileDescriptor<false>(stage + warp / 4 * (64 * DEPTH));
      const u64 right = tileDescriptor<IsAcross>(stage + ROWS * DEPTH);
      beginProducts();
#pragma unroll
      for (int k = 0; k < DEPTH / 16; k++) {
        multiplyTiles<IsAcross>(sums, left + k * NEXT_SIXTEEN<false>, right + k * NEXT_SIXTEEN<IsAcross>);
      }
      endOfProducts();
      awaitProductsBut<1>();
      if (chunk > 0) release(chunk - 1);
    }
    awaitProductsBut<0>();
    pinSums(sums);
    // Nothing comes any more to a block that has used all its tiles.
    meetFirst<CONSUMERS>();
    float* tile = reinterpret_cast<float*>(stages);
    float* corner = tile + (warp * 16 + threadIdx.x % 32 / 4) * PITCH + threadIdx.x % 4 * 2;
#pragma unroll
    for (int n = 0; n < Columns / 8; n++) {
      *reinterpret_cast<float2*>(corner + n * 8) = make_float2(sums[n][0], sums[n][1]);
      *reinterpret_cast<float2*>(corner + 8 * PITCH + n * 8) = make_float2(sums[n][2], sums[n][3]);
    }
    meetFirst<CONSUMERS>();
    return tile;
  }

  // Calls write(row, column, values) with places in the answer for Per neighbours at a time of a tile of sums.
  template <int Per, class Write> __device__ __forceinline__ void forAll(const float* tile, const Write& write) {
#pragma unroll 4
    for (int at = threadIdx.x; at < ROWS * (Columns / Per); at += CONSUMERS) {
      const int row = at / (Columns / Per);
      const int column = at % (Columns / Per) * Per;
      float values[Per];
#pragma unroll
      for (int i = 0; i < Per; i++) values[i] = tile[row * PITCH + column + i];
      write(tileDown * ROWS + row, tileAcross * Columns + column, values);
    }
  }

  // For all threads at their end: none ends while others still arrive at its barriers.
  __device__ __forceinline__ void part() {
    __syncwarp();
    if (CLUSTER > 1) meetCluster();
  }
};

#endif
