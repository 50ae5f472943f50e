// What NVIDIA's devices have their own instructions for. Conversions to bf16 need compute capability 8.0.

__device__ __forceinline__ float toFloat(half_t x) {
  float y;
  asm("cvt.f32.f16 %0, %1;" : "=f"(y) : "h"(x.bits));
  return y;
}
__device__ __forceinline__ void fromFloat(float x, half_t& y) {
  asm("cvt.rn.f16.f32 %0, %1;" : "=h"(y.bits) : "f"(x));
}
__device__ __forceinline__ void fromFloat(float x, bf16_t& y) {
  asm("cvt.rn.bf16.f32 %0, %1;" : "=h"(y.bits) : "f"(x));
}

// Loads of what is read once: through the read-only path, and what takes whole words past L1.
__device__ __forceinline__ u8 loadOnce(const u8* p) { return __ldg(p); }
__device__ __forceinline__ u16 loadOnce(const u16* p) { return __ldg(p); }
__device__ __forceinline__ u32 loadOnce(const u32* p) {
  u32 x;
  asm("ld.global.nc.L1::no_allocate.u32 %0, [%1];" : "=r"(x) : "l"(p));
  return x;
}
__device__ __forceinline__ uint2 loadOnce(const uint2* p) {
  uint2 x;
  asm("ld.global.nc.L1::no_allocate.v2.u32 {%0, %1}, [%2];" : "=r"(x.x), "=r"(x.y) : "l"(p));
  return x;
}
__device__ __forceinline__ uint4 loadOnce(const uint4* p) {
  uint4 x;
  asm("ld.global.nc.L1::no_allocate.v4.u32 {%0, %1, %2, %3}, [%4];"
      : "=r"(x.x), "=r"(x.y), "=r"(x.z), "=r"(x.w) : "l"(p));
  return x;
}

// Loads of what others may read again.
template <class R> __device__ __forceinline__ R loadKept(const R* p) { return __ldg(p); }

// Has the cache line of an address brought to L2.
__device__ __forceinline__ void bringCloser(const void* p) { asm volatile("prefetch.global.L2 [%0];" ::"l"(p)); }

// Stores to device memory in one access: left to themselves, compilers may take copies of structures apart into words.
template <class R> __device__ __forceinline__ void storeWhole(R* p, R x) { *p = x; }
__device__ __forceinline__ void storeWhole(uint2* p, uint2 x) {
  asm volatile("st.global.v2.u32 [%0], {%1, %2};" :: "l"(p), "r"(x.x), "r"(x.y));
}
__device__ __forceinline__ void storeWhole(uint4* p, uint4 x) {
  asm volatile("st.global.v4.u32 [%0], {%1, %2, %3, %4};" :: "l"(p), "r"(x.x), "r"(x.y), "r"(x.z), "r"(x.w));
}

// Shuffles among the lanes of one group, a power of two of them that starts at a multiple of its size. Groups of one
// warp may have gone different ways.
template <int Group> __device__ __forceinline__ u32 groupMask() {
  return Group >= 32 ? 0xffffffffu : ((1u << (Group & 31)) - 1u) << (threadIdx.x & 31 & ~(Group - 1));
}
template <int Group, class T> __device__ __forceinline__ T fromLane(T x, int lane) {
  return __shfl_sync(groupMask<Group>(), x, lane, Group);
}
template <int Group, class T> __device__ __forceinline__ T fromLaneXor(T x, int lanes) {
  return __shfl_xor_sync(groupMask<Group>(), x, lanes, Group);
}

// Puts byte `byte` of a word into the second-lowest byte of another one.
__device__ __forceinline__ u32 placeByte(u32 word, u32 into, int byte) {
  return __byte_perm(word, into, 0x7604 | byte << 4);
}

__device__ __forceinline__ float power2(float x) {
  float y;
  asm("ex2.approx.ftz.f32 %0, %1;" : "=f"(y) : "f"(x));
  return y;
}

// Within 2⁻¹¹ of itself.
__device__ __forceinline__ float tanhFast(float x) {
  float y;
  asm("tanh.approx.f32 %0, %1;" : "=f"(y) : "f"(x));
  return y;
}

// Adds the products of four pairs of signed bytes.
__device__ __forceinline__ int addProducts(int a, int b, int sum) { return __dp4a(a, b, sum); }
