#include "continuo/tokens/track_cells.h"

#include <algorithm>
#include <array>
#include <iterator>
#include <limits>

#include "../beat/beat_words.h"
#include "../beat/task_words.h"
#include "../core/grid_notes.h"

namespace continuo::tokens {
namespace {

static_assert(TrackName::kDrums == kDrumVoice && TrackName::kParts == kMostParts);
static_assert(TrackCells::kDensities == kDensityWords && TrackCells::kMostVoices == kVoicesWords);

TrackCells::Role role_of(WordKind kind) {
  using Role = TrackCells::Role;
  switch (kind) {
    case WordKind::kBar:
    case WordKind::kTimeSignature:
    case WordKind::kTempo:
    case WordKind::kKey:
      return Role::kHead;
    case WordKind::kProgram:
    case WordKind::kPart:
      return Role::kName;
    case WordKind::kTask:
      return Role::kTask;
    case WordKind::kNone:
      return Role::kNone;
    default:
      return Role::kNote;
  }
}

// The most notes of each density but the last.
constexpr int kMostNotes[] = {1, 2, 4, 6, 9, 14, 20};

}  // namespace

const TrackCell* CellBar::find(TrackName track) const {
  const auto found = std::ranges::find(cells, track, &TrackCell::track);
  return found == cells.end() ? nullptr : &*found;
}

std::vector<TrackName> tracks_of(std::span<const CellBar> bars) {
  std::vector<TrackName> tracks;
  for (const CellBar& bar : bars)
    for (const TrackCell& cell : bar.cells)
      if (std::ranges::find(tracks, cell.track) == tracks.end()) tracks.push_back(cell.track);
  return tracks;
}

TrackCells::TrackCells(const BeatWords& words) : words_(&words) {
  const auto ids = [&](WordKind kind) { return Ids{words.first(kind), words.count(kind)}; };
  for (TokenId token = 0; token < words.size(); ++token) roles_.push_back(role_of(words.word(token).kind));
  bars_ = ids(WordKind::kBar);
  meters_ = ids(WordKind::kTimeSignature);
  programs_ = ids(WordKind::kProgram);
  parts_ = ids(WordKind::kPart);
  pitches_ = ids(WordKind::kPitch);
  drums_ = ids(WordKind::kDrumPitch);
  positions_ = ids(WordKind::kPosition);
  task_ = words.first(WordKind::kTask);
  first_density_ = task_ + kDensity;
  if (words.options().chords) chords_ = {task_ + kNoChord, words.count(WordKind::kTask) - kNoChord};
  lowest_pitch_ = words.options().lowest_pitch;
  lowest_drum_ = words.options().lowest_drum;
  for (int i = 0; i < words.meter_count(); ++i) {
    const BeatWords::Meter& meter = words.meter(i);
    meter_list_ += (i > 0 ? ", " : "") + std::to_string(meter.numerator) + "/" + std::to_string(meter.denominator);
  }
  has_velocities_ = words.has(WordKind::kVelocity);
}

std::vector<CellBar> TrackCells::bars(std::span<const TokenId> tokens) const {
  std::vector<CellBar> bars;
  for (const TokenId token : tokens) {
    if (bars_.has(token)) bars.emplace_back();
    if (bars.empty()) continue;
    CellBar& bar = bars.back();
    switch (role(token)) {
      case Role::kHead:
        bar.head.push_back(token);
        break;
      case Role::kName:
        if (programs_.has(token)) {
          bar.cells.push_back({.track = {.program = token - programs_.first}, .notes = {}});
        } else if (!bar.cells.empty()) {
          bar.cells.back().track.part = token - parts_.first + 1;
        }
        break;
      case Role::kNote:
        if (!bar.cells.empty()) bar.cells.back().notes.push_back(token);
        break;
      case Role::kNone:
      case Role::kTask:
        break;
    }
  }
  return bars;
}

std::vector<TokenId> TrackCells::plain_head(std::span<const TokenId> head) const {
  std::vector<TokenId> plain;
  std::ranges::copy_if(head, std::back_inserter(plain),
                       [&](TokenId token) { return bars_.has(token) || meters_.has(token); });
  return plain;
}

std::vector<std::optional<TrackName>> TrackCells::names(const score::Score& score) const {
  std::vector<std::optional<TrackName>> names;
  std::array<int, kVoices> tracks{};
  for (const score::Track& track : score.tracks) {
    const auto is_word = [&](const score::Note& note) {
      const int value = note.pitch - (track.is_drum ? lowest_drum_ : lowest_pitch_);
      return value >= 0 && value < (track.is_drum ? drums_ : pitches_).count;
    };
    names.emplace_back();
    if (std::ranges::none_of(track.notes, is_word)) continue;
    const int program = voice_of(track);
    names.back() = TrackName{program, std::min(tracks[std::size_t(program)]++, kMostParts - 1)};
  }
  return names;
}

void TrackCells::append_name(TrackName track, std::vector<TokenId>& tokens) const {
  tokens.push_back(programs_.first + track.program);
  if (track.part > 0) tokens.push_back(parts_.first + track.part - 1);
}

std::optional<TokenId> TrackCells::left(std::size_t bars) const {
  if (bars >= std::size_t(kLeftWords)) return std::nullopt;
  return task_ + kLeft + TokenId(bars);
}

TrackCells::Attributes TrackCells::attributes(const TrackCell& cell) const {
  int notes = 0, at_once = 0;
  Attributes attributes;
  for (const TokenId token : cell.notes) {
    if (positions_.has(token)) at_once = 0;
    if (!pitches_.has(token) && !drums_.has(token)) continue;
    ++notes;
    attributes.voices = std::max(attributes.voices, ++at_once);
  }
  attributes.voices = std::min(attributes.voices, kMostVoices);
  attributes.density = density_of(notes);
  return attributes;
}

int TrackCells::density_of(int notes) {
  return int(std::ranges::lower_bound(kMostNotes, notes) - std::begin(kMostNotes));
}

TrackCells::NoteCount TrackCells::notes_of(int density) {
  const int least = density == 0 ? 1 : kMostNotes[density - 1] + 1;
  return {least, density < kDensities - 1 ? kMostNotes[density] : std::numeric_limits<int>::max()};
}

std::optional<int> TrackCells::pitch(TokenId token) const {
  for (const bool drums : {false, true}) {
    const PitchWords words = pitch_words(drums);
    if (token >= words.first && token < words.first + words.count) return words.lowest + token - words.first;
  }
  return std::nullopt;
}

}  // namespace continuo::tokens
