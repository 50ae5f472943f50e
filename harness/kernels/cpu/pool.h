// A fixed set of threads, one to a core. Threads sleep between sessions and spin within one, as inference runtimes do.
#pragma once
#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <exception>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

class Pool {
 public:
  /// One thread to each of these processors, pinned where the system can pin.
  explicit Pool(const std::vector<int>& processors);
  ~Pool();
  Pool(const Pool&) = delete;

  int cores() const { return int(threads.size()); }

  /// Runs `work` on the first thread while `cores` threads stand ready, and waits. Rethrows what it throws.
  void session(int cores, const std::function<void()>& work);

  /// Within a session: calls body(core) on cores 0 … cores-1 at once, and waits.
  template <class Body>
  void onEach(int cores, Body&& body) {
    using Plain = std::remove_reference_t<Body>;
    region(cores, [](void* context, int core) { (*static_cast<Plain*>(context))(core); }, (void*)&body);
  }

  /// Within a session: calls body(begin, end) for pieces of [0, count) of about `grain`, on at most `cores` cores.
  template <class Body>
  void each(int cores, int64_t count, int64_t grain, Body&& body) {
    grain = std::max<int64_t>(1, grain);
    const int64_t busy = std::min<int64_t>(cores, (count + grain - 1) / grain);
    if (busy <= 1) {
      if (count > 0) body(int64_t(0), count);
      return;
    }
    const int64_t piece = std::max(grain, (count + busy * 8 - 1) / (busy * 8));
    std::atomic<int64_t> next{0};
    onEach(int(busy), [&](int) {
      for (;;) {
        const int64_t begin = next.fetch_add(piece, std::memory_order_relaxed);
        if (begin >= count) return;
        body(begin, std::min(count, begin + piece));
      }
    });
  }

 private:
  using Task = void (*)(void*, int);
  enum Order { idle, work, rest };
  struct alignas(128) Mailbox {
    std::atomic<int> order{idle};
    bool wanted = false;
  };

  void region(int cores, Task task, void* context);
  void lead();
  void help(int core);
  void keepError();

  std::unique_ptr<Mailbox[]> mailboxes;
  std::vector<std::thread> threads;
  std::mutex mutex;
  std::condition_variable wake, done;
  const std::function<void()>* leaderWork = nullptr;
  int sessionCores = 0;
  bool closing = false;

  Task task = nullptr;
  void* context = nullptr;
  std::atomic<int> remaining{0};
  std::mutex errorMutex;
  std::exception_ptr error;
};

/// Keeps the calling thread on one processor, where the system can.
void pinTo(int processor);
