#pragma once

#include <optional>
#include <span>
#include <vector>

namespace continuo::metrics {

// The density that Gaussian kernels around some numbers give (scipy.stats.gaussian_kde): each is as wide as the
// deviation of all, times Scott's factor n^(-1/5).
class Density {
 public:
  static constexpr double kReach = 9;  // in widths; a kernel has 1e-18 of its height there
  // Each number counts `copies` times. Nothing for fewer than two different numbers, which have no width.
  static std::optional<Density> of(std::span<const double> samples, int copies);
  double operator()(double x) const;
  double width() const { return width_; }
  double least() const { return samples_.front().value; }
  double greatest() const { return samples_.back().value; }

 private:
  struct Sample {
    double value;
    double count;
  };
  std::vector<Sample> samples_;  // different values, sorted
  double count_ = 0;             // of all
  double width_ = 0;
};

}  // namespace continuo::metrics
