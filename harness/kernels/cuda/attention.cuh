// What both attention kernels share: where the rows of a sequence and head lie.

struct Sequence {
  /** Elements before its first row, and from row to row. */
  i64 first;
  i64 stride;
  int length;
};

// Blocks count tiles of queries first, so that those of one head find its keys in the cache, then heads, then sequences.
// Padded tensors are [batch, heads, length, dim], packed ones
// [tokens, heads, dim] with a sequence's tokens from offsets[sequence] to offsets[sequence + 1].
#if IS_JAGGED
#define SHAPE const int* __restrict__ offsets, element_t* __restrict__ out, int tiles, int heads
__device__ __forceinline__ Sequence sequenceOf(const int* offsets, int headOfAll, int heads) {
  const int sequence = headOfAll / heads;
  const int head = headOfAll % heads;
  const int begin = loadKept(offsets + sequence);
  return {(i64(begin) * heads + head) * DIM, i64(heads) * DIM, loadKept(offsets + sequence + 1) - begin};
}
#define SEQUENCE sequenceOf(offsets, blockIdx.x / tiles, heads)
#else
#define SHAPE element_t* __restrict__ out, int tiles, int length
#define SEQUENCE Sequence{i64(blockIdx.x / tiles) * length * DIM, DIM, length}
#endif

#define LOG2_E 1.4426950408889634f
