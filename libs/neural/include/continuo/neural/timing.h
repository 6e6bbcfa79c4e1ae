#pragma once

#include <chrono>

namespace continuo::neural {

// Adds the time of its life to a function's share of the profile, if one is being made. Not for nested use.
class Timing {
 public:
  explicit Timing(const char* function);
  ~Timing();
  Timing(const Timing&) = delete;
  Timing& operator=(const Timing&) = delete;

 private:
  const char* function_;  // null: no profile is being made
  std::chrono::steady_clock::time_point start_;
};

}  // namespace continuo::neural
