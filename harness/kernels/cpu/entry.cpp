// The C interface: open, memories, kernels by name, run, time, close. Errors are return values with a text to fetch.
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <map>
#include <new>

#include "launch.h"

#if defined(__unix__) || defined(__APPLE__)
#include <sys/mman.h>
#endif

namespace {

std::map<std::string, Kernel>& kernels() {
  static std::map<std::string, Kernel> all;
  return all;
}

thread_local std::string lastError;

template <class Body>
int guarded(Body body) {
  try {
    body();
    return 0;
  } catch (const std::exception& error) {
    lastError = error.what();
  } catch (...) {
    lastError = "unknown error";
  }
  return -1;
}

/// Reads launches from a flat list of integers: kernel, state, cores, axes counted, tensors counted.
struct Tape {
  struct Item {
    const Kernel* kernel;
    Launch launch;
  };
  std::vector<Item> items;
  int cores = 1;
  bool fromHost = false;

  Tape(Device& device, const int64_t* words, int count) {
    static_assert(sizeof(char*) == sizeof(int64_t), "64-bit addresses");
    for (int i = 0; i < count; i++) {
      const Kernel* kernel = reinterpret_cast<const Kernel*>(words[0]);
      void* state = reinterpret_cast<void*>(words[1]);
      const int launchCores = int(words[2]);
      const int64_t* axes = words + 4;
      const int64_t* tensors = axes + words[3] + 1;
      items.push_back({kernel, {device, launchCores, axes, reinterpret_cast<char* const*>(tensors), state}});
      words = tensors + tensors[-1];
      cores = std::max(cores, launchCores);
      fromHost = fromHost || kernel->fromHost;
    }
  }

  void run() const {
    for (const Item& item : items) item.kernel->run(item.launch);
  }
};

double secondsBetween(std::chrono::steady_clock::time_point a, std::chrono::steady_clock::time_point b) {
  return std::chrono::duration<double>(b - a).count();
}

}  // namespace

Register::Register(const char* name, void (*run)(const Launch&), Prepared (*prepare)(Device&, const int64_t*, int),
                   bool fromHost) {
  kernels()[name] = {name, run, prepare, fromHost};
}

const Kernel* findKernel(const std::string& name) {
  const auto found = kernels().find(name);
  return found == kernels().end() ? nullptr : &found->second;
}

Block::Block(size_t wanted) : bytes(wanted) {
  constexpr size_t hugePage = size_t(1) << 21;
  const size_t alignment = wanted >= hugePage ? hugePage : 4096;
  void* memory = nullptr;
  // A vector may be read past the last element: leave one behind it.
  if (posix_memalign(&memory, alignment, wanted + 256) != 0) throw std::bad_alloc();
#if defined(MADV_HUGEPAGE)
  if (wanted >= hugePage) madvise(memory, wanted, MADV_HUGEPAGE);
#endif
  data = static_cast<char*>(memory);
}

Block::~Block() { free(data); }

extern "C" {

const char* rankfleet_error() { return lastError.c_str(); }

/// Instruction sets that the kernels were compiled for, separated by spaces.
const char* rankfleet_instruction_sets() {
  return ""
#if defined(RANKFLEET_AVX512)
         "avx512 "
#elif defined(RANKFLEET_AVX2)
         "avx2 fma f16c "
#endif
#if defined(__AVX512BF16__)
         "avx512_bf16 "
#endif
#if defined(__AVX512VNNI__)
         "avx512_vnni "
#endif
#if defined(__ARM_NEON)
         "neon "
#endif
      ;
}

Device* rankfleet_open(const int32_t* processors, int count, int64_t arrayBytes) {
  Device* device = nullptr;
  guarded([&] { device = new Device(std::vector<int>(processors, processors + count), size_t(arrayBytes)); });
  return device;
}

void rankfleet_close(Device* device) { delete device; }

Block* rankfleet_allocate(int64_t bytes) {
  Block* block = nullptr;
  guarded([&] { block = new Block(size_t(bytes)); });
  return block;
}

char* rankfleet_address(Block* block) { return block->data; }

void rankfleet_free(Block* block) { delete block; }

void rankfleet_write(char* to, const char* from, int64_t bytes) { memcpy(to, from, size_t(bytes)); }

void rankfleet_read(char* to, const char* from, int64_t bytes) { memcpy(to, from, size_t(bytes)); }

const Kernel* rankfleet_kernel(const char* name) { return findKernel(name); }

/// Makes what the kernel needs beside tensors. `result`: address of its state, and its relative error or NaN if none.
int rankfleet_prepare(Device* device, const Kernel* kernel, const int64_t* axes, int cores, double* error,
                      int64_t* state) {
  return guarded([&] {
    *state = 0;
    *error = NAN;
    if (!kernel->prepare) return;
    Prepared prepared = kernel->prepare(*device, axes, cores);
    *state = reinterpret_cast<int64_t>(prepared.state.get());
    *error = prepared.error;
    if (prepared.state) device->states.push_back(std::move(prepared.state));
  });
}

int rankfleet_run(Device* device, const int64_t* words, int count) {
  return guarded([&] {
    const Tape tape(*device, words, count);
    if (tape.fromHost) tape.run();
    else device->pool.session(tape.cores, [&] { tape.run(); });
  });
}

/// Seconds of the whole list by repeat, after `warmUp` repeats that are not kept.
int rankfleet_time(Device* device, const int64_t* words, int count, int warmUp, int repeats, double* seconds) {
  return guarded([&] {
    const Tape tape(*device, words, count);
    const auto all = [&] {
      for (int repeat = -warmUp; repeat < repeats; repeat++) {
        const auto begin = std::chrono::steady_clock::now();
        tape.run();
        const auto end = std::chrono::steady_clock::now();
        if (repeat >= 0) seconds[repeat] = secondsBetween(begin, end);
      }
    };
    if (tape.fromHost) all();
    else device->pool.session(tape.cores, all);
  });
}
}
