#include <algorithm>
#include <array>
#include <numeric>

#include "continuo/notation/midi_reader.h"

#include "../written/chord_symbols.h"
#include "score.h"

namespace continuo::notation::musicxml {
namespace {

using score::Ticks;

constexpr std::int32_t kUsualTicksPerQuarter = 480;
constexpr std::int64_t kMostTicksPerQuarter = 32767;  // that MIDI can say
constexpr Units kMaxQuarters = 10'000'000;
constexpr std::size_t kMaxOpenTies = 16;  // of one pitch

// The least ticks in which every length is whole, as the header says.
std::int32_t ticks_for(std::int64_t exact) {
  const std::int64_t common = std::lcm<std::int64_t>(exact, kUsualTicksPerQuarter);
  constexpr std::int64_t kMostCommon = 64 * kUsualTicksPerQuarter;
  if (common <= kMostCommon) return static_cast<std::int32_t>(common);
  return static_cast<std::int32_t>(exact <= kMostTicksPerQuarter ? exact : kUsualTicksPerQuarter);
}

// A note that a later one may continue.
struct OpenTie {
  Units end;
  std::uint32_t voice;
  std::size_t track, note, measure;
};

class Performance {
 public:
  Performance(const WrittenScore& written, const MusicXmlOptions& options, Diagnostics& log)
      : written_(written), options_(options), log_(log), units_(written.units_per_quarter) {}

  Result<score::Score> run() {
    score_.title = written_.title;
    if (written_.parts.empty()) return std::move(score_);
    lay_out();
    CONTINUO_TRY(check_size());
    choose_ticks();
    report_odd_bars(written_, layout_, bars_, log_);
    for (const BarLayout::Meter& meter : layout_.meters)
      score_.time_signatures.push_back({ticks(meter.onset), meter.numerator, meter.denominator});
    play_keys();
    for (const Part& part : written_.parts) play_part(part);
    play_harmony();
    score_.sort();
    remove_repeated();
    if (score_.duration().value > kLongestMusicSec) return too_large("it lasts more than a week");
    return std::move(score_);
  }

 private:
  static Error too_large(std::string what) { return {ErrorCode::too_large, std::move(what), {}, {}}; }

  // Whole quarters apart from the rest: their product could overflow.
  Ticks ticks(Units units) const {
    const std::int64_t per_quarter = score_.ticks_per_quarter;
    return Ticks(units / units_ * per_quarter + (units % units_ * per_quarter + units_ / 2) / units_);
  }
  const Measure* measure_of(const Part& part, const PlayedBar& bar) const {
    return bar.index < part.measures.size() ? &part.measures[bar.index] : nullptr;
  }

  void lay_out();
  Status check_size() const;
  void choose_ticks();
  void play_keys();
  void play_part(const Part& part);
  void play_note(const WrittenNote& note, const PlayedBar& bar, std::size_t track);
  void play_signs(const Measure& measure, const PlayedBar& bar);
  std::size_t track_of(const Part& part, const WrittenNote& note);
  int velocity_of(const WrittenNote& note, const PlayedBar& bar) const;
  void play_harmony();
  void remove_repeated();

  const WrittenScore& written_;
  const MusicXmlOptions& options_;
  Diagnostics& log_;
  Units units_;
  BarLayout layout_;
  std::vector<WrittenBar> bars_;
  score::Score score_;
  std::map<int, std::size_t> tracks_;  // of the part at hand, by group
  std::array<std::vector<OpenTie>, 128> ties_;
};

void Performance::lay_out() {
  const std::vector<Navigation> navigation = navigation_of(written_);
  for (const Part& part : written_.parts) {
    if (part.measures.size() == navigation.size()) continue;
    log_.add_once(DiagnosticKind::parts, place_in(part, part.measures.back().number),
                  "the part ends after " + std::to_string(part.measures.size()) + " of " +
                      std::to_string(navigation.size()) + " measures");
  }
  bars_ = bars_of(written_, navigation, log_);
  layout_ = lay_out_bars(navigation, bars_);
}

Status Performance::check_size() const {
  if (layout_.bars.empty()) return Error{ErrorCode::malformed, "the endings leave nothing to play", {}, {}};
  if (layout_.bars.size() >= kMaxPlayedMeasures) return too_large("too long when its repeats are written out");
  std::size_t items = 0;
  for (const Part& part : written_.parts) {
    for (const PlayedBar& bar : layout_.bars) {
      if (const Measure* m = measure_of(part, bar))
        items += m->notes.size() + m->tempos.size() + m->controllers.size() + m->markers.size() + m->keys.size() +
                 6 * m->chord_symbols.size();
    }
  }
  if (items > kMaxPlayedNotes) return too_large("too many notes when its repeats are written out");
  const PlayedBar& last = layout_.bars.back();
  if ((last.onset + last.length) / units_ > kMaxQuarters) return too_large("too long");
  return {};
}

void Performance::choose_ticks() {
  Units common = std::gcd(units_, layout_.pickup);
  for (const PlayedBar& bar : layout_.bars) common = std::gcd(common, bar.length);
  for (const Part& part : written_.parts) {
    for (const Measure& measure : part.measures) {
      for (const WrittenNote& note : measure.notes) common = std::gcd(std::gcd(common, note.offset), note.duration);
    }
  }
  score_.ticks_per_quarter = ticks_for(units_ / common);
}

void Performance::play_keys() {
  const auto has_key = [](const Measure& m) { return m.key.has_value() || !m.keys.empty(); };
  const auto part = std::find_if(written_.parts.begin(), written_.parts.end(), [&](const Part& p) {
    return std::any_of(p.measures.begin(), p.measures.end(), has_key);
  });
  if (part == written_.parts.end()) return;
  std::optional<Key> sounding;
  const auto set = [&](const Key& key, Units onset) {
    if (sounding != key) score_.key_signatures.push_back({ticks(onset), key.fifths, key.is_minor});
    sounding = key;
  };
  for (const PlayedBar& bar : layout_.bars) {
    const Measure* measure = measure_of(*part, bar);
    if (measure == nullptr) continue;
    if (measure->key) set(*measure->key, bar.onset == layout_.pickup ? 0 : bar.onset);
    for (const auto& [offset, key] : measure->keys) set(key, bar.onset + offset);
  }
}

std::size_t Performance::track_of(const Part& part, const WrittenNote& note) {
  const Instrument& instrument = part.instruments[note.instrument];
  const auto [found, is_new] = tracks_.emplace(instrument.group(), score_.tracks.size());
  if (is_new) {
    score::Track track;
    track.name = part.name.empty() ? part.id : part.name;
    track.is_drum = instrument.is_drum;
    if (!track.is_drum) track.program = static_cast<std::uint8_t>(instrument.program);
    score_.tracks.push_back(std::move(track));
  }
  return found->second;
}

void Performance::play_part(const Part& part) {
  tracks_.clear();
  for (auto& open : ties_) open.clear();
  const std::size_t first_track = score_.tracks.size();
  for (const PlayedBar& bar : layout_.bars) {
    const Measure* measure = measure_of(part, bar);
    if (measure == nullptr) continue;
    for (const WrittenNote& note : measure->notes) play_note(note, bar, track_of(part, note));
    play_signs(*measure, bar);
  }
  if (score_.tracks.size() == first_track) return;
  std::vector<score::ControlChange>& controls = score_.tracks[first_track].controls;
  for (const PlayedBar& bar : layout_.bars) {
    const Measure* measure = measure_of(part, bar);
    if (measure == nullptr) continue;
    for (const auto& [offset, controller] : measure->controllers)
      controls.push_back({ticks(bar.onset + offset), controller.number, controller.value});
  }
}

int Performance::velocity_of(const WrittenNote& note, const PlayedBar& bar) const {
  const WrittenBar& written = bars_[bar.index];
  if (note.has_own_velocity || written.is_free) return note.velocity;
  const Meter meter{written.numerator, written.denominator};
  const Units position = bar.bar_position + note.offset;
  const Units beat = 4 * units_ * (meter.is_compound() ? 3 : 1) / meter.denominator;
  const int nuance = position == 0 ? 8 : position % beat == 0 ? 0 : -6;
  return std::clamp(note.velocity + nuance, 1, 127);
}

void Performance::play_note(const WrittenNote& note, const PlayedBar& bar, std::size_t track) {
  const Units onset = bar.onset + note.offset, end = onset + note.duration;
  std::vector<OpenTie>& open = ties_[note.pitch];
  const Units slack = units_ / 64;  // of rounded tuplets
  std::erase_if(open, [&](const OpenTie& tie) { return tie.end + slack < onset; });
  std::vector<score::Note>& notes = score_.tracks[track].notes;
  std::size_t index = notes.size();
  const auto meets = [&](const OpenTie& tie) { return tie.end <= onset + slack && tie.track == track; };
  // Some programs lose the stop; behind a jump back there never was one.
  const auto goes_on = [&](const OpenTie& tie) {
    const bool is_next = tie.end > bar.onset || tie.measure < bar.index;
    return meets(tie) && tie.voice == note.voice && (note.stops_tie || is_next);
  };
  auto tie = std::find_if(open.begin(), open.end(), goes_on);
  if (tie == open.end() && note.stops_tie) tie = std::find_if(open.begin(), open.end(), meets);
  if (tie != open.end()) {
    index = tie->note;
    open.erase(tie);
  }
  if (index == notes.size())
    notes.push_back({ticks(onset), Ticks(0), note.pitch, static_cast<std::uint8_t>(velocity_of(note, bar))});
  notes[index].duration = std::max(Ticks(1), ticks(end) - notes[index].onset);
  if (note.starts_tie && open.size() < kMaxOpenTies) open.push_back({end, note.voice, track, index, bar.index});
}

void Performance::play_signs(const Measure& measure, const PlayedBar& bar) {
  for (const auto& [offset, tempo] : measure.tempos) score_.tempos.push_back({ticks(bar.onset + offset), tempo});
  for (const auto& [offset, text] : measure.markers) score_.markers.push_back({ticks(bar.onset + offset), text});
}

// Chord symbols of the first part that has any.
void Performance::play_harmony() {
  const auto part = std::find_if(written_.parts.begin(), written_.parts.end(), [](const Part& p) {
    return std::any_of(p.measures.begin(), p.measures.end(), [](const Measure& m) { return !m.chord_symbols.empty(); });
  });
  if (part == written_.parts.end()) return;
  score::Track track;
  track.name = "Chords";
  const auto velocity = static_cast<std::uint8_t>(std::max(1, options_.velocity * 7 / 10));
  ChordPlayer player;
  for (const PlayedBar& bar : layout_.bars) {
    std::vector<PlacedSymbol> symbols;
    if (const Measure* measure = measure_of(*part, bar)) {
      for (const auto& [offset, text] : measure->chord_symbols) {
        symbols.push_back({std::min(offset, bar.length), text});
        score_.chord_symbols.push_back({ticks(bar.onset + symbols.back().offset), text});
        if (!chord_pitches(text))
          log_.add_once(DiagnosticKind::chord_symbol, place_in(*part, measure->number),
                        "cannot play the chord " + text);
      }
    }
    std::stable_sort(symbols.begin(), symbols.end(), [](const auto& a, const auto& b) { return a.offset < b.offset; });
    for (const ChordSpan& chord : player.play(symbols, bar.length, bar.is_after_break)) {
      const Ticks begin = ticks(bar.onset + chord.begin), end = ticks(bar.onset + chord.end);
      if (begin == end) continue;
      for (const std::uint8_t pitch : chord.pitches) track.notes.push_back({begin, end - begin, pitch, velocity});
    }
  }
  if (options_.play_chords && !track.notes.empty()) score_.tracks.push_back(std::move(track));
}

// What several parts say at the same time is said once, by the first of them.
void Performance::remove_repeated() {
  const auto same_onset = [](const auto& a, const auto& b) { return a.onset == b.onset; };
  auto& tempos = score_.tempos;
  tempos.erase(std::unique(tempos.begin(), tempos.end(), same_onset), tempos.end());
  auto& markers = score_.markers;
  std::set<std::pair<std::int64_t, std::string>> known;
  std::erase_if(markers, [&](const score::Marker& m) { return !known.insert({m.onset.value, m.text}).second; });
}

}  // namespace

Result<score::Score> play(const WrittenScore& written, const MusicXmlOptions& options, Diagnostics& log) {
  return Performance(written, options, log).run();
}

}  // namespace continuo::notation::musicxml
