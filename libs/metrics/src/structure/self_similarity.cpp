#include "self_similarity.h"

#include <algorithm>
#include <cmath>

namespace continuo::metrics {
namespace {

constexpr std::size_t kSmoothed = 9;  // frames around each
constexpr double kSilence = 0.001;    // a frame of a smaller norm has all pitch classes alike
constexpr std::size_t kAlong = 16;    // frames of a diagonal
constexpr double kKept = 0.15;        // of all pairs
constexpr double kPenalty = -2;       // of the others

// How long each pitch class sounds in each frame.
std::vector<PitchClasses> sounding(const score::Score& score, std::size_t most) {
  const score::TempoMap tempo = score.tempo_map();
  double begin = INFINITY, end = 0;
  const auto each_note = [&](auto visit) {
    for (const score::Track& track : score.tracks) {
      if (track.is_drum) continue;
      for (const score::Note& note : track.notes)
        visit(note.pitch % 12, tempo.to_seconds(note.onset).value, tempo.to_seconds(note.end()).value);
    }
  };
  each_note([&](int, double from, double to) {
    begin = std::min(begin, from);
    end = std::max(end, to);
  });
  if (begin >= end) return {};
  std::vector<PitchClasses> frames(std::min(most, std::size_t(std::ceil((end - begin) * kFramesPerSecond))));
  each_note([&](int pitch_class, double from, double to) {
    from = (from - begin) * kFramesPerSecond;
    to = (to - begin) * kFramesPerSecond;
    for (auto i = std::size_t(from); i < frames.size() && double(i) < to; ++i)
      frames[i][std::size_t(pitch_class)] += std::min(to, double(i) + 1) - std::max(from, double(i));
  });
  return frames;
}

void normalise(PitchClasses& frame) {
  double square = 0;
  for (const double value : frame) square += value * value;
  const double norm = std::sqrt(square);
  for (double& value : frame) value = norm > kSilence ? value / norm : 1 / std::sqrt(12.0);
}

double product(const PitchClasses& a, const PitchClasses& b, std::size_t transposed) {
  double sum = 0;
  for (std::size_t i = 0; i < a.size(); ++i) sum += a[i] * b[(i + b.size() - transposed) % b.size()];
  return sum;
}

// Raises each value of `best` to the mean of kAlong values of `similar` from it on along the diagonal, forwards or
// backwards, where what is beyond the ends is 0.
void raise_to_means(const SimilarityMatrix& similar, SimilarityMatrix& best) {
  const std::size_t size = similar.size();
  for (std::size_t i = 0; i < size; ++i) {
    for (std::size_t j = 0; j < size; ++j) {
      double forwards = 0, backwards = 0;
      const std::size_t ahead = std::min(kAlong, size - std::max(i, j)), before = std::min(kAlong, std::min(i, j) + 1);
      for (std::size_t k = 0; k < ahead; ++k) forwards += similar.row(i + k)[j + k];
      for (std::size_t k = 0; k < before; ++k) backwards += similar.row(i - k)[j - k];
      best.row(i)[j] = std::max(best.row(i)[j], std::max(forwards, backwards) / double(kAlong));
    }
  }
}

void keep_largest(SimilarityMatrix& matrix) {
  const std::span<double> values = matrix.values();
  const auto dropped = std::size_t(std::nearbyint(double(values.size()) * (1 - kKept)));
  std::vector<double> sorted(values.begin(), values.end());
  if (dropped >= sorted.size()) return;
  std::ranges::nth_element(sorted, sorted.begin() + std::ptrdiff_t(dropped));
  const double least = sorted[dropped], largest = std::ranges::max(values);
  if (largest <= least) return;  // all frames are alike
  for (double& value : values) value = value >= least && value > 0 ? (value - least) / (largest - least) : kPenalty;
}

}  // namespace

std::vector<PitchClasses> pitch_class_frames(const score::Score& score, std::size_t most) {
  const std::vector<PitchClasses> frames = sounding(score, most);
  std::vector<PitchClasses> smooth(frames.size());
  for (std::size_t i = 0; i < frames.size(); ++i) {
    const std::size_t end = std::min(frames.size(), i + kSmoothed / 2 + 1);
    for (std::size_t j = i - std::min(i, kSmoothed / 2); j < end; ++j)
      for (std::size_t k = 0; k < smooth[i].size(); ++k) smooth[i][k] += frames[j][k] / double(kSmoothed);
    normalise(smooth[i]);
  }
  return smooth;
}

SimilarityMatrix self_similarity(std::span<const PitchClasses> frames) {
  SimilarityMatrix best(frames.size()), similar(frames.size());
  for (std::size_t transposed = 0; transposed < std::tuple_size_v<PitchClasses>; ++transposed) {
    for (std::size_t i = 0; i < frames.size(); ++i)
      for (std::size_t j = 0; j < frames.size(); ++j) similar.row(i)[j] = product(frames[i], frames[j], transposed);
    raise_to_means(similar, best);
  }
  keep_largest(best);
  for (std::size_t i = 0; i < best.size(); ++i) best.row(i)[i] = 1;
  return best;
}

}  // namespace continuo::metrics
