// Packed sequences to padded ones, and samples cut to their first events.
#include <numeric>

#include "launch.h"

namespace {

/// Elements that are worth a piece of work of their own.
constexpr int64_t grainElements = 16384;

template <class T>
void jaggedToPadded(const Launch& launch) {
  const int64_t batch = launch.axes[0], padded = launch.axes[2], dim = launch.axes[3];
  const T* values = launch.tensor<T>(0);
  const int32_t* offsets = launch.tensor<int32_t>(1);
  T* out = launch.tensor<T>(2);
  launch.each(batch, 1 + grainElements / (padded * dim), [&](int64_t begin, int64_t end) {
    for (int64_t sequence = begin; sequence < end; sequence++) {
      const int64_t first = offsets[sequence];
      const int64_t tokens = std::min<int64_t>(padded, offsets[sequence + 1] - first);
      T* to = out + sequence * padded * dim;
      memcpy(to, values + first * dim, size_t(tokens * dim) * sizeof(T));
      memset(to + tokens * dim, 0, size_t((padded - tokens) * dim) * sizeof(T));
    }
  });
}

/// A feature at a time, event by event; values are moved as words.
void eventTruncate(const Launch& launch) {
  const int64_t batch = launch.axes[0], kept = launch.axes[2], features = launch.axes[3], length = launch.axes[4];
  const int32_t* outer = launch.tensor<int32_t>(0);
  const int32_t* inner = launch.tensor<int32_t>(1);
  const uint32_t* values = launch.tensor<uint32_t>(2);
  int32_t* keptOuter = launch.tensor<int32_t>(3);
  int32_t* keptInner = launch.tensor<int32_t>(4);
  uint32_t* keptValues = launch.tensor<uint32_t>(5);
  int64_t events = 0, keptEvents = 0;
  for (int64_t sample = 0; sample < batch; sample++) {
    keptOuter[sample] = int32_t(std::min<int64_t>(outer[sample], kept));
    events += outer[sample];
    keptEvents += keptOuter[sample];
  }
  launch.each(features, 1, [&](int64_t begin, int64_t end) {
    for (int64_t feature = begin; feature < end; feature++) {
      // Every feature has `length` values an event on average, of all events and of those that stay.
      const int32_t* lengths = inner + feature * events;
      const uint32_t* from = values + feature * events * length;
      int32_t* keptLengths = keptInner + feature * keptEvents;
      uint32_t* to = keptValues + feature * keptEvents * length;
      for (int64_t sample = 0; sample < batch; sample++) {
        const int32_t* firstGone = lengths + keptOuter[sample];
        const int64_t stay = std::accumulate(lengths, firstGone, int64_t(0));
        const int64_t go = std::accumulate(firstGone, lengths + outer[sample], int64_t(0));
        memcpy(keptLengths, lengths, size_t(keptOuter[sample]) * 4);
        memcpy(to, from, size_t(stay) * 4);
        lengths += outer[sample];
        from += stay + go;
        keptLengths += keptOuter[sample];
        to += stay;
      }
    }
  });
}

const Register padded32("jagged-to-padded/fp32", jaggedToPadded<uint32_t>);
const Register padded16("jagged-to-padded/fp16", jaggedToPadded<uint16_t>);
const Register paddedB16("jagged-to-padded/bf16", jaggedToPadded<uint16_t>);
const Register truncateInt("event-truncate/int32", eventTruncate);
const Register truncateFloat("event-truncate/fp32", eventTruncate);

}  // namespace
