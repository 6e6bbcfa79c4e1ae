#pragma once

#include <algorithm>

namespace continuo::train {

// The clock of a hook: how long ago it last ran, and how long that took. Times are those of RunClock. Units: seconds.
class Interval {
 public:
  // Over `every_sec` after `start_sec` or the last run; 0: never.
  Interval(double every_sec, double start_sec) : every_sec_(every_sec), last_sec_(start_sec) {}

  // `at_least_sec` lengthens the interval.
  bool is_over(double elapsed_sec, double at_least_sec = 0) const {
    return every_sec_ > 0 && elapsed_sec - last_sec_ >= std::max(every_sec_, at_least_sec);
  }
  void restart(double elapsed_sec) { last_sec_ = elapsed_sec; }

 private:
  double every_sec_;
  double last_sec_;
};

inline constexpr double kSecondsPerMinute = 60;

// A mean in which a new value counts a tenth; the first value as it is.
class Smoothed {
 public:
  void add(double value) { value_ = value_ == 0 ? value : value_ + kShare * (value - value_); }
  double value() const { return value_; }

 private:
  static constexpr double kShare = 0.1;
  double value_ = 0;
};

}  // namespace continuo::train
