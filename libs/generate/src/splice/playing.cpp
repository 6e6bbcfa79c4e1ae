#include "playing.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <set>
#include <vector>

#include "continuo/score/bar_grid.h"

#include "splice.h"

namespace continuo::generate {
namespace {

using score::Note;
using score::Score;
using score::Ticks;
using Playing = ComposeOptions::Playing;

// The notes of a track that are given.
std::multiset<Note> given_notes(const ComposeOptions& options, const Score& result, std::size_t track) {
  const std::vector<Note>* notes = nullptr;
  if (options.lead) {
    if (track == 0) notes = &result.tracks[0].notes;
  } else if (options.primer && track < options.primer->tracks.size()) {
    notes = &options.primer->tracks[track].notes;
  }
  return notes == nullptr ? std::multiset<Note>() : std::multiset<Note>(notes->begin(), notes->end());
}

// In proportion: 1 becomes the softest, 127 the loudest.
std::uint8_t loudness_of(std::uint8_t velocity, const Playing& playing) {
  const double share = (double(velocity) - 1) / 126;
  return std::uint8_t(std::lround(playing.softest + share * (playing.loudest - playing.softest)));
}

// Bars whose beats are three eighths have no pairs of eighths to swing.
bool has_pairs(const score::TimeSignature& meter) {
  const bool is_compound = meter.denominator >= 8 && meter.numerator % 3 == 0;
  return !is_compound;
}

// The time to which swing moves a time. Within each quarter of a bar the first half is drawn out and the second
// shortened, so that order and simultaneity stay, and what lasts to the next quarter still does.
class Swing {
 public:
  Swing(const Score& score, double swing) : bars_(score), quarter_(score.ticks_per_quarter), swing_(swing) {}

  Ticks operator()(Ticks time) const {
    const score::Bar& bar = bars_.bars()[bars_.index_at(time)];
    if (!has_pairs(bar.time_signature)) return time;
    const std::int64_t since = time.value - bar.onset.value, whole = since / quarter_ * quarter_;
    const double share = double(since - whole) / double(quarter_);
    const double moved = share <= 0.5 ? 2 * share * swing_ : swing_ + (2 * share - 1) * (1 - swing_);
    return Ticks(bar.onset.value + whole + std::int64_t(std::llround(moved * double(quarter_))));
  }

 private:
  score::BarGrid bars_;
  std::int64_t quarter_;
  double swing_;
};

}  // namespace

Status check_playing(const Playing& playing) {
  const bool good = playing.softest >= 1 && playing.softest <= playing.loudest && playing.loudest <= 127 &&
                    playing.swing >= 0.5 && playing.swing <= 0.75;
  if (good) return {};
  return Error{ErrorCode::invalid_argument, "velocities are from 1 to 127, and swing is from 0.5 to 0.75"};
}

void play_new_notes(const ComposeOptions& options, Score& result) {
  const Playing& playing = options.playing;
  if (playing == Playing{}) return;
  const Swing swing(result, playing.swing);
  for (std::size_t track = 0; track < result.tracks.size(); ++track) {
    std::multiset<Note> given = given_notes(options, result, track);
    for (Note& note : result.tracks[track].notes) {
      if (const auto found = given.find(note); found != given.end()) {
        given.erase(found);
        continue;
      }
      note.velocity = loudness_of(note.velocity, playing);
      const Ticks end = swing(note.end());
      note.onset = swing(note.onset);
      note.duration = std::max(end - note.onset, Ticks(1));
    }
  }
  result.sort();
  for (std::size_t track = 0; playing.swing > 0.5 && track < result.tracks.size(); ++track) {
    const std::multiset<Note> given = given_notes(options, result, track);
    end_at_next_strike(result.tracks[track].notes, {given.begin(), given.end()});
  }
}

}  // namespace continuo::generate
