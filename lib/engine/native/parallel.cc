#include "parallel.h"

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <thread>

namespace {

/** Parts of some work, which each thread takes from as long as there are any. */
struct Job {
  Job(int64_t parts, const std::function<void(int64_t)>& work) : parts(parts), work(work) {}
  const int64_t parts;
  const std::function<void(int64_t)>& work;  // called only while the thread that posted it waits
  std::atomic<int64_t> next{0}, done{0};

  /** @returns whether this thread did the last one */
  bool take_part() {
    for (int64_t part; (part = next++) < parts;) {
      work(part);
      if (++done == parts) return true;
    }
    return false;
  }
};

class Team {
 public:
  explicit Team(int64_t threads) {
    for (int64_t i = 1; i < threads; i++) std::thread([this] { serve(); }).detach();
  }

  void run(int64_t parts, const std::function<void(int64_t)>& work) {
    const auto job = std::make_shared<Job>(parts, work);
    {
      std::lock_guard<std::mutex> lock(mutex_);
      job_ = job;
      round_++;
    }
    posted_.notify_all();
    if (job->take_part()) return;
    const auto is_done = [&] { return job->done == parts; };
    if (soon(is_done)) return;
    std::unique_lock<std::mutex> lock(mutex_);
    done_.wait(lock, is_done);
  }

 private:
  /** Waits for some tens of microseconds, less than it takes to be woken. */
  template <typename Condition>
  static bool soon(Condition condition) {
    for (int i = 0; i < 2000; i++) {
      if (condition()) return true;
#if defined(__x86_64__)
      __builtin_ia32_pause();
#endif
    }
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
      if (job->take_part()) {
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

int64_t cores() {
  static const int64_t cores = std::clamp<int64_t>(std::thread::hardware_concurrency(), 1, 64);
  return cores;
}

}  // namespace

int64_t most_parts() { return cores() == 1 ? 1 : 4 * cores(); }

void in_parallel(int64_t n, int64_t least, const std::function<void(int64_t, int64_t, int64_t)>& work) {
  static Team* const team = new Team(cores());  // never deleted: its threads may outlive everything else at exit
  const int64_t parts = std::min(most_parts(), n / std::max<int64_t>(least, 1));
  if (parts <= 1) return work(0, n, 0);
  team->run(parts, [&](int64_t part) { work(n * part / parts, n * (part + 1) / parts, part); });
}
