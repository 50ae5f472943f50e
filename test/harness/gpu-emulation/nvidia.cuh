// In place of the instructions of NVIDIA's devices.

inline float toFloat(half_t x) { return float(__builtin_bit_cast(_Float16, x.bits)); }
inline void fromFloat(float x, half_t& y) { y.bits = __builtin_bit_cast(u16, _Float16(x)); }
inline void fromFloat(float x, bf16_t& y) {
  const u32 bits = __float_as_uint(x);
  y.bits = x != x ? 0x7fff : u16((bits + 0x7fff + (bits >> 16 & 1)) >> 16);
}
template <class R> R aligned(const R* p) {
  if (uintptr_t(p) % sizeof(R) != 0) emulation::stop("a read is not aligned");
  return *p;
}
template <class R> R loadOnce(const R* p) { return aligned(p); }
template <class R> R loadKept(const R* p) { return aligned(p); }
template <class R> void storeWhole(R* p, R x) {
  if (uintptr_t(p) % sizeof(R) != 0) emulation::stop("a write is not aligned");
  *p = x;
}
inline void bringCloser(const void*) {}
template <int Group, class T> T fromLane(T x, int lane) { return __shfl(x, lane, Group); }
template <int Group, class T> T fromLaneXor(T x, int lanes) { return __shfl_xor(x, lanes, Group); }
inline u32 placeByte(u32 word, u32 into, int byte) { return __byte_perm(word, into, 0x7604 | byte << 4); }
inline float power2(float x) { return exp2f(x); }
inline float tanhFast(float x) { return tanhf(x); }
inline int addProducts(int a, int b, int sum) { return __dp4a(a, b, sum); }
