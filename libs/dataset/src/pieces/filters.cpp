#include "continuo/dataset/filters.h"

#include <algorithm>
#include <bitset>
#include <string>

#include "continuo/score/bar_grid.h"

namespace continuo::dataset {
namespace {

constexpr double kShortestBarQuarters = 0.25, kLongestBarQuarters = 32;

int distinct_pitches(const score::Score& score) {
  std::bitset<256> heard;
  for (const score::Track& track : score.tracks)
    for (const score::Note& note : track.notes) heard.set(note.pitch + (track.is_drum ? 128u : 0u));
  return int(heard.count());
}

double quarters_of_bar(const score::TimeSignature& meter) { return 4.0 * meter.numerator / meter.denominator; }

std::string count_of(std::uint64_t count, const char* thing) {
  return std::to_string(count) + " " + thing + (count == 1 ? "" : "s");
}

std::optional<Error> fault_of_meter(const score::Score& score) {
  const std::optional<score::TimeSignature> corrupt = corrupt_meter(score);
  if (!corrupt) return std::nullopt;
  const std::size_t bar = score::BarGrid(score).index_at(corrupt->onset) + 1;
  const bool is_short = quarters_of_bar(*corrupt) < kShortestBarQuarters;
  return Error{ErrorCode::corrupt_meter,
               "has the time signature " + std::to_string(corrupt->numerator) + "/" +
                   std::to_string(corrupt->denominator) + " in bar " + std::to_string(bar) + ", whose bars are " +
                   (is_short ? "shorter than a sixteenth note" : "longer than eight whole notes") +
                   "; --keep-corrupt-meter keeps such pieces",
               {},
               {}};
}

}  // namespace

std::optional<score::TimeSignature> corrupt_meter(const score::Score& score) {
  const auto found = std::ranges::find_if(score.time_signatures, [](const score::TimeSignature& meter) {
    const double bar = quarters_of_bar(meter);
    return bar < kShortestBarQuarters || bar > kLongestBarQuarters;
  });
  return found == score.time_signatures.end() ? std::nullopt : std::optional(*found);
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
  return filters.corrupt_meter ? fault_of_meter(score) : std::nullopt;
}

}  // namespace continuo::dataset
