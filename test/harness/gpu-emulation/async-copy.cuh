// In place of copies in the background: they are carried out when they are awaited, and what they overwrite is lost at once,
// since a device may come to it at any time between.

#ifndef HAS_ASYNC_COPIES
#define HAS_ASYNC_COPIES (!ON_HIP)

inline u32 sharedAddress(const void* p) { return static_cast<const char*>(p) - emulation::dynamicShared; }

template <int Bytes> void copyFirstInBackground(void* shared, const void* from, int count) {
  static_assert(Bytes == 4 || Bytes == 8 || Bytes == 16);
  if (uintptr_t(shared) % Bytes != 0 || uintptr_t(from) % Bytes != 0) emulation::stop("a copy is not aligned");
  if (count < 0 || count > Bytes) emulation::stop("a copy of more bytes than it has");
  memset(shared, 0xff, Bytes);
  emulation::running->copies.back().push_back([=] {
    if (count > 0) memcpy(shared, from, count);
    memset(static_cast<char*>(shared) + count, 0, Bytes - count);
  });
}
template <int Bytes> void copyInBackground(void* shared, const void* from, bool isThere) {
  copyFirstInBackground<Bytes>(shared, from, isThere ? Bytes : 0);
}
inline void endOfCopies() { emulation::running->copies.push_back({}); }
template <int Groups> void awaitCopiesBut() { emulation::await(emulation::running->copies, Groups); }
#endif
