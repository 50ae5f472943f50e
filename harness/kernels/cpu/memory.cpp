// Reads from memory by several cores at once, each from a big array of its own: a stream, or rows at random places.
// Element i of an array holds i, so that the sum of what was read is known.
#include <stdexcept>

#include "launch.h"

namespace {

/// Arrays are read on from where the last run ended: several times the cache lies between two reads of a place.
struct Reader {
  uint64_t elements;
  uint64_t rowElements;
  uint64_t rows;
  std::vector<uint64_t> next;
  std::vector<uint64_t> sums;
};

/// One array to each of the first `busy` cores, written by that core so that it lies in the memory next to it.
void makeArrays(Device& device, int busy, size_t bytes) {
  device.arrays.resize(std::max(device.arrays.size(), size_t(busy)));
  for (int core = 0; core < busy; core++) {
    auto& array = device.arrays[size_t(core)];
    if (array && array->bytes >= bytes) continue;
    array.reset();
    array.reset(new Block(bytes));
  }
  device.pool.session(busy, [&] {
    device.pool.onEach(busy, [&](int core) {
      uint64_t* to = reinterpret_cast<uint64_t*>(device.arrays[size_t(core)]->data);
      for (uint64_t i = 0; i < bytes / 8; i++) to[i] = i;
    });
  });
}

inline uint64_t sumOfRange(uint64_t begin, uint64_t end) {
  // One of the factors is even; products wrap round alike on both sides of the comparison.
  const uint64_t count = end - begin, ends = begin + end - 1;
  return count % 2 == 0 ? count / 2 * ends : count * (ends / 2);
}

uint64_t sumOfElements(const uint64_t* from, uint64_t count) {
  typedef uint64_t Wide __attribute__((vector_size(64)));
  Wide sums[4] = {};
  uint64_t i = 0;
  for (; i + 32 <= count; i += 32) {
    for (int v = 0; v < 4; v++) {
      Wide values;
      memcpy(&values, from + i + 8 * v, sizeof values);
      sums[v] += values;
    }
  }
  const Wide all = (sums[0] + sums[1]) + (sums[2] + sums[3]);
  uint64_t sum = 0;
  for (int lane = 0; lane < 8; lane++) sum += all[lane];
  for (; i < count; i++) sum += from[i];
  return sum;
}

/// Elements that core `core` of `busy` reads of `total`.
uint64_t shareOf(uint64_t total, int core, int busy) {
  return total * uint64_t(core + 1) / uint64_t(busy) - total * uint64_t(core) / uint64_t(busy);
}

void stream(const Launch& launch) {
  Reader& reader = *static_cast<Reader*>(launch.state);
  const int busy = int(launch.axes[1]);
  const uint64_t total = uint64_t(launch.axes[0]) / 8;
  launch.device.pool.onEach(busy, [&](int core) {
    const uint64_t* array = reinterpret_cast<const uint64_t*>(launch.device.arrays[size_t(core)]->data);
    const uint64_t count = shareOf(total, core, busy);
    uint64_t at = reader.next[size_t(core)];
    if (at + count > reader.elements) at = 0;
    reader.sums[size_t(core)] = sumOfElements(array + at, count);
    reader.next[size_t(core)] = at + count;
  });
}

inline uint64_t scrambled(uint64_t position) {
  uint64_t h = position * 0x9e3779b97f4a7c15u;
  h ^= h >> 32;
  return h * 0xd6e8feb86659fd93u;
}

inline uint64_t rowAt(uint64_t position, uint64_t rows) {
  return uint64_t((unsigned __int128)(scrambled(position)) * rows >> 64);
}

void gather(const Launch& launch) {
  Reader& reader = *static_cast<Reader*>(launch.state);
  const int busy = int(launch.axes[2]);
  const uint64_t total = uint64_t(launch.axes[0] / launch.axes[1]), width = reader.rowElements;
  launch.device.pool.onEach(busy, [&](int core) {
    const uint64_t* array = reinterpret_cast<const uint64_t*>(launch.device.arrays[size_t(core)]->data);
    const uint64_t count = shareOf(total, core, busy), first = reader.next[size_t(core)];
    const uint64_t ahead = std::max<uint64_t>(2, 512 / width);
    uint64_t sum = 0;
    for (uint64_t i = first; i < first + count; i++) {
      const uint64_t* next = array + rowAt(i + ahead, reader.rows) * width;
      for (uint64_t line = 0; line < width; line += 8) __builtin_prefetch(next + line);
      sum += sumOfElements(array + rowAt(i, reader.rows) * width, width);
    }
    reader.sums[size_t(core)] = sum;
    reader.next[size_t(core)] = first + count;
  });
}

/// Two runs, so that the second starts where the first ended; 0 when both sums are right, else 1.
double check(Device& device, void (*run)(const Launch&), Reader& reader, const int64_t* axes, int busy, bool isGather) {
  const uint64_t total = uint64_t(isGather ? axes[0] / axes[1] : axes[0] / 8);
  bool right = true;
  for (int turn = 0; turn < 2; turn++) {
    device.pool.session(busy, [&] { run(Launch{device, busy, axes, nullptr, &reader}); });
    for (int core = 0; core < busy; core++) {
      const uint64_t count = shareOf(total, core, busy), end = reader.next[size_t(core)];
      uint64_t expected = isGather ? 0 : sumOfRange(end - count, end);
      for (uint64_t i = end - count; isGather && i < end; i++) {
        const uint64_t start = rowAt(i, reader.rows) * reader.rowElements;
        expected += sumOfRange(start, start + reader.rowElements);
      }
      right = right && reader.sums[size_t(core)] == expected;
    }
  }
  return right ? 0 : 1;
}

Prepared prepare(Device& device, void (*run)(const Launch&), const int64_t* axes, int64_t rowBytes, int busy) {
  const bool isGather = rowBytes > 0;
  if (busy < 1 || busy > device.pool.cores()) throw std::invalid_argument("busy: more cores than there are, or none");
  if (isGather && (rowBytes % 8 != 0 || axes[0] < rowBytes)) {
    throw std::invalid_argument("rowBytes: a multiple of 8, at most bytes");
  }
  const size_t own = isGather ? 0 : size_t(axes[0] / busy) + 8;
  const size_t bytes = (std::max(own, device.arrayBytes) + 4095) / 4096 * 4096;
  makeArrays(device, busy, bytes);
  auto reader = std::make_shared<Reader>();
  reader->elements = bytes / 8;
  reader->rowElements = uint64_t(rowBytes / 8);
  reader->rows = isGather ? bytes / uint64_t(rowBytes) : 0;
  reader->next.assign(size_t(busy), 0);
  reader->sums.assign(size_t(busy), 0);
  const double error = check(device, run, *reader, axes, busy, isGather);
  return {reader, error};
}

const Register streams("memory-stream/bytes", stream, [](Device& device, const int64_t* axes, int) {
  return prepare(device, stream, axes, 0, int(axes[1]));
});
const Register gathers("memory-gather/bytes", gather, [](Device& device, const int64_t* axes, int) {
  return prepare(device, gather, axes, axes[1], int(axes[2]));
});

}  // namespace
