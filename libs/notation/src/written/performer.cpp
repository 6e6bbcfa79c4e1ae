#include "performer.h"

#include <algorithm>
#include <array>
#include <map>
#include <numeric>
#include <set>
#include <utility>

#include "continuo/midi/event.h"
#include "continuo/notation/midi_reader.h"

#include "../text_encoding.h"
#include "bars.h"
#include "chord_symbols.h"
#include "lyrics.h"

// How a written score becomes one that sounds. The bars that all parts share are laid out first: in which order they
// are played, and where each begins, in the score's own exact units. Everything else is then a walk over played bars,
// in which a thing sounds at the bar's onset plus its offset. Units become ticks only at the very end and each for
// itself, so that rounding never adds up. A tied note lengthens a note that is there already: `ties_` knows those that
// may still continue.
namespace continuo::notation::written {
namespace {

using score::Ticks;

constexpr std::int32_t kUsualTicksPerQuarter = 480;
constexpr std::int64_t kMostTicksPerQuarter = 32767;  // that MIDI can hold
constexpr Units kMaxQuarters = 10'000'000;
constexpr std::size_t kMaxPlayedNotes = 4'000'000;
constexpr std::size_t kMaxOpenTies = 16;  // of one pitch

// The fewest ticks in which every length is whole, as musicxml.h says.
std::int32_t ticks_for(std::int64_t exact) {
  const std::int64_t common = std::lcm<std::int64_t>(exact, kUsualTicksPerQuarter);
  constexpr std::int64_t kMostCommon = 64 * kUsualTicksPerQuarter;
  if (common <= kMostCommon) return static_cast<std::int32_t>(common);
  return static_cast<std::int32_t>(exact <= kMostTicksPerQuarter ? exact : kUsualTicksPerQuarter);
}

Error too_large(std::string what) { return {ErrorCode::too_large, std::move(what), {}, {}}; }

// A note that a later one may continue.
struct OpenTie {
  Units end;
  std::uint32_t voice;
  std::size_t track, note, measure;
};

// A part with the bars that it is played in.
struct PlayedPart {
  const Part* part = nullptr;
  bool shares_bars = true;
  SharedBars own;                     // where it does not share those of the others
  std::vector<PlayedBar> own_played;  // the same
};

class Performance {
 public:
  Performance(const WrittenScore& written, const PerformanceOptions& options, Diagnostics& diagnostics)
      : written_(written), options_(options), diagnostics_(diagnostics), units_(written.units_per_quarter) {}

  Result<Performed> run() {
    score_.title = written_.title;
    if (written_.parts.empty()) return finished();
    collect_parts();
    lay_out();
    CONTINUO_TRY(check_size());
    choose_ticks();
    play_meters();
    play_keys();
    play_tempos_after_jumps();
    for (const PlayedPart& played : parts_) play_part(played);
    play_harmony();
    score_.sort();
    remove_repeated();
    if (score_.duration().value > kLongestMusicSec) return too_large("it lasts more than a week");
    return finished();
  }

 private:
  Performed finished() {
    return {.piece = {.score = std::move(score_), .side_tracks = std::move(side_tracks_)},
            .unsung_syllables = unsung_syllables_};
  }
  // Whole quarters apart from the rest: their product could overflow.
  Ticks ticks(Units units) const {
    const std::int64_t per_quarter = score_.ticks_per_quarter;
    return Ticks(units / units_ * per_quarter + (units % units_ * per_quarter + units_ / 2) / units_);
  }
  static const Measure* measure_of(const Part& part, const PlayedBar& bar) {
    return bar.index < part.measures.size() ? &part.measures[bar.index] : nullptr;
  }
  const std::vector<PlayedBar>& bars_of(const PlayedPart& played) const {
    return played.shares_bars ? layout_.bars : played.own_played;
  }
  const WrittenBar& written_bar(const PlayedPart& played, const PlayedBar& bar) const {
    return played.shares_bars ? shared_.bars[bar.index] : played.own.bars[bar.index];
  }

  void collect_parts();
  void lay_out();
  Status check_size() const;
  void choose_ticks();
  void play_meters();
  void play_keys();
  std::vector<std::int32_t> tempos_before_measures() const;
  void play_tempos_after_jumps();
  void play_part(const PlayedPart& played);
  void play_note(const Note& note, const PlayedBar& bar, std::size_t track, int velocity);
  std::vector<OpenTie>::iterator tie_into(const Note& note, Units onset, const PlayedBar& bar, std::size_t track);
  void play_signs(const Measure& measure, const PlayedBar& bar);
  void play_controllers(const PlayedPart& played, score::Track& track) const;
  void play_lyrics(const PlayedPart& played, std::size_t first_track);
  std::size_t track_of(const Part& part, const Note& note);
  int velocity_of(const Note& note, const PlayedBar& bar, const Meter& meter) const;
  void play_harmony();
  static std::vector<PlacedSymbol> symbols_in(const Part& part, const PlayedBar& bar);
  void keep_chord_symbols(const std::vector<PlacedSymbol>& symbols, const PlayedBar& bar);
  void remove_repeated();

  const WrittenScore& written_;
  const PerformanceOptions& options_;
  Diagnostics& diagnostics_;
  Units units_;
  std::vector<PlayedPart> parts_;
  std::vector<const Part*> sharing_;  // parts that share their bars
  SharedBars shared_;
  BarLayout layout_;
  score::Score score_;
  std::vector<SideTrack> side_tracks_;
  std::size_t unsung_syllables_ = 0;
  std::map<int, std::size_t> tracks_;  // of the part at hand, by group
  std::array<std::vector<OpenTie>, 128> ties_;
};

// Parts share their bars: all of them, or those with as many measures as the first.
void Performance::collect_parts() {
  const bool share_all = written_.conventions.parts_share_measures;
  std::size_t count = written_.parts.front().measures.size();
  for (const Part& part : written_.parts) count = share_all ? std::max(count, part.measures.size()) : count;
  for (const Part& part : written_.parts) {
    const bool is_equal = part.measures.size() == count;
    parts_.push_back({.part = &part, .shares_bars = share_all || is_equal});
    if (parts_.back().shares_bars) sharing_.push_back(&part);
    if (is_equal) continue;
    diagnostics_.add_once(DiagnosticKind::parts, part.place_of(part.measures.back().place),
                          "part " + excerpt(part.id) + " has " + std::to_string(part.measures.size()) +
                              " measures where others have " + std::to_string(count));
  }
}

void Performance::lay_out() {
  shared_ = shared_bars(written_, sharing_);
  layout_ = lay_out_bars(shared_.navigation, shared_.bars, shared_.sections);
  for (PlayedPart& played : parts_) {
    if (played.shares_bars) continue;
    played.own = shared_bars(written_, {&played.part, 1});
    played.own_played = played_in_order(played.own.navigation, played.own.bars, played.own.sections);
    for (PlayedBar& bar : played.own_played) {
      bar.onset += layout_.pickup;
      bar.bar_position = bar.index == 0 ? layout_.pickup : 0;
    }
  }
}

Status Performance::check_size() const {
  if (layout_.bars.empty()) return Error{ErrorCode::malformed, "the endings leave nothing to play", {}, {}};
  if (layout_.bars.size() >= kMaxPlayedMeasures) return too_large("too long when its repeats are written out");
  std::size_t items = 0;
  for (const PlayedPart& played : parts_) {
    for (const PlayedBar& bar : bars_of(played)) {
      if (const Measure* m = measure_of(*played.part, bar))
        items += m->notes.size() + m->tempos.size() + m->controllers.size() + m->markers.size() + m->keys.size() +
                 m->lyrics.size() + 6 * m->chord_symbols.size();
    }
  }
  if (items > kMaxPlayedNotes) return too_large("too many notes when its repeats are written out");
  const PlayedBar& last = layout_.bars.back();
  if ((last.onset + last.length) / units_ > kMaxQuarters) return too_large("too long");
  return {};
}

void Performance::choose_ticks() {
  score_.ticks_per_quarter = written_.conventions.ticks_per_quarter;
  if (score_.ticks_per_quarter > 0) return;
  Units common = std::gcd(units_, layout_.pickup);
  for (const PlayedBar& bar : layout_.bars) common = std::gcd(common, bar.length);
  for (const Part& part : written_.parts) {
    for (const Measure& measure : part.measures) {
      for (const Note& note : measure.notes)
        if (!note.is_grace) common = std::gcd(std::gcd(common, note.offset), note.duration);
    }
  }
  score_.ticks_per_quarter = ticks_for(units_ / common);
}

void Performance::play_meters() {
  for (const BarLayout::Meter& meter : layout_.meters)
    score_.time_signatures.push_back({ticks(meter.onset), meter.numerator, meter.denominator});
  for (const auto& [onset, length] : layout_.irregular) {
    const score::Ticks in_ticks = ticks(onset + length) - ticks(onset);
    if (in_ticks > score::Ticks(0)) score_.irregular_bars.push_back({ticks(onset), in_ticks});
  }
  for (const auto& [index, numerator, denominator] : layout_.odd_bars) {
    WrittenBar bar = shared_.bars[index];
    bar.numerator = numerator;
    bar.denominator = denominator;
    report_odd_bar(written_, sharing_, index, bar, diagnostics_);
  }
}

// Keys are those of the first part that has any.
void Performance::play_keys() {
  const auto has_key = [](const Measure& m) { return m.key.has_value() || !m.keys.empty(); };
  const auto part = std::find_if(sharing_.begin(), sharing_.end(), [&](const Part* p) {
    return std::any_of(p->measures.begin(), p->measures.end(), has_key);
  });
  if (part == sharing_.end()) return;
  std::optional<Key> sounding;
  const auto set = [&](const Key& key, Units onset) {
    if (sounding != key && !key.is_none) score_.key_signatures.push_back({ticks(onset), key.fifths, key.is_minor});
    sounding = key;
  };
  for (const PlayedBar& bar : layout_.bars) {
    const Measure* measure = measure_of(**part, bar);
    if (measure == nullptr) continue;
    if (measure->key) set(*measure->key, bar.onset == layout_.pickup ? 0 : bar.onset);
    for (const auto& [offset, key] : measure->keys) set(key, bar.onset + offset);
  }
}

// The tempo in force at the beginning of each measure as it is written, and after the last one.
std::vector<std::int32_t> Performance::tempos_before_measures() const {
  std::vector<std::int32_t> tempos = {written_.tempo.value_or(score::Tempo{}.microseconds_per_quarter)};
  for (std::size_t i = 0; i < shared_.bars.size(); ++i) {
    std::int32_t tempo = tempos.back();
    Units latest = -1;
    for (const Part* part : sharing_) {
      if (i >= part->measures.size()) continue;
      for (const auto& [offset, value] : part->measures[i].tempos) {
        if (offset > latest) tempo = value;
        latest = std::max(latest, offset);
      }
    }
    tempos.push_back(tempo);
  }
  return tempos;
}

// A tempo belongs to its place: after a jump the one holds that was in force there.
void Performance::play_tempos_after_jumps() {
  const std::vector<std::int32_t> tempos = tempos_before_measures();
  const auto has_own = [](const Measure& m) {
    return std::ranges::any_of(m.tempos, [](const auto& tempo) { return tempo.offset == 0; });
  };
  for (std::size_t i = 1; i < layout_.bars.size(); ++i) {
    const PlayedBar& bar = layout_.bars[i];
    const std::size_t next_as_written = layout_.bars[i - 1].index + 1;
    if (bar.index == next_as_written || tempos[bar.index] == tempos[next_as_written]) continue;
    const bool is_given = std::ranges::any_of(sharing_, [&](const Part* part) {
      return bar.index < part->measures.size() && has_own(part->measures[bar.index]);
    });
    if (!is_given) score_.tempos.push_back({ticks(bar.onset), tempos[bar.index]});
  }
}

std::size_t Performance::track_of(const Part& part, const Note& note) {
  const Instrument& instrument = part.instruments[note.instrument];
  const auto [found, is_new] = tracks_.emplace(instrument.group(), score_.tracks.size());
  if (is_new) {
    score::Track track;
    track.name = part.name;
    track.is_drum = instrument.is_drum;
    if (!track.is_drum) track.program = static_cast<std::uint8_t>(instrument.program);
    score_.tracks.push_back(std::move(track));
  }
  return found->second;
}

void Performance::play_part(const PlayedPart& played) {
  const Part& part = *played.part;
  tracks_.clear();
  for (auto& open : ties_) open.clear();
  const std::size_t first_track = score_.tracks.size();
  for (const PlayedBar& bar : bars_of(played)) {
    const Measure* measure = measure_of(part, bar);
    if (measure == nullptr) continue;
    const WrittenBar& shared = written_bar(played, bar);
    const bool has_own_meter = written_.conventions.parts_have_own_meter && measure->meter;
    const Meter meter = has_own_meter ? *measure->meter : Meter{shared.numerator, shared.denominator, shared.is_free};
    for (const Note& note : measure->notes) play_note(note, bar, track_of(part, note), velocity_of(note, bar, meter));
    play_signs(*measure, bar);
    if (!played.shares_bars) keep_chord_symbols(symbols_in(part, bar), bar);  // which are not played
  }
  if (score_.tracks.size() > first_track) play_controllers(played, score_.tracks[first_track]);
  play_lyrics(played, first_track);
}

void Performance::play_controllers(const PlayedPart& played, score::Track& track) const {
  for (const PlayedBar& bar : bars_of(played)) {
    const Measure* measure = measure_of(*played.part, bar);
    if (measure == nullptr) continue;
    for (const auto& [offset, controller] : measure->controllers)
      track.controls.push_back({ticks(bar.onset + offset), controller.number, controller.value});
  }
}

// Each syllable goes with the track of its note. A rest may have one in a part whose other notes are of another
// instrument; it goes with the first track.
void Performance::play_lyrics(const PlayedPart& played, std::size_t first_track) {
  const Part& part = *played.part;
  const bool has_tracks = score_.tracks.size() > first_track;
  VerseChooser verses(part);
  std::map<std::size_t, std::vector<SideEvent>> events;  // by track
  for (const PlayedBar& bar : bars_of(played)) {
    if (!has_tracks || measure_of(part, bar) == nullptr) continue;
    for (const At<Syllable>* each : verses.play(bar.index)) {
      const auto& [offset, syllable] = *each;
      const auto track = tracks_.find(part.instruments[syllable.instrument].group());
      events[track != tracks_.end() ? track->second : first_track].push_back(
          {.onset = ticks(bar.onset + offset),
           .type = midi::meta::kLyric,
           .payload = syllable.text + (syllable.ends_word ? " " : "")});
    }
  }
  unsung_syllables_ += verses.unsung();
  for (auto& [track, sung] : events) {
    std::ranges::stable_sort(sung, {}, &SideEvent::onset);
    side_tracks_.push_back({.home = SideTrack::Home::track, .track = track, .events = std::move(sung)});
  }
}

// Accents: the beginning of a bar is 8 louder, what is between beats 6 softer.
int Performance::velocity_of(const Note& note, const PlayedBar& bar, const Meter& meter) const {
  if (note.has_own_velocity || meter.is_free) return note.velocity;
  const Units position = bar.bar_position + note.offset;
  const bool is_on_beat = position % meter.beat_length(4 * units_) == 0 && !note.is_grace;
  const int nuance = !is_on_beat ? -6 : position == 0 ? 8 : 0;
  return std::clamp(note.velocity + nuance, 1, 127);
}

// The open note that `note` continues: one of the same voice that ends where it begins, or, where it asks for one, of
// any voice. Some programs lose the end of a tie, so that a note that does not ask is taken as well; but not after a
// jump back, where it never had one.
std::vector<OpenTie>::iterator Performance::tie_into(const Note& note, Units onset, const PlayedBar& bar,
                                                     std::size_t track) {
  std::vector<OpenTie>& open = ties_[note.pitch];
  const Units slack = written_.conventions.tie_slack;
  if (note.is_grace && !note.stops_tie) return open.end();
  std::erase_if(open, [&](const OpenTie& tie) { return tie.end + slack < onset; });
  const auto meets = [&](const OpenTie& tie) { return tie.end <= onset + slack && tie.track == track; };
  const auto continues = [&](const OpenTie& tie) {
    const bool is_next = tie.end > bar.onset || tie.measure < bar.index;
    return meets(tie) && tie.voice == note.voice && (note.stops_tie || is_next);
  };
  const auto tie = std::find_if(open.begin(), open.end(), continues);
  return tie == open.end() && note.stops_tie ? std::find_if(open.begin(), open.end(), meets) : tie;
}

void Performance::play_note(const Note& note, const PlayedBar& bar, std::size_t track, int velocity) {
  const Units offset = note.offset + (note.is_grace ? note.delay : 0);
  const Units last = note.offset + note.duration, end = bar.onset + (note.is_grace ? last : std::min(last, bar.length));
  Units onset = bar.onset + offset;
  std::vector<OpenTie>& open = ties_[note.pitch];
  std::vector<score::Note>& notes = score_.tracks[track].notes;
  std::size_t index = notes.size();
  auto tie = tie_into(note, onset, bar, track);
  // What leads to a note may be tied to it.
  if (tie == open.end() && note.delay > 0 && !note.is_grace) tie = tie_into(note, onset += note.delay, bar, track);
  if (tie != open.end()) {
    index = tie->note;
    open.erase(tie);
  } else {
    notes.push_back({ticks(onset), Ticks(0), note.pitch, static_cast<std::uint8_t>(velocity)});
  }
  notes[index].duration = std::max(Ticks(1), ticks(end) - notes[index].onset);
  if (note.starts_tie && open.size() < kMaxOpenTies) open.push_back({end, note.voice, track, index, bar.index});
}

void Performance::play_signs(const Measure& measure, const PlayedBar& bar) {
  for (const auto& [offset, tempo] : measure.tempos) score_.tempos.push_back({ticks(bar.onset + offset), tempo});
  for (const auto& [offset, text] : measure.markers) score_.markers.push_back({ticks(bar.onset + offset), text});
}

std::vector<PlacedSymbol> Performance::symbols_in(const Part& part, const PlayedBar& bar) {
  std::vector<PlacedSymbol> symbols;
  if (const Measure* measure = measure_of(part, bar)) {
    for (const auto& [offset, text] : measure->chord_symbols) symbols.push_back({std::min(offset, bar.length), text});
  }
  std::stable_sort(symbols.begin(), symbols.end(), [](const auto& a, const auto& b) { return a.offset < b.offset; });
  return symbols;
}

void Performance::keep_chord_symbols(const std::vector<PlacedSymbol>& symbols, const PlayedBar& bar) {
  for (const auto& [offset, text] : symbols)
    score_.chord_symbols.push_back({ticks(bar.onset + offset), std::string(text)});
}

// Chord symbols of the first part that has any.
void Performance::play_harmony() {
  const auto part = std::find_if(sharing_.begin(), sharing_.end(), [](const Part* p) {
    return std::any_of(p->measures.begin(), p->measures.end(),
                       [](const Measure& m) { return !m.chord_symbols.empty(); });
  });
  if (part == sharing_.end()) return;
  score::Track track;
  track.name = "Chords";
  const auto velocity = static_cast<std::uint8_t>(std::max(1, options_.velocity * 7 / 10));
  ChordPlayer player;
  for (const PlayedBar& bar : layout_.bars) {
    const std::vector<PlacedSymbol> symbols = symbols_in(**part, bar);
    keep_chord_symbols(symbols, bar);
    for (const ChordSpan& chord : player.play(symbols, bar.length, bar.is_after_break)) {
      const Ticks begin = ticks(bar.onset + chord.begin), end = ticks(bar.onset + chord.end);
      if (begin == end) continue;
      for (const std::uint8_t pitch : chord.pitches) track.notes.push_back({begin, end - begin, pitch, velocity});
    }
  }
  if (options_.play_chords && !track.notes.empty()) score_.tracks.push_back(std::move(track));
}

// What several parts have at the same time is there once, as the first of them has it.
void Performance::remove_repeated() {
  auto& tempos = score_.tempos;
  const auto same_onset = [](const auto& a, const auto& b) { return a.onset == b.onset; };
  tempos.erase(std::unique(tempos.begin(), tempos.end(), same_onset), tempos.end());
  if (written_.tempo && (tempos.empty() || tempos.front().onset > Ticks(0)))
    tempos.insert(tempos.begin(), {Ticks(0), *written_.tempo});
  std::set<std::pair<std::int64_t, std::string>> known;
  std::erase_if(score_.markers, [&](const score::Marker& m) { return !known.insert({m.onset.value, m.text}).second; });
}

}  // namespace

Result<Performed> perform(const WrittenScore& written, const PerformanceOptions& options, Diagnostics& diagnostics) {
  return Performance(written, options, diagnostics).run();
}

}  // namespace continuo::notation::written
