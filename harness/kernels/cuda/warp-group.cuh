// Products of four warps at once, of NVIDIA's compute capability 9.0: both factors lie in shared memory and the sums in
// registers, while the warps go on. A tile of a factor has rows of 64 elements (128 bytes): of the contracted axis, or, where
// it lies across, of the other one. It begins at a multiple of 1024 bytes, and the 16 bytes i of row r lie where i xor r % 8
// would. A tile that lies across has 64 rows, and the next 64 elements of all of them behind it.
// Lane l of warp w holds, with g = l / 4 and t = l % 4: rows 16w + g and 16w + g + 8, columns 8n + 2t and 8n + 2t + 1.

#include "tensor-core.cuh"

#if HAS_TENSOR_CORES

// What products take for a tile.
template <bool IsAcross> __device__ __forceinline__ u64 tileDescriptor(const void* tile) {
  // Bytes from 64 elements to the next where it lies across, bytes of eight rows, and this order of bytes.
  return u64(sharedAddress(tile) >> 4 & 0x3fff) | u64(IsAcross ? 8192 >> 4 : 1) << 16 | u64(1024 >> 4) << 32 | u64(1) << 62;
}
// What leads from one to that of the next 16 elements of the contracted axis.
template <bool IsAcross> constexpr int NEXT_SIXTEEN = IsAcross ? 2048 >> 4 : 32 >> 4;

// Makes what threads wrote to shared memory visible to products and to the engine that copies tiles.
__device__ __forceinline__ void publishShared() { asm volatile("fence.proxy.async.shared::cta;" ::: "memory"); }

// Keeps compilers from moving what becomes of sums across a wait.
template <int Eights> __device__ __forceinline__ void pinSums(float (&sums)[Eights][4]) {
#pragma unroll
  for (int n = 0; n < Eights; n++) {
#pragma unroll
    for (int i = 0; i < 4; i++) asm volatile("" : "+f"(sums[n][i])::"memory");
  }
}
// Before the first product, and after registers of sums were written.
__device__ __forceinline__ void beginProducts() { asm volatile("wgmma.fence.sync.aligned;" ::: "memory"); }
__device__ __forceinline__ void endOfProducts() { asm volatile("wgmma.commit_group.sync.aligned;" ::: "memory"); }
template <int Groups> __device__ __forceinline__ void awaitProductsBut() {
  asm volatile("wgmma.wait_group.sync.aligned %0;" ::"n"(Groups) : "memory");
}

#if ELEMENT == F16
#define PRODUCT_TYPES "f32.f16.f16"
#else
#define PRODUCT_TYPES "f32.bf16.bf16"
#endif

#define SUMS_0 "%0,%1,%2,%3,%4,%5,%6,%7,%8,%9,%10,%11,%12,%13,%14,%15,%16,%17,%18,%19,%20,%21,%22,%23,%24,%25,%26,%27,%28,%29,%30,%31"
#define SUMS_1 "%32,%33,%34,%35,%36,%37,%38,%39,%40,%41,%42,%43,%44,%45,%46,%47,%48,%49,%50,%51,%52,%53,%54,%55,%56,%57,%58,%59,%60,%61,%62,%63"
#define SUMS_2 "%64,%65,%66,%67,%68,%69,%70,%71,%72,%73,%74,%75,%76,%77,%78,%79,%80,%81,%82,%83,%84,%85,%86,%87,%88,%89,%90,%91,%92,%93,%94,%95"
#define SUMS_3 "%96,%97,%98,%99,%100,%101,%102,%103,%104,%105,%106,%107,%108,%109,%110,%111,%112,%113,%114,%115,%116,%117,%118,%119,%120,%121,%122,%123,%124,%125,%126,%127"
#define FOUR_SUMS(n) "+f"(sums[n][0]), "+f"(sums[n][1]), "+f"(sums[n][2]), "+f"(sums[n][3])
#define SUMS_FROM(n)                                                                                        \
  FOUR_SUMS(n), FOUR_SUMS(n + 1), FOUR_SUMS(n + 2), FOUR_SUMS(n + 3), FOUR_SUMS(n + 4), FOUR_SUMS(n + 5), \
      FOUR_SUMS(n + 6), FOUR_SUMS(n + 7)
// The last numbers: both factors as they are and not negated, the left one not across.
#define PRODUCT_OF(columns, list, left, right, isAdded, isAcross)                                              \
  "{.reg .pred p; setp.ne.b32 p, " isAdded ", 0; wgmma.mma_async.sync.aligned.m64n" columns "k16." PRODUCT_TYPES \
  " {" list "}, " left ", " right ", p, 1, 1, 0, " isAcross ";}"
#define FACTORS "l"(left), "l"(right), "r"(1), "n"(IsAcross)

// sums[64 × 8 · Eights] += left[64 × 16] · right[8 · Eights × 16]ᵀ, some time before the group of products is awaited; the
// right tile may lie across.
template <int IsAcross> __device__ __forceinline__ void multiplyTiles(float (&sums)[8][4], u64 left, u64 right) {
  asm volatile(PRODUCT_OF("64", SUMS_0, "%32", "%33", "%34", "%35") : SUMS_FROM(0) : FACTORS);
}
template <int IsAcross> __device__ __forceinline__ void multiplyTiles(float (&sums)[16][4], u64 left, u64 right) {
  asm volatile(PRODUCT_OF("128", SUMS_0 "," SUMS_1, "%64", "%65", "%66", "%67") : SUMS_FROM(0), SUMS_FROM(8) : FACTORS);
}
template <int IsAcross> __device__ __forceinline__ void multiplyTiles(float (&sums)[24][4], u64 left, u64 right) {
  asm volatile(PRODUCT_OF("192", SUMS_0 "," SUMS_1 "," SUMS_2, "%96", "%97", "%98", "%99")
               : SUMS_FROM(0), SUMS_FROM(8), SUMS_FROM(16) : FACTORS);
}
template <int IsAcross> __device__ __forceinline__ void multiplyTiles(float (&sums)[32][4], u64 left, u64 right) {
  asm volatile(PRODUCT_OF("256", SUMS_0 "," SUMS_1 "," SUMS_2 "," SUMS_3, "%128", "%129", "%130", "%131")
               : SUMS_FROM(0), SUMS_FROM(8), SUMS_FROM(16), SUMS_FROM(24) : FACTORS);
}

#endif
