#include "continuo/neural/profile.h"

#include <algorithm>
#include <atomic>
#include <map>
#include <mutex>
#include <string_view>

#include "continuo/neural/timing.h"

namespace continuo::neural {
namespace {

std::atomic<bool> profiling{false};
std::mutex mutex;

std::map<std::string_view, double>& times() {
  static std::map<std::string_view, double> all;
  return all;
}

}  // namespace

void start_profile() {
  const std::lock_guard lock(mutex);
  times().clear();
  profiling = true;
}

std::vector<FunctionTime> profile() {
  const std::lock_guard lock(mutex);
  std::vector<FunctionTime> result;
  for (const auto& [name, seconds] : times()) result.push_back({std::string(name), seconds});
  std::sort(result.begin(), result.end(), [](const auto& a, const auto& b) { return a.seconds > b.seconds; });
  return result;
}

Timing::Timing(const char* function) : function_(profiling ? function : nullptr) {
  if (function_ != nullptr) start_ = std::chrono::steady_clock::now();
}

Timing::~Timing() {
  if (function_ == nullptr) return;
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count();
  const std::lock_guard lock(mutex);
  times()[function_] += seconds;
}

}  // namespace continuo::neural
