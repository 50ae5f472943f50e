// What a kernel gets, and how it makes itself known by name.
#pragma once
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "pool.h"
#include "vector.h"

/// Memory of 2^n alignment that the system is asked to back by huge pages; contents undefined.
struct Block {
  explicit Block(size_t bytes);
  ~Block();
  Block(const Block&) = delete;
  char* data;
  size_t bytes;
};

/// One open device: its threads, and what kernels without tensors keep between runs.
struct Device {
  Device(const std::vector<int>& processors, size_t arrayBytes)
      : pool(processors), processors(processors), arrayBytes(arrayBytes) {}
  Pool pool;
  std::vector<int> processors;
  /// Least size of an array to read from: several times the cache.
  size_t arrayBytes;
  /// Big arrays to read from, one to a core, made when first asked for.
  std::vector<std::unique_ptr<Block>> arrays;
  std::vector<std::shared_ptr<void>> states;
};

/// An operator on its tensors, by `cores` cores. Axes are those of the operator's shape, in order, without `skew`.
struct Launch {
  Device& device;
  int cores;
  const int64_t* axes;
  char* const* tensors;
  void* state;

  template <class T>
  T* tensor(int index) const {
    return reinterpret_cast<T*>(tensors[index]);
  }
  template <class Body>
  void each(int64_t count, int64_t grain, Body&& body) const {
    device.pool.each(cores, count, grain, body);
  }
};

/// What a kernel without tensors needs before it runs, made and checked once. Lives until the device is closed.
struct Prepared {
  std::shared_ptr<void> state;
  double error;
};

struct Kernel {
  std::string name;
  void (*run)(const Launch&);
  Prepared (*prepare)(Device&, const int64_t* axes, int cores);
  /// Timed from the calling thread, outside the pool.
  bool fromHost;
};

/// Static object that adds a kernel, named `operator/dataType` or `operator/dataType/implementation`.
struct Register {
  Register(const char* name, void (*run)(const Launch&), Prepared (*prepare)(Device&, const int64_t*, int) = nullptr,
           bool fromHost = false);
};

const Kernel* findKernel(const std::string& name);
