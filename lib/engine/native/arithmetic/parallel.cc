#include "parallel.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdlib>
#include <exception>
#include <memory>
#include <mutex>
#include <system_error>
#include <thread>
#include <utility>

namespace {

/** Parts of some work, which each thread takes from as long as there are any. */
class Job {
 public:
  Job(int64_t parts, const std::function<void(int64_t)>& work) : parts_(parts), work_(work) {}

  /** @returns whether this thread did the last one */
  bool take_parts() {
    for (int64_t part; (part = next_++) < parts_;) {
      try {
        if (!failed_) work_(part);
      } catch (...) {
        if (!failed_.exchange(true)) error_ = std::current_exception();
      }
      if (++done_ == parts_) return true;
    }
    return false;
  }
  bool is_done() const { return done_ == parts_; }

  /** To be called when it is done. */
  void rethrow() {
    if (failed_) std::rethrow_exception(std::exchange(error_, nullptr));
  }

 private:
  const int64_t parts_;
  const std::function<void(int64_t)>& work_;  // called only while the thread that posted it waits
  std::atomic<int64_t> next_{0}, done_{0};
  std::atomic<bool> failed_{false};
  std::exception_ptr error_;  // written by the thread that sets failed_, read when all parts are done
};

class ThreadPool {
 public:
  /** @param threads with the one that calls `run` */
  explicit ThreadPool(int64_t threads) {
    try {
      for (int64_t i = 1; i < threads; i++) std::thread([this] { serve(); }).detach();
    } catch (const std::system_error&) {
      // the system allows no more: those that there are do the work
    }
  }

  void run(int64_t parts, const std::function<void(int64_t)>& work) {
    const auto job = std::make_shared<Job>(parts, work);
    {
      std::lock_guard<std::mutex> lock(mutex_);
      job_ = job;
      round_++;
    }
    posted_.notify_all();
    const auto is_done = [&] { return job->is_done(); };
    if (!job->take_parts() && !soon(is_done)) {
      std::unique_lock<std::mutex> lock(mutex_);
      done_.wait(lock, is_done);
    }
    job->rethrow();
  }

 private:
  /**
   * Waits for a millisecond without sleeping. That is longer than TypeScript usually takes from one op of a training
   * step to the next: a thread that sleeps meanwhile begins late, on a busy machine by as long as many an op takes.
   */
  template <typename Condition>
  static bool soon(Condition condition) {
    const auto end = std::chrono::steady_clock::now() + std::chrono::milliseconds(1);
    do {
      for (int i = 0; i < 100; i++) {
        if (condition()) return true;
#if defined(__x86_64__)
        __builtin_ia32_pause();
#endif
      }
    } while (std::chrono::steady_clock::now() < end);
    return false;
  }

  void serve() {
    for (int64_t seen = 0;;) {
      soon([&] { return round_ != seen; });
      std::shared_ptr<Job> job;
      {
        std::unique_lock<std::mutex> lock(mutex_);
        posted_.wait(lock, [&] { return round_ != seen; });
        seen = round_;
        job = job_;
      }
      if (job->take_parts()) {
        std::lock_guard<std::mutex> lock(mutex_);
        done_.notify_all();
      }
    }
  }

  std::mutex mutex_;
  std::condition_variable posted_, done_;
  std::shared_ptr<Job> job_;
  std::atomic<int64_t> round_{0};
};

/** As many as TensorFlow computes with; ../../threads.ts sets the variable. */
int64_t threads() {
  static const int64_t threads = [] {
    const char* const given = std::getenv("TF_NUM_INTRAOP_THREADS");
    const int64_t number = given ? std::atoll(given) : std::thread::hardware_concurrency();
    return std::clamp<int64_t>(number, 1, 64);
  }();
  return threads;
}

}  // namespace

int64_t max_parts() { return threads() == 1 ? 1 : 4 * threads(); }

void in_parallel(int64_t n, int64_t least, const std::function<void(int64_t, int64_t, int64_t)>& work) {
  if (n <= 0) return;
  static ThreadPool* const pool = new ThreadPool(threads());  // never deleted: its threads may outlive everything else
  const int64_t parts = std::min(max_parts(), n / std::max<int64_t>(least, 1));
  if (parts <= 1) return work(0, n, 0);
  pool->run(parts, [&](int64_t part) { work(n * part / parts, n * (part + 1) / parts, part); });
}
