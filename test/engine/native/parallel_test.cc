// The thread pool: every item once, exceptions, callers on several threads.
#include "arithmetic/parallel.h"

#include <atomic>
#include <new>
#include <thread>

#include "check.h"

namespace {

void every_item_once(Random& random) {
  const int64_t n = random.whole(0, 1000), least = random.whole(0, 300);
  std::vector<int> times(n);
  std::atomic<int64_t> parts{0};
  in_parallel(n, least, [&](int64_t begin, int64_t end, int64_t part) {
    for (int64_t i = begin; i < end; i++) times[i]++;
    require(part >= 0 && part < max_parts(), "part");
    parts++;
  });
  for (int count : times) require(count == 1, text(count, " times"));
  require(n == 0 ? parts == 0 : parts >= 1 && parts <= max_parts(), text(parts, " parts"));
}

/** In any part, on any thread; the threads go on working. */
void exceptions(Random& random) {
  const int64_t n = random.whole(1, 200), bad = random.whole(0, n - 1);
  bool thrown = false;
  try {
    in_parallel(n, 1, [&](int64_t begin, int64_t end, int64_t) {
      if (begin <= bad && bad < end) throw std::bad_alloc();
    });
  } catch (const std::bad_alloc&) {
    thrown = true;
  }
  require(thrown, "the exception is lost");
  every_item_once(random);
}

void several_callers(Random& random) {
  const int64_t n = random.whole(1, 500);
  std::vector<int64_t> sums(3);
  std::vector<std::thread> threads;
  for (int64_t& sum : sums)
    threads.emplace_back([&] {
      std::atomic<int64_t> own{0};
      for (int round = 0; round < 20; round++)
        in_parallel(n, 1, [&](int64_t begin, int64_t end, int64_t) { own += end - begin; });
      sum = own;
    });
  for (std::thread& thread : threads) thread.join();
  for (int64_t sum : sums) require(sum == 20 * n, text(sum, " instead of ", 20 * n));
}

}  // namespace

std::vector<Test> parallel_tests() {
  return {{"every item once", every_item_once}, {"exceptions", exceptions}, {"several callers", several_callers}};
}
