// Tests of the native arithmetic against plain loops: main COUNT [FIRST SEED]. Prints the seed of what fails.
#include <cstdio>
#include <cstdlib>

#include "arithmetic/vector.h"
#include "check.h"

int main(int argc, char** argv) {
  const long count = argc > 1 ? std::atol(argv[1]) : 20, first = argc > 2 ? std::atol(argv[2]) : 0;
  int failures = 0, tests = 0;
  for (const auto& group : {convolution_tests(), transposed_convolution_tests(), normalization_tests(),
                            resampling_tests(), elementwise_tests(), ssim_tests(), attention_tests(), parallel_tests()})
    for (const Test& test : group) {
      tests++;
      for (long seed = first; seed < first + count; seed++) {
        Random random(seed);
        try {
          test.run(random);
        } catch (const std::exception& error) {
          std::printf("%s, seed %ld: %s\n", test.name, seed, error.what());
          failures++;
          break;
        }
      }
    }
  std::printf("%d tests, %ld seeds each, %d lanes: %d failed\n", tests, count, kLanes, failures);
  return failures > 0;
}
