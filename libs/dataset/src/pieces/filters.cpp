#include "continuo/dataset/filters.h"

#include <bitset>
#include <string>

#include "continuo/score/bar_grid.h"

namespace continuo::dataset {
namespace {

constexpr double kShortestBarQuarters = 0.25, kLongestBarQuarters = 32;
constexpr double kOnBarLineQuarters = 1.0 / 16;  // recordings and rounding put a change this far off

int distinct_pitches(const score::Score& score) {
  std::bitset<256> heard;
  for (const score::Track& track : score.tracks)
    for (const score::Note& note : track.notes) heard.set(note.pitch + (track.is_drum ? 128u : 0u));
  return int(heard.count());
}

double quarters_of_bar(const score::TimeSignature& meter) { return 4.0 * meter.numerator / meter.denominator; }

bool is_inside_bar(const score::TimeSignature& before, const score::TimeSignature& change, double ticks_per_quarter) {
  const double bar = quarters_of_bar(before);
  const double quarters = double((change.onset - before.onset).value) / ticks_per_quarter;
  const double into_bar = quarters - bar * double(std::int64_t(quarters / bar));
  return into_bar > kOnBarLineQuarters && bar - into_bar > kOnBarLineQuarters;
}

std::string count_of(std::uint64_t count, const char* thing) {
  return std::to_string(count) + " " + thing + (count == 1 ? "" : "s");
}

}  // namespace

bool has_corrupt_meter(const score::Score& score) {
  const std::vector<score::TimeSignature> meters = score::signatures_of_bars(score);
  std::size_t inside = 0;
  for (std::size_t i = 0; i < meters.size(); ++i) {
    const double bar = quarters_of_bar(meters[i]);
    if (bar < kShortestBarQuarters || bar > kLongestBarQuarters) return true;
    if (i > 0) inside += is_inside_bar(meters[i - 1], meters[i], std::max(1, score.ticks_per_quarter));
  }
  return inside >= 2 && 2 * inside >= meters.size() - 1;
}

std::optional<Error> fault_of(const score::Score& score, const Filters& filters) {
  const std::size_t notes = score.note_count();
  if (notes < filters.min_notes) {
    return Error{ErrorCode::too_short,
                 "has only " + count_of(notes, "note") + ", fewer than " + std::to_string(filters.min_notes),
                 {},
                 {}};
  }
  if (const double seconds = score.duration().value; seconds < filters.min_seconds) {
    return Error{ErrorCode::too_short,
                 "lasts " + std::to_string(seconds) + " s, less than " + std::to_string(filters.min_seconds) + " s",
                 {},
                 {}};
  }
  if (const int pitches = distinct_pitches(score); pitches < filters.min_pitches) {
    return Error{
        ErrorCode::one_pitch,
        "has only " + count_of(std::uint64_t(pitches), "pitch") + ", fewer than " + std::to_string(filters.min_pitches),
        {},
        {}};
  }
  if (filters.corrupt_meter && has_corrupt_meter(score)) {
    return Error{ErrorCode::corrupt_meter, "has time signatures that no music can have", {}, {}};
  }
  return std::nullopt;
}

}  // namespace continuo::dataset
