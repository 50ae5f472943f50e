// Runs kernels written for GPUs on the host, thread by thread: the threads of a block are fibres of one thread that
// meet at barriers and shuffles. Slow, but it finds what a GPU would not tell: reads and writes outside tensors, lanes
// that never come to a shuffle, copies that nobody awaited.

#include <setjmp.h>
#include <ucontext.h>

#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <vector>

#define EXPORTED extern "C" __attribute__((used, visibility("default")))

#define __global__
#define __device__
#define __forceinline__ inline
#define __launch_bounds__(...)
#define __cluster_dims__(...)
#define __shared__ static
#define __align__(n) __attribute__((aligned(n)))

struct dim3 { unsigned x, y, z; };
struct alignas(8) uint2 { unsigned x, y; };
struct alignas(8) int2 { int x, y; };
struct alignas(8) float2 { float x, y; };
struct alignas(16) uint4 { unsigned x, y, z, w; };
struct alignas(16) int4 { int x, y, z, w; };
struct alignas(16) float4 { float x, y, z, w; };
inline uint2 make_uint2(unsigned x, unsigned y) { return {x, y}; }
inline int2 make_int2(int x, int y) { return {x, y}; }
inline float2 make_float2(float x, float y) { return {x, y}; }
inline uint4 make_uint4(unsigned x, unsigned y, unsigned z, unsigned w) { return {x, y, z, w}; }
inline int4 make_int4(int x, int y, int z, int w) { return {x, y, z, w}; }
inline float4 make_float4(float x, float y, float z, float w) { return {x, y, z, w}; }

inline dim3 threadIdx, blockIdx, blockDim, gridDim;

namespace emulation {

struct Fibre {
  // Where it starts, and where it goes on: ucontext asks the kernel at every switch, jumps do not.
  ucontext_t start;
  jmp_buf rest;
  bool hasStarted = false;
  dim3 index, block;
  // Among the blocks of its cluster, which run together.
  unsigned place = 0;
  bool isDone = false;
  // How often it came to a barrier of its block, of the first threads of its block, and of its cluster.
  unsigned barriers[3] = {};
  // By size of the group that meets, as a power of two: how often, and what was brought the last two times.
  unsigned meetings[8] = {};
  char brought[8][2][64];
  // Copies in the background, by group; carried out when they are awaited.
  std::vector<std::vector<std::function<void()>>> copies = {{}};
  // Products of four warps alike.
  std::vector<std::vector<std::function<void()>>> products = {{}};
};

constexpr size_t stackBytes = 64 * 1024;
constexpr size_t mostFibres = 2048;

inline std::vector<Fibre> fibres;
// Of all fibres, one behind the other; kept from block to block.
inline char* stacks = static_cast<char*>(malloc(mostFibres * stackBytes));
inline Fibre* running;
inline jmp_buf scheduler;
inline unsigned long progress;
inline const char* fault;
inline std::vector<std::vector<char>> sharedMemories;
inline char* dynamicShared;
inline std::function<void()> body;

inline void pause() {
  if (_setjmp(running->rest) == 0) _longjmp(scheduler, 1);
}
inline void stop(const char* why) {
  fault = why;
  pause();
}
// Dynamic shared memory of a block of the cluster.
inline char* sharedOf(unsigned place) {
  return reinterpret_cast<char*>((uintptr_t(sharedMemories[place].data()) + 1023) / 1024 * 1024);
}
// Lets a fibre run until it pauses or ends.
inline void resume(Fibre& fibre) {
  running = &fibre;
  threadIdx = fibre.index;
  blockIdx = fibre.block;
  dynamicShared = sharedOf(fibre.place);
  if (_setjmp(scheduler) != 0) return;
  if (fibre.hasStarted) _longjmp(fibre.rest, 1);
  fibre.hasStarted = true;
  setcontext(&fibre.start);
}

enum BarrierOf { allOfBlock, firstOfBlock, allOfCluster };

// Threads of a block, or the first of them, or of all blocks of a cluster.
inline void barrier(BarrierOf which = allOfBlock, unsigned threads = ~0u) {
  const unsigned mine = ++running->barriers[which];
  progress++;
  for (;;) {
    bool areAllHere = true;
    for (const Fibre& each : fibres) {
      const bool isMeant = which == allOfCluster || (each.place == running->place && each.index.x < threads);
      areAllHere &= !isMeant || each.isDone || each.barriers[which] >= mine;
    }
    if (areAllHere) return;
    pause();
  }
}

inline int levelOf(int group) { return __builtin_ctz(group); }
// Of a group, among the fibres of all blocks.
inline unsigned groupStart(int group) { return running->place * blockDim.x + threadIdx.x / group * group; }

// Brings a value to the others of a group of threads side by side and waits for theirs.
template <class T> unsigned meet(int group, const T& value) {
  static_assert(sizeof(T) <= 64);
  const int level = levelOf(group);
  const unsigned turn = running->meetings[level]++;
  memcpy(running->brought[level][turn % 2], &value, sizeof(T));
  progress++;
  const unsigned first = groupStart(group);
  for (;;) {
    bool areAllHere = true;
    for (int i = 0; i < group; i++) {
      if (first + i >= (running->place + 1) * blockDim.x) stop("a group of lanes reaches beyond its block");
      const Fibre& each = fibres[first + i];
      if (each.meetings[level] > turn) continue;
      if (each.isDone) stop("a lane ended that others meet with");
      areAllHere = false;
    }
    if (areAllHere) return turn;
    pause();
  }
}
template <class T> T broughtBy(int group, unsigned lane, unsigned turn) {
  T value;
  memcpy(&value, fibres[groupStart(group) + lane].brought[levelOf(group)][turn % 2], sizeof(T));
  return value;
}

inline void enter() {
  body();
  running->isDone = true;
  progress++;
  pause();
}

// Runs blocks side by side along x, which are a cluster.
inline void runCluster(dim3 first, unsigned blocks, unsigned sharedBytes) {
  const unsigned threads = blockDim.x * blockDim.y * blockDim.z;
  sharedMemories.assign(blocks, std::vector<char>(sharedBytes + 2048, char(0xa5)));
  for (unsigned place = 0; place < blocks; place++) memset(sharedOf(place), 0xff, sharedBytes);
  fibres.clear();
  fibres.resize(blocks * threads);
  for (size_t i = 0; i < fibres.size(); i++) {
    Fibre& fibre = fibres[i];
    const unsigned inBlock = i % threads;
    fibre.place = i / threads;
    fibre.block = {first.x + fibre.place, first.y, first.z};
    fibre.index = {inBlock % blockDim.x, inBlock / blockDim.x % blockDim.y, inBlock / blockDim.x / blockDim.y};
    getcontext(&fibre.start);
    fibre.start.uc_stack.ss_sp = stacks + i * stackBytes;
    fibre.start.uc_stack.ss_size = stackBytes;
    fibre.start.uc_link = nullptr;
    makecontext(&fibre.start, enter, 0);
  }
  for (bool areAllDone = false; !areAllDone && !fault;) {
    areAllDone = true;
    const unsigned long before = progress;
    for (Fibre& fibre : fibres) {
      if (fibre.isDone) continue;
      areAllDone = false;
      resume(fibre);
      if (fault) return;
    }
    if (!areAllDone && progress == before) fault = "threads wait for each other for ever";
  }
  for (unsigned place = 0; place < blocks; place++) {
    for (unsigned i = 0; i < 64; i++) {
      if (sharedOf(place)[sharedBytes + i] != char(0xa5)) fault = "written behind shared memory";
    }
  }
}

template <class T> struct Argument {
  static T from(uint64_t raw) {
    T value;
    memcpy(&value, &raw, sizeof(T));
    return value;
  }
};

template <class... A, size_t... I>
const char* launchWith(void (*kernel)(A...), const uint32_t* sizes, const uint64_t* raw, unsigned cluster,
                       std::index_sequence<I...>) {
  if (sizes[0] % cluster != 0) return "a grid that its clusters do not fill";
  if (cluster * sizes[3] * sizes[4] * sizes[5] > mostFibres) return "more threads than are emulated at once";
  gridDim = {sizes[0], sizes[1], sizes[2]};
  blockDim = {sizes[3], sizes[4], sizes[5]};
  fault = nullptr;
  body = [=] { kernel(Argument<A>::from(raw[I])...); };
  for (unsigned z = 0; z < gridDim.z; z++) {
    for (unsigned y = 0; y < gridDim.y; y++) {
      for (unsigned x = 0; x < gridDim.x && !fault; x += cluster) runCluster({x, y, z}, cluster, sizes[6]);
    }
  }
  body = nullptr;
  fibres.clear();
  return fault;
}

// Runs a kernel; sizes are grid, block and bytes of shared memory, then how many arguments there are.
template <class... A>
const char* launch(void (*kernel)(A...), const uint32_t* sizes, const uint64_t* raw, unsigned cluster) {
  if (sizes[7] != sizeof...(A)) return "takes another number of arguments";
  return launchWith(kernel, sizes, raw, cluster, std::index_sequence_for<A...>());
}

// Carries out what was put off, oldest groups first.
inline void await(std::vector<std::vector<std::function<void()>>>& groups, unsigned groupsLeft) {
  // The last group is still open.
  while (groups.size() > groupsLeft + 1) {
    for (auto& each : groups.front()) each();
    groups.erase(groups.begin());
  }
}

// Memory before and behind a tensor: no number in any float type, and not to be changed.
constexpr size_t guardBytes = 256;

}  // namespace emulation

EXPORTED uint64_t lend(const void* bytes, uint64_t count) {
  using emulation::guardBytes;
  char* memory = static_cast<char*>(aligned_alloc(256, (count + 255) / 256 * 256 + 2 * guardBytes));
  memset(memory, 0xff, (count + 255) / 256 * 256 + 2 * guardBytes);
  memcpy(memory + guardBytes, bytes, count);
  return uint64_t(memory + guardBytes);
}
EXPORTED const char* takeBack(uint64_t address, void* bytes, uint64_t count) {
  using emulation::guardBytes;
  char* memory = reinterpret_cast<char*>(address) - guardBytes;
  memcpy(bytes, memory + guardBytes, count);
  bool isWhole = true;
  for (size_t i = 0; i < guardBytes; i++) {
    isWhole &= memory[i] == char(0xff) && memory[guardBytes + count + i] == char(0xff);
  }
  free(memory);
  return isWhole ? nullptr : "was written outside";
}

template <class T> T exchanged(T x, int lane, int group) {
  return emulation::broughtBy<T>(group, lane, emulation::meet(group, x));
}
template <class T> T __shfl(T x, int lane, int group) { return exchanged(x, lane % group, group); }
template <class T> T __shfl_xor(T x, int lanes, int group) {
  return exchanged(x, (threadIdx.x % group) ^ lanes, group);
}
inline void __syncthreads() { emulation::barrier(); }
inline void __syncwarp() { emulation::meet(32, 0); }
// Fibres take turns: nothing comes between.
template <class T> T atomicAdd(T* to, T x) {
  const T before = *to;
  *to += x;
  return before;
}

inline float __uint_as_float(unsigned x) { float y; memcpy(&y, &x, 4); return y; }
inline unsigned __float_as_uint(float x) { unsigned y; memcpy(&y, &x, 4); return y; }
inline int __float2int_rn(float x) { return int(nearbyintf(x)); }
inline float __fdividef(float x, float y) { return x / y; }
inline float rsqrtf(float x) { return 1.0f / sqrtf(x); }
inline unsigned long long __umul64hi(unsigned long long a, unsigned long long b) {
  return (unsigned long long)((unsigned __int128)a * b >> 64);
}
template <class T> T min(T a, T b) { return b < a ? b : a; }
template <class T> T max(T a, T b) { return a < b ? b : a; }
template <class R> void __stcs(R* to, R x) {
  if (uintptr_t(to) % sizeof(R) != 0) emulation::stop("a write is not aligned");
  *to = x;
}
inline unsigned __byte_perm(unsigned x, unsigned y, unsigned selector) {
  const unsigned long long all = (unsigned long long)y << 32 | x;
  unsigned result = 0;
  for (int i = 0; i < 4; i++) result |= unsigned(all >> (8 * (selector >> (4 * i) & 7)) & 255) << (8 * i);
  return result;
}
inline int __dp4a(int a, int b, int sum) {
  for (int i = 0; i < 4; i++) sum += int(int8_t(a >> (8 * i))) * int(int8_t(b >> (8 * i)));
  return sum;
}
