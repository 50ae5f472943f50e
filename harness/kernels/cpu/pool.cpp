#include "pool.h"

#include <stdexcept>
#include <utility>

#if defined(__linux__)
#include <pthread.h>
#include <sched.h>
#endif
#if defined(__x86_64__)
#include <immintrin.h>
#endif

void pinTo(int processor) {
#if defined(__linux__)
  cpu_set_t* set = CPU_ALLOC(processor + 1);
  const size_t bytes = CPU_ALLOC_SIZE(processor + 1);
  CPU_ZERO_S(bytes, set);
  CPU_SET_S(processor, bytes, set);
  pthread_setaffinity_np(pthread_self(), bytes, set);
  CPU_FREE(set);
#else
  (void)processor;
#endif
}

namespace {

/// Waits a moment; gives the processor away after a while, since another thread may need it to make progress.
struct Patience {
  int turns = 0;
  void wait() {
    if (++turns > 4096) {
      std::this_thread::yield();
      return;
    }
#if defined(__x86_64__)
    _mm_pause();
#elif defined(__aarch64__)
    asm volatile("yield");
#endif
  }
};

}  // namespace

Pool::Pool(const std::vector<int>& processors) : mailboxes(new Mailbox[processors.size()]) {
  for (size_t core = 0; core < processors.size(); core++) {
    const int processor = processors[core];
    threads.emplace_back([this, core, processor] {
      if (processor >= 0) pinTo(processor);
      if (core == 0) lead();
      else help(int(core));
    });
  }
}

Pool::~Pool() {
  {
    std::lock_guard<std::mutex> lock(mutex);
    closing = true;
  }
  wake.notify_all();
  for (auto& thread : threads) thread.join();
}

void Pool::session(int cores, const std::function<void()>& work) {
  if (cores < 1 || cores > this->cores()) throw std::invalid_argument("more cores asked for than there are");
  std::unique_lock<std::mutex> lock(mutex);
  leaderWork = &work;
  sessionCores = cores;
  for (int core = 1; core < cores; core++) mailboxes[core].wanted = true;
  wake.notify_all();
  done.wait(lock, [&] { return leaderWork == nullptr; });
  if (error) std::rethrow_exception(std::exchange(error, nullptr));
}

void Pool::lead() {
  std::unique_lock<std::mutex> lock(mutex);
  for (;;) {
    wake.wait(lock, [&] { return closing || leaderWork; });
    if (closing) return;
    lock.unlock();
    try {
      (*leaderWork)();
    } catch (...) {
      keepError();
    }
    for (int core = 1; core < sessionCores; core++) {
      mailboxes[core].order.store(rest, std::memory_order_release);
    }
    // A thread that still sleeps must take this order before the next session writes another over it.
    Patience patience;
    for (int core = 1; core < sessionCores; core++) {
      while (mailboxes[core].order.load(std::memory_order_acquire) != idle) patience.wait();
    }
    lock.lock();
    leaderWork = nullptr;
    done.notify_all();
  }
}

void Pool::help(int core) {
  Mailbox& mailbox = mailboxes[core];
  for (;;) {
    {
      std::unique_lock<std::mutex> lock(mutex);
      wake.wait(lock, [&] { return closing || mailbox.wanted; });
      if (closing) return;
      mailbox.wanted = false;
    }
    for (;;) {
      Patience patience;
      int order;
      while ((order = mailbox.order.load(std::memory_order_acquire)) == idle) patience.wait();
      mailbox.order.store(idle, std::memory_order_relaxed);
      if (order == rest) break;
      try {
        task(context, core);
      } catch (...) {
        keepError();
      }
      remaining.fetch_sub(1, std::memory_order_release);
    }
  }
}

void Pool::region(int cores, Task newTask, void* newContext) {
  if (cores <= 1) {
    newTask(newContext, 0);
    return;
  }
  task = newTask;
  context = newContext;
  remaining.store(cores - 1, std::memory_order_relaxed);
  for (int core = 1; core < cores; core++) mailboxes[core].order.store(work, std::memory_order_release);
  try {
    newTask(newContext, 0);
  } catch (...) {
    keepError();
  }
  Patience patience;
  while (remaining.load(std::memory_order_acquire) > 0) patience.wait();
  std::lock_guard<std::mutex> lock(errorMutex);
  if (error) std::rethrow_exception(std::exchange(error, nullptr));
}

void Pool::keepError() {
  std::lock_guard<std::mutex> lock(errorMutex);
  if (!error) error = std::current_exception();
}
