// What every kernel here shares. Compiled by a run-time compiler without headers, for CUDA or for HIP.
// WARP is the number of lanes that shuffle together; ELEMENT says what the tensors hold.

typedef unsigned char u8;
typedef unsigned short u16;
typedef unsigned int u32;
typedef long long i64;
typedef unsigned long long u64;

#if defined(__HIPCC__) || defined(__HIPCC_RTC__) || defined(__HIP_DEVICE_COMPILE__)
#define ON_HIP 1
#else
#define ON_HIP 0
#endif

#define F32 0
#define F16 1
#define BF16 2
#define I8 3
#define ROWS_INT8 4
#define ROWS_INT4 5
#define I32 6
#define F8 7

#define INFINITY_F __uint_as_float(0x7f800000u)

struct half_t { u16 bits; };
struct bf16_t { u16 bits; };

__device__ __forceinline__ float toFloat(float x) { return x; }
__device__ __forceinline__ float toFloat(bf16_t x) { return __uint_as_float(u32(x.bits) << 16); }
__device__ __forceinline__ float toFloat(signed char x) { return float(x); }

__device__ __forceinline__ void fromFloat(float x, float& y) { y = x; }

__device__ __forceinline__ int roundToInt(float x) { return __float2int_rn(x); }

__device__ __forceinline__ void fromFloat(float x, signed char& y) {
  y = (signed char)min(127, max(-128, roundToInt(x)));
}

#if ON_HIP
#include "hip.cuh"
#else
#include "nvidia.cuh"
#endif

#ifdef ELEMENT
#if ELEMENT == F32
typedef float element_t;
#elif ELEMENT == F16
typedef half_t element_t;
#elif ELEMENT == BF16
typedef bf16_t element_t;
#elif ELEMENT == I8
typedef signed char element_t;
#endif
#endif

// Integers of a given size, for moving bytes in one access.
template <int Size> struct Raw;
template <> struct Raw<1> { typedef u8 type; };
template <> struct Raw<2> { typedef u16 type; };
template <> struct Raw<4> { typedef u32 type; };
template <> struct Raw<8> { typedef uint2 type; };
template <> struct Raw<16> { typedef uint4 type; };

__device__ __forceinline__ void zero(u8& x) { x = 0; }
__device__ __forceinline__ void zero(u16& x) { x = 0; }
__device__ __forceinline__ void zero(u32& x) { x = 0; }
__device__ __forceinline__ void zero(uint2& x) { x = make_uint2(0, 0); }
__device__ __forceinline__ void zero(uint4& x) { x = make_uint4(0, 0, 0, 0); }

// A vector of N elements, as one access and as numbers.
template <class T, int N> struct alignas(sizeof(T) * N) Vector {
  typedef typename Raw<sizeof(T) * N>::type raw_t;
  union { raw_t raw; T at[N]; };
  __device__ __forceinline__ Vector() {}
};

template <class T, int N> __device__ __forceinline__ Vector<T, N> loadVector(const T* p) {
  Vector<T, N> v;
  v.raw = *reinterpret_cast<const typename Vector<T, N>::raw_t*>(p);
  return v;
}
template <class T, int N> __device__ __forceinline__ Vector<T, N> loadVectorOnce(const T* p) {
  Vector<T, N> v;
  v.raw = loadOnce(reinterpret_cast<const typename Vector<T, N>::raw_t*>(p));
  return v;
}
// To device memory.
template <class T, int N> __device__ __forceinline__ void storeVector(T* p, const Vector<T, N>& v) {
  storeWhole(reinterpret_cast<typename Vector<T, N>::raw_t*>(p), v.raw);
}
template <class T, int N> __device__ __forceinline__ void storeFloats(T* p, const float (&x)[N]) {
  Vector<T, N> v;
#pragma unroll
  for (int i = 0; i < N; i++) fromFloat(x[i], v.at[i]);
  storeVector<T, N>(p, v);
}

template <int Group> __device__ __forceinline__ float sumOfLanes(float x) {
#pragma unroll
  for (int lanes = Group / 2; lanes > 0; lanes /= 2) x += fromLaneXor<Group>(x, lanes);
  return x;
}
