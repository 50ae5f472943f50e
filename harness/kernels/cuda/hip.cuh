// What HIP has its own words for.

__device__ __forceinline__ float toFloat(half_t x) { return float(__builtin_bit_cast(_Float16, x.bits)); }
__device__ __forceinline__ void fromFloat(float x, half_t& y) { y.bits = __builtin_bit_cast(u16, _Float16(x)); }
__device__ __forceinline__ void fromFloat(float x, bf16_t& y) {
  const u32 bits = __float_as_uint(x);
  const bool isNan = (bits & 0x7fffffffu) > 0x7f800000u;
  y.bits = isNan ? 0x7fffu : u16((bits + 0x7fffu + ((bits >> 16) & 1u)) >> 16);
}

// Loads of what is read once, and of what others may read again.
template <class R> __device__ __forceinline__ R loadOnce(const R* p) { return *p; }
template <class R> __device__ __forceinline__ R loadKept(const R* p) { return *p; }
template <class R> __device__ __forceinline__ void storeWhole(R* p, R x) { *p = x; }

// Shuffles among the lanes of one group, a power of two of them that starts at a multiple of its size. Groups of one
// warp may have gone different ways.
template <int Group, class T> __device__ __forceinline__ T fromLane(T x, int lane) { return __shfl(x, lane, Group); }
template <int Group, class T> __device__ __forceinline__ T fromLaneXor(T x, int lanes) {
  return __shfl_xor(x, lanes, Group);
}

// Puts byte `byte` of a word into the second-lowest byte of another one.
__device__ __forceinline__ u32 placeByte(u32 word, u32 into, int byte) {
  return (into & 0xffff00ffu) | (word >> (8 * byte) & 255u) << 8;
}

__device__ __forceinline__ float power2(float x) { return exp2f(x); }

// Adds the products of four pairs of signed bytes.
__device__ __forceinline__ int addProducts(int a, int b, int sum) {
#pragma unroll
  for (int i = 0; i < 4; i++) sum += int((signed char)(a >> (8 * i))) * int((signed char)(b >> (8 * i)));
  return sum;
}
