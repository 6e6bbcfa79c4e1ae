#include "continuo/metrics/structure_measures.h"

#include <algorithm>
#include <cstddef>

#include "fitness.h"
#include "self_similarity.h"

namespace continuo::metrics {
namespace {

constexpr std::size_t kMostSeconds = 180;
constexpr std::size_t frames_of(std::size_t seconds) { return seconds * std::size_t(kFramesPerSecond); }

// The largest fitness of passages of `shortest` to `longest` frames.
std::optional<double> largest(PassageFitness& fitness, std::size_t frames, std::size_t shortest, std::size_t longest) {
  std::optional<double> found;
  for (std::size_t length = shortest; length <= std::min(longest, frames); ++length)
    for (std::size_t start = 0; start + length <= frames; ++start)
      found = std::max(found.value_or(0), fitness.of(start, length));
  return found;
}

}  // namespace

StructureMeasures structure_measures(const score::Score& score) {
  const auto frames = pitch_class_frames(score, frames_of(kMostSeconds));
  if (frames.size() < frames_of(3)) return {};
  const SimilarityMatrix similarity = self_similarity(frames);
  PassageFitness fitness(similarity);
  return {.structureness_short = largest(fitness, frames.size(), frames_of(3), frames_of(8)),
          .structureness_mid = largest(fitness, frames.size(), frames_of(8), frames_of(15)),
          .structureness_long = largest(fitness, frames.size(), frames_of(15), frames.size())};
}

}  // namespace continuo::metrics
