// D[m, n] = A[m, k] · W[n, k]ᵀ, both row-major, handed to an epilogue tile by tile.
//
// Large products: blocks of W and A are packed so that a tile of `tileRows` × `tileColumns` sums stays in registers
// while it runs along k (Goto and van de Geijn 2008). Small ones (few rows or few columns) would pay more for
// packing than for multiplying: they take dot products straight from the rows.
#pragma once
#include "arithmetic.h"
#include "launch.h"

// 32 vector registers hold 8 × 2 sums, 16 hold 4 × 3.
#if defined(RANKFLEET_AVX512) || defined(__aarch64__)
constexpr int tileRows = 8, tileVectors = 2;
#else
constexpr int tileRows = 4, tileVectors = 3;
#endif
constexpr int tileColumns = tileVectors * lanes;
constexpr int tileBytes = tileRows * tileColumns * 4;
/// Words along k of a packed block: a panel of W stays in the first-level cache, the rows of A in the second.
constexpr int64_t blockWords = 256;
constexpr int64_t taskRows = 512, taskColumns = 512;

/// Memory of the calling thread that grows and stays; `slot` tells uses of the same time apart.
inline char* scratch(int slot, size_t bytes) {
  thread_local std::unique_ptr<Block> blocks[4];
  std::unique_ptr<Block>& block = blocks[slot];
  if (!block || block->bytes < bytes) {
    block.reset();
    block.reset(new Block(bytes + bytes / 2));
  }
  return block->data;
}

/// Turns `count` vectors of one row each into `lanes` runs of `count` words, one behind the other.
template <int count>
inline void transpose(Ints* rows) {
  for (int stage = 1; stage < count; stage *= 2) {
    Ints zipped[count];
#pragma GCC unroll 16
    for (int i = 0; i < count / 2; i++) interleave(rows[i], rows[i + count / 2], zipped[2 * i], zipped[2 * i + 1]);
#pragma GCC unroll 16
    for (int i = 0; i < count; i++) rows[i] = zipped[i];
  }
}

/// Sum of each of `lanes` vectors, in one vector: zipped and added until each lane holds all of its own.
template <class Sum>
inline Sum sumsOf(const Sum* vectors) {
  Sum left[lanes];
  for (int i = 0; i < lanes; i++) left[i] = vectors[i];
#pragma GCC unroll 4
  for (int half = lanes / 2; half > 0; half /= 2) {
#pragma GCC unroll 8
    for (int i = 0; i < half; i++) {
      Ints low, high;
      interleave((Ints)left[i], (Ints)left[i + half], low, high);
      left[i] = (Sum)low + (Sum)high;
    }
  }
  return left[0];
}

/// Packs `rows` ≤ width rows of `length` elements as [word][width], zeros where there is no row.
template <class Arithmetic, int width, bool isW>
inline void packPanel(const typename Arithmetic::Element* from, int64_t stride, int64_t rows, int64_t length, char* to) {
  constexpr int together = width < lanes ? width : lanes;
  constexpr int64_t perVector = int64_t(Arithmetic::group) * lanes;
  for (int64_t k = 0; k < length; k += perVector, to += 4 * width * lanes) {
    for (int first = 0; first < width; first += together) {
      Ints words[together];
#pragma GCC unroll 16
      for (int r = 0; r < together; r++) {
        const auto* row = from + (first + r) * stride + k;
        if (first + r >= rows) words[r] = Ints{};
        else words[r] = isW ? Arithmetic::wordsOfW(row, length - k) : Arithmetic::wordsOfA(row, length - k);
      }
      transpose<together>(words);
#pragma GCC unroll 16
      for (int i = 0; i < together; i++) {
        if (together == width) storeWords(to + i * vectorBytes, words[i]);
        else storeWords(to + 4 * (i * width + first), words[i]);
      }
    }
  }
}

template <class Arithmetic, int rows>
inline void multiplyTile(int64_t words, const char* a, const char* w, const char* initial, char* tile) {
  using Sum = typename Arithmetic::Sum;
  Sum sums[rows][tileVectors];
#pragma GCC unroll 8
  for (int i = 0; i < rows; i++) {
#pragma GCC unroll 4
    for (int v = 0; v < tileVectors; v++) sums[i][v] = loadWords<Sum>(initial + (i * tileVectors + v) * vectorBytes);
  }
  for (int64_t p = 0; p < words; p++) {
    Ints columns[tileVectors];
#pragma GCC unroll 4
    for (int v = 0; v < tileVectors; v++) columns[v] = loadWords<Ints>(w + (p * tileVectors + v) * vectorBytes);
#pragma GCC unroll 8
    for (int i = 0; i < rows; i++) {
      int32_t word;
      memcpy(&word, a + 4 * (p * tileRows + i), 4);
      const Ints row = broadcast(word);
#pragma GCC unroll 4
      for (int v = 0; v < tileVectors; v++) sums[i][v] = Arithmetic::multiplyAdd(sums[i][v], row, columns[v]);
    }
  }
#pragma GCC unroll 8
  for (int i = 0; i < rows; i++) {
#pragma GCC unroll 4
    for (int v = 0; v < tileVectors; v++) storeWords(tile + (i * tileVectors + v) * vectorBytes, (Ints)sums[i][v]);
  }
}

template <class Arithmetic>
inline void multiplyRows(int64_t rows, int64_t words, const char* a, const char* w, const char* initial, char* tile) {
  if (rows > 4 && tileRows > 4) multiplyTile<Arithmetic, tileRows>(words, a, w, initial, tile);
  else if (rows > 2) multiplyTile<Arithmetic, 4>(words, a, w, initial, tile);
  else multiplyTile<Arithmetic, 2>(words, a, w, initial, tile);
}

/// Where the sums of a panel of W start: zero, or minus what an arithmetic adds too much.
template <class Arithmetic>
inline void startTile(const char* panel, int64_t words, char* start) {
  Ints sums[tileVectors] = {};
  if constexpr (Arithmetic::offset) {
    for (int64_t p = 0; p < words; p++) {
      for (int v = 0; v < tileVectors; v++) {
        sums[v] = Arithmetic::addOffset(sums[v], loadWords<Ints>(panel + (p * tileVectors + v) * vectorBytes));
      }
    }
  }
  for (int i = 0; i < tileRows; i++) {
    for (int v = 0; v < tileVectors; v++) storeWords(start + (i * tileVectors + v) * vectorBytes, -sums[v]);
  }
}

/// One operand's rows; w has `rows` = n.
template <class Element>
struct Matrix {
  const Element* data;
  int64_t rows, stride;
  const Element* row(int64_t i) const { return data + i * stride; }
};

/// Tile of rows [row, row + rows) and columns [column, column + columns) handed over: sums[i * stride + j], 32 bits each.
struct Tile {
  int64_t row, rows, column, columns, stride;
  const char* sums;
  template <class Sum>
  const Sum* at(int64_t i) const {
    return reinterpret_cast<const Sum*>(sums) + i * stride;
  }
};

inline int64_t roundUp(int64_t count, int64_t to) { return (count + to - 1) / to * to; }

/// Rows [m0, m1) by columns [n0, n1) of a product.
struct Piece {
  int64_t m0, m1, n0, n1;
};

/// Asks for lines [begin, end) of a block of rows, counted row by row; what lies beyond the block is not asked for.
inline void prefetchLines(const char* from, int64_t strideBytes, int64_t rows, int64_t rowBytes, int64_t begin, int64_t end) {
  const int64_t perRow = (rowBytes + 63) / 64;
  for (int64_t line = begin; line < std::min(end, rows * perRow); line++) {
    __builtin_prefetch(from + line / perRow * strideBytes + line % perRow * 64);
  }
}

/// A piece by packing. While a panel of W is multiplied, the next one is fetched.
template <class Arithmetic, class Epilogue>
void multiplyPacked(const Matrix<typename Arithmetic::Element>& a, const Matrix<typename Arithmetic::Element>& w, int64_t k,
                    Piece piece, Epilogue&& epilogue) {
  using Element = typename Arithmetic::Element;
  constexpr int64_t blockK = blockWords * Arithmetic::group, size = sizeof(Element);
  constexpr int64_t aPanelBytes = blockWords * tileRows * 4;
  const int64_t panels = (piece.n1 - piece.n0 + tileColumns - 1) / tileColumns;
  const int64_t tilesDown = (piece.m1 - piece.m0 + tileRows - 1) / tileRows;
  // Sums are kept between blocks of k; a product of one block needs one tile only.
  const bool keeps = k > blockK;
  char* packedW = scratch(0, size_t(blockWords * tileColumns * 4));
  char* packedA = scratch(1, size_t(tilesDown * aPanelBytes));
  char* kept = scratch(2, size_t((keeps ? panels * tilesDown : 1) * tileBytes));
  char start[tileBytes], sum[tileBytes];
  for (int64_t k0 = 0; k0 < k; k0 += blockK) {
    const int64_t length = std::min(blockK, k - k0), words = (length + Arithmetic::group - 1) / Arithmetic::group;
    for (int64_t t = 0; t < tilesDown; t++) {
      const int64_t row = piece.m0 + t * tileRows, next = row + tileRows;
      if (next < piece.m1) {
        prefetchLines(reinterpret_cast<const char*>(a.row(next) + k0), a.stride * size,
                      std::min<int64_t>(tileRows, piece.m1 - next), length * size, 0, INT64_MAX);
      }
      packPanel<Arithmetic, tileRows, false>(a.row(row) + k0, a.stride, piece.m1 - row, length, packedA + t * aPanelBytes);
    }
    for (int64_t p = 0; p < panels; p++) {
      const int64_t column = piece.n0 + p * tileColumns, next = column + tileColumns;
      packPanel<Arithmetic, tileColumns, true>(w.row(column) + k0, w.stride, piece.n1 - column, length, packedW);
      startTile<Arithmetic>(packedW, words, start);
      const int64_t nextRows = std::max<int64_t>(0, std::min<int64_t>(tileColumns, piece.n1 - next));
      const int64_t lines = (nextRows * ((length * size + 63) / 64) + tilesDown - 1) / tilesDown;
      for (int64_t t = 0; t < tilesDown; t++) {
        prefetchLines(reinterpret_cast<const char*>(w.row(next) + k0), w.stride * size, nextRows, length * size, t * lines,
                      (t + 1) * lines);
        char* tile = kept + (keeps ? p * tilesDown + t : 0) * tileBytes;
        const char* initial = k0 == 0 ? start : tile;
        if (Arithmetic::offset && k0 > 0) {
          for (int i = 0; i < tileBytes; i += vectorBytes) {
            storeWords(sum + i, loadWords<Ints>(tile + i) + loadWords<Ints>(start + i));
          }
          initial = sum;
        }
        const int64_t row = piece.m0 + t * tileRows, rows = std::min<int64_t>(tileRows, piece.m1 - row);
        multiplyRows<Arithmetic>(rows, words, packedA + t * aPanelBytes, packedW, initial, tile);
        if (k0 + length == k) {
          epilogue(Tile{row, rows, column, std::min<int64_t>(tileColumns, piece.n1 - column), tileColumns, tile});
        }
      }
    }
  }
}

/// `down` × `across` dot products of rows of a and rows of w; on the way it fetches as many rows behind those of w.
template <class Arithmetic, int down, int across, bool fetches, class Epilogue>
inline void dots(const Matrix<typename Arithmetic::Element>& a, const Matrix<typename Arithmetic::Element>& w, int64_t k,
                 int64_t row, int64_t column, Epilogue& epilogue) {
  using Sum = typename Arithmetic::Sum;
  constexpr int64_t step = int64_t(Arithmetic::group) * lanes;
  Sum sums[down * across] = {};
  Sum offsets[across] = {};
  const auto add = [&](int64_t at, int64_t left) __attribute__((always_inline)) {
    Ints rows[down];
#pragma GCC unroll 8
    for (int i = 0; i < down; i++) rows[i] = Arithmetic::wordsOfA(a.row(row + i) + at, left);
#pragma GCC unroll 8
    for (int j = 0; j < across; j++) {
      const Ints columns = Arithmetic::wordsOfW(w.row(column + j) + at, left);
      if (fetches) __builtin_prefetch(w.row(column + j + across) + at);
      if constexpr (Arithmetic::offset) offsets[j] = Arithmetic::addOffset(offsets[j], columns);
#pragma GCC unroll 8
      for (int i = 0; i < down; i++) sums[i * across + j] = Arithmetic::multiplyAdd(sums[i * across + j], rows[i], columns);
    }
  };
  int64_t at = 0;
  for (; at + step <= k; at += step) add(at, step);
  if (at < k) add(at, k - at);
  decltype(sumOf(Sum{})) totals[down * across];
  if (Arithmetic::offset) {
    for (int i = 0; i < down * across; i++) sums[i] -= offsets[i % across];
  }
  if constexpr (down * across % lanes == 0) {
    for (int i = 0; i < down * across; i += lanes) storeWords(reinterpret_cast<char*>(totals + i), (Ints)sumsOf(sums + i));
  } else {
    for (int i = 0; i < down * across; i++) totals[i] = sumOf(sums[i]);
  }
  epilogue(Tile{row, down, column, across, across, reinterpret_cast<const char*>(totals)});
}

/// A piece as dot products. The last rows and columns of it are multiplied twice where they fill no tile.
template <class Arithmetic, class Epilogue>
void multiplyDots(const Matrix<typename Arithmetic::Element>& a, const Matrix<typename Arithmetic::Element>& w, int64_t k,
                  Piece piece, Epilogue&& epilogue) {
  const auto [m0, m1, n0, n1] = piece;
  const bool manyRows = m1 - m0 >= 4, manyColumns = n1 - n0 >= 4;
  for (int64_t c = n0; c < n1; c += manyColumns ? 4 : 1) {
    const int64_t column = manyColumns ? std::min(c, n1 - 4) : c;
    for (int64_t r = m0; r < m1; r += manyRows ? 4 : 1) {
      const int64_t row = manyRows ? std::min(r, m1 - 4) : r;
      if (manyRows && manyColumns && r == m0) dots<Arithmetic, 4, 4, true>(a, w, k, row, column, epilogue);
      else if (manyRows && manyColumns) dots<Arithmetic, 4, 4, false>(a, w, k, row, column, epilogue);
      else if (manyColumns) dots<Arithmetic, 1, 4, true>(a, w, k, row, column, epilogue);
      else if (manyRows) dots<Arithmetic, 4, 1, false>(a, w, k, row, column, epilogue);
      else dots<Arithmetic, 1, 1, false>(a, w, k, row, column, epilogue);
    }
  }
}

/// The whole product on the launch's cores. epilogue(Tile) is called by several threads at once, and may see a part of
/// the product twice.
template <class Arithmetic, class Epilogue>
void multiply(const Launch& launch, const Matrix<typename Arithmetic::Element>& a,
              const Matrix<typename Arithmetic::Element>& w, int64_t k, Epilogue&& epilogue) {
  const int64_t m = a.rows, n = w.rows;
  const bool byDots = std::min(m, n) <= std::max<int64_t>(4, std::min<int64_t>(32, k / Arithmetic::group / 16));
  int64_t down = std::min(taskRows, roundUp(m, tileRows)), across = std::min(taskColumns, roundUp(n, tileColumns));
  const auto tasks = [&] { return ((m + down - 1) / down) * ((n + across - 1) / across); };
  const int64_t fewest = launch.cores > 1 ? 3 * launch.cores : 1;
  const int64_t leastRows = byDots ? 4 : 4 * tileRows, leastColumns = byDots ? 8 : 2 * tileColumns;
  while (tasks() < fewest) {
    if (across > leastColumns && (across >= down || down <= leastRows)) across = roundUp(across / 2, byDots ? 4 : tileColumns);
    else if (down > leastRows) down = roundUp(down / 2, byDots ? 4 : tileRows);
    else break;
  }
  const int64_t tasksAcross = (n + across - 1) / across;
  // Small products are not worth waking another core.
  const int64_t grain = 1 + int64_t(100e3) / std::max<int64_t>(1, down * across * k / Arithmetic::group);
  launch.each(tasks(), grain, [&](int64_t begin, int64_t end) {
    for (int64_t task = begin; task < end; task++) {
      const int64_t m0 = task / tasksAcross * down, n0 = task % tasksAcross * across;
      const Piece piece{m0, std::min(m, m0 + down), n0, std::min(n, n0 + across)};
      if (byDots) multiplyDots<Arithmetic>(a, w, k, piece, epilogue);
      else multiplyPacked<Arithmetic>(a, w, k, piece, epilogue);
    }
  });
}
