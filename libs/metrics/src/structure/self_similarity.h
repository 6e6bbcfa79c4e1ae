#pragma once

#include <array>
#include <cstddef>
#include <span>
#include <vector>

#include "continuo/score/score.h"

namespace continuo::metrics {

using PitchClasses = std::array<double, 12>;

inline constexpr double kFramesPerSecond = 2;

// Of each frame from the first pitched note on, at most `most`: the shares of pitch classes around it, of norm 1.
std::vector<PitchClasses> pitch_class_frames(const score::Score& score, std::size_t most);

// How similar any two frames are. At most 1; 1 on the diagonal.
class SimilarityMatrix {
 public:
  explicit SimilarityMatrix(std::size_t size) : size_(size), values_(size * size) {}
  std::size_t size() const { return size_; }
  std::span<double> row(std::size_t i) { return std::span(values_).subspan(i * size_, size_); }
  std::span<const double> row(std::size_t i) const { return std::span(values_).subspan(i * size_, size_); }
  std::span<double> values() { return values_; }

 private:
  std::size_t size_;
  std::vector<double> values_;
};

// Passages that are alike in any transposition stand out as diagonal lines of values above 0; all else is below.
SimilarityMatrix self_similarity(std::span<const PitchClasses> frames);

}  // namespace continuo::metrics
