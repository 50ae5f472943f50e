// Matrix instructions of NVIDIA's devices from compute capability 8.0: fp16 or bf16 operands, fp32 sums.
// Lane l of a warp holds, with g = l / 4 and t = l % 4: of the 16 × 8 sums rows g and g + 8, columns 2t and 2t + 1.

#include "async-copy.cuh"

#define HAS_TENSOR_CORES (!ON_HIP && (ELEMENT == F16 || ELEMENT == BF16))

#if HAS_TENSOR_CORES

// Four 8 × 8 matrices of 16-bit elements; lane l gives the address of row l % 8 of matrix l / 8.
__device__ __forceinline__ void loadMatrices(u32 (&m)[4], const void* row) {
  asm volatile("ldmatrix.sync.aligned.m8n8.x4.shared.b16 {%0, %1, %2, %3}, [%4];"
               : "=r"(m[0]), "=r"(m[1]), "=r"(m[2]), "=r"(m[3]) : "r"(sharedAddress(row)) : "memory");
}
__device__ __forceinline__ void loadMatricesTransposed(u32 (&m)[4], const void* row) {
  asm volatile("ldmatrix.sync.aligned.m8n8.x4.trans.shared.b16 {%0, %1, %2, %3}, [%4];"
               : "=r"(m[0]), "=r"(m[1]), "=r"(m[2]), "=r"(m[3]) : "r"(sharedAddress(row)) : "memory");
}

// sums[16 × 8] += a[16 × 16] · b[16 × 8]
__device__ __forceinline__ void multiplyAdd(float (&sums)[4], const u32 (&a)[4], u32 b0, u32 b1) {
#if ELEMENT == F16
  asm volatile("mma.sync.aligned.m16n8k16.row.col.f32.f16.f16.f32 {%0, %1, %2, %3}, {%4, %5, %6, %7}, {%8, %9}, {%0, %1, %2, %3};"
#else
  asm volatile("mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32 {%0, %1, %2, %3}, {%4, %5, %6, %7}, {%8, %9}, {%0, %1, %2, %3};"
#endif
               : "+f"(sums[0]), "+f"(sums[1]), "+f"(sums[2]), "+f"(sums[3])
               : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b0), "r"(b1));
}

// Two floats as a pair of elements, the first in the low half.
__device__ __forceinline__ u32 packPair(float low, float high) {
  u32 pair;
#if ELEMENT == F16
  asm("cvt.rn.f16x2.f32 %0, %1, %2;" : "=r"(pair) : "f"(high), "f"(low));
#else
  asm("cvt.rn.bf16x2.f32 %0, %1, %2;" : "=r"(pair) : "f"(high), "f"(low));
#endif
  return pair;
}

#endif
