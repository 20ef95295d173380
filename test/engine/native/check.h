// A test is a function of random numbers that throws when something is wrong. Each runs for many seeds.
#pragma once
#include <cmath>
#include <cstdint>
#include <functional>
#include <random>
#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

class Random {
 public:
  explicit Random(uint64_t seed) : engine_(seed) {}
  /** A whole number of least … most. */
  int64_t whole(int64_t least, int64_t most) { return std::uniform_int_distribution<int64_t>(least, most)(engine_); }
  template <typename Value>
  Value one_of(std::initializer_list<Value> values) {
    return values.begin()[whole(0, static_cast<int64_t>(values.size()) - 1)];
  }
  /** Exactly as long as it is said to be, so that a sanitizer sees what is read beyond it. */
  std::vector<float> numbers(int64_t count, float least = -1, float most = 1) {
    std::vector<float> result(count);
    for (float& number : result) number = std::uniform_real_distribution<float>(least, most)(engine_);
    return result;
  }

 private:
  std::mt19937_64 engine_;
};

template <typename... Values>
std::string text(const Values&... values) {
  std::ostringstream stream;
  (stream << ... << values);
  return stream.str();
}

inline void require(bool condition, const std::string& message) {
  if (!condition) throw std::runtime_error(message);
}

/** Requires numbers that differ by rounding alone: by `tolerance` of the largest expected one. */
template <typename Actual, typename Expected>
void require_close(const Actual& actual, const Expected& expected, double tolerance, const std::string& name) {
  require(actual.size() == expected.size(), name + ": another number of results");
  double scale = 1;
  for (auto value : expected)
    if (std::isfinite(value)) scale = std::max<double>(scale, std::abs(value));
  for (size_t i = 0; i < expected.size(); i++) {
    const double a = actual[i], e = expected[i];
    if (std::isfinite(e) ? std::abs(a - e) <= tolerance * scale : a == e || (std::isnan(a) && std::isnan(e))) continue;
    throw std::runtime_error(text(name, ", number ", i, " of ", expected.size(), ": ", a, " instead of ", e));
  }
}

struct Test {
  const char* name;
  std::function<void(Random&)> run;
};

/** Each is defined in a file of its own. */
std::vector<Test> convolution_tests();
std::vector<Test> transposed_convolution_tests();
std::vector<Test> normalization_tests();
std::vector<Test> resampling_tests();
std::vector<Test> elementwise_tests();
std::vector<Test> ssim_tests();
std::vector<Test> attention_tests();
std::vector<Test> parallel_tests();
