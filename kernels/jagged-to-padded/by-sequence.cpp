// The rows of a sequence lie together before and after: a copy and a filling with zeros, which know no rows.

#include "launch.h"

// @data-types fp32, bf16, fp16
constexpr int GRAIN = 16384;  // @knob grain {1024, 4096, 16384, 65536, 262144} elements that a core takes at a time at least
constexpr int PIECES = 1;  // @knob tiling {1, 2, 4, 8} pieces of a sequence that different cores may take
constexpr int AHEAD = 0;  // @knob prefetch {0, 1, 2, 4} pieces that are asked for ahead, the first lines of each

namespace {

constexpr int64_t WIDTH = int64_t(AXIS_padded) * AXIS_dim;
constexpr int64_t PIECE = (WIDTH + PIECES - 1) / PIECES;

template <class T>
void jaggedToPadded(const Launch& launch) {
  const T* values = launch.tensor<T>(0);
  const int32_t* offsets = launch.tensor<int32_t>(1);
  T* out = launch.tensor<T>(2);
  constexpr int64_t count = int64_t(AXIS_batch) * PIECES;
  launch.each(count, 1 + GRAIN / PIECE, [&](int64_t begin, int64_t end) {
    for (int64_t each = begin; each < end; each++) {
      if (AHEAD > 0 && each + AHEAD < end) {
        const T* next = values + int64_t(offsets[(each + AHEAD) / PIECES]) * AXIS_dim + (each + AHEAD) % PIECES * PIECE;
        for (int64_t line = 0; line < 256; line += 64) __builtin_prefetch(reinterpret_cast<const char*>(next) + line);
      }
      const int64_t sequence = each / PIECES;
      const int64_t first = each % PIECES * PIECE;
      const int64_t last = std::min(WIDTH, first + PIECE);
      const int64_t there = int64_t(offsets[sequence + 1] - offsets[sequence]) * AXIS_dim;
      const int64_t copied = std::clamp<int64_t>(there, first, std::max(first, last));
      T* to = out + sequence * WIDTH;
      if (first >= last) continue;
      memcpy(to + first, values + int64_t(offsets[sequence]) * AXIS_dim + first, size_t(copied - first) * sizeof(T));
      memset(to + copied, 0, size_t(last - copied) * sizeof(T));
    }
  });
}

const Register padded32("jagged-to-padded/fp32/candidate", jaggedToPadded<uint32_t>);
const Register padded16("jagged-to-padded/fp16/candidate", jaggedToPadded<uint16_t>);
const Register paddedB16("jagged-to-padded/bf16/candidate", jaggedToPadded<uint16_t>);

}  // namespace
