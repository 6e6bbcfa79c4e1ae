#include "continuo/metrics/ranking.h"

#include <algorithm>
#include <numeric>
#include <set>

#include "continuo/metrics/piece_statistics.h"

namespace continuo::metrics {
namespace {

using score::Score;
using score::Ticks;

double notes_per_quarter(const Score& score) {
  Ticks begin = score.end();
  for (const score::Track& track : score.tracks)
    for (const score::Note& note : track.notes) begin = std::min(begin, note.onset);
  const double quarters = double((score.end() - begin).value) / double(score.ticks_per_quarter);
  return quarters > 0 ? double(score.note_count()) / quarters : 0;
}

bool has_pitches(const Score& score) {
  return std::ranges::any_of(score.tracks, [](const auto& track) { return !track.is_drum && !track.notes.empty(); });
}

// For each element its place in the order of `values`, the greatest first; equals have the place of the first of them.
std::vector<std::size_t> places(const std::vector<double>& values) {
  std::vector<std::size_t> all;
  for (const double value : values)
    all.push_back(std::size_t(std::ranges::count_if(values, [value](double other) { return other > value; })));
  return all;
}

}  // namespace

Closeness closeness(const Score& music, const Score& other) {
  Closeness result;
  if (has_pitches(music) && has_pitches(other)) {
    const auto a = piece_statistics(music).pitch_classes, b = piece_statistics(other).pitch_classes;
    result.pitch_classes = 0;
    for (std::size_t i = 0; i < a.size(); ++i) result.pitch_classes += std::min(a[i], b[i]);
  }
  const double a = notes_per_quarter(music), b = notes_per_quarter(other);
  if (std::max(a, b) > 0) result.density = std::min(a, b) / std::max(a, b);
  return result;
}

Score new_notes(const Score& piece, const Score& given) {
  Score fresh = piece;
  for (std::size_t i = 0; i < fresh.tracks.size() && i < given.tracks.size(); ++i) {
    std::multiset<score::Note> known(given.tracks[i].notes.begin(), given.tracks[i].notes.end());
    std::erase_if(fresh.tracks[i].notes, [&](const score::Note& note) {
      const auto found = known.find(note);
      if (found == known.end()) return false;
      known.erase(found);
      return true;
    });
  }
  return fresh;
}

std::vector<std::size_t> ranked(std::span<const Rated> candidates) {
  std::vector<double> likelihoods, closenesses;
  for (const Rated& candidate : candidates) {
    likelihoods.push_back(candidate.log_likelihood);
    closenesses.push_back(candidate.closeness.value_or(0));
  }
  const auto by_likelihood = places(likelihoods), by_closeness = places(closenesses);
  std::vector<std::size_t> order(candidates.size());
  std::iota(order.begin(), order.end(), std::size_t(0));
  std::ranges::stable_sort(order, {}, [&](std::size_t i) { return by_likelihood[i] + by_closeness[i]; });
  return order;
}

}  // namespace continuo::metrics
