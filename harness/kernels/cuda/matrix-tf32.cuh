// Matrix instructions of NVIDIA's devices from compute capability 8.0 on numbers of 32 bits, of which they take ten bits of
// mantissa. Lane l of a warp holds, with g = l / 4 and t = l % 4: of the 16 × 8 sums rows g and g + 8, columns 2t and 2t + 1.

#include "async-copy.cuh"

// The nearest number that such an instruction takes whole.
__device__ __forceinline__ u32 toTf32(float x) {
  u32 y;
  asm("cvt.rna.tf32.f32 %0, %1;" : "=r"(y) : "f"(x));
  return y;
}

// Four 8 × 4 matrices of 32-bit words; lane l gives the address of row l % 8 of matrix l / 8 and has word t of row g of each.
__device__ __forceinline__ void loadWords(u32 (&m)[4], const void* row) {
  asm volatile("ldmatrix.sync.aligned.m8n8.x4.shared.b16 {%0, %1, %2, %3}, [%4];"
               : "=r"(m[0]), "=r"(m[1]), "=r"(m[2]), "=r"(m[3]) : "r"(sharedAddress(row)) : "memory");
}

// sums[16 × 8] += a[16 × 8] · b[8 × 8]: a holds words t of rows g and g + 8, then words t + 4; b words g of rows t and t + 4.
__device__ __forceinline__ void multiplyAddTf32(float (&sums)[4], const u32 (&a)[4], u32 b0, u32 b1) {
  asm volatile("mma.sync.aligned.m16n8k8.row.col.f32.tf32.tf32.f32 {%0, %1, %2, %3}, {%4, %5, %6, %7}, {%8, %9}, {%0, %1, %2, %3};"
               : "+f"(sums[0]), "+f"(sums[1]), "+f"(sums[2]), "+f"(sums[3])
               : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b0), "r"(b1));
}
