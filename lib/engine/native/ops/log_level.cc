// TensorFlow's libraries log while they are loaded, before they read TF_CPP_MIN_LOG_LEVEL. This function takes the
// place of Abseil's: the loader looks for symbols in the binding first, and calls no initializer of ours, which would
// run too late.
#include <cstdlib>

#ifdef __linux__

namespace absl {
inline namespace lts_20250814 {  // Abseil's name for its release; another TensorFlow may have another one

enum class LogSeverityAtLeast : int {};

/** Messages of a lower severity are not written: 0 information, 1 warnings, 2 errors, 3 none but the last before an
 * abort. */
__attribute__((visibility("default"))) LogSeverityAtLeast MinLogLevel() {
  const char* level = std::getenv("TF_CPP_MIN_LOG_LEVEL");
  return static_cast<LogSeverityAtLeast>(level ? std::atoi(level) : 0);
}

}  // namespace lts_20250814
}  // namespace absl

#endif
