#include <algorithm>

#include "tune.h"

namespace continuo::notation::abc {
namespace {

using score::Ticks;

Ticks to_ticks(Units units) { return Ticks((units + kUnitsPerTick / 2) / kUnitsPerTick); }

// A voice without the measure that its last bar line opened.
std::vector<Measure> closed_measures(const Voice& voice) {
  std::vector<Measure> measures = voice.measures;
  while (!measures.empty() && measures.back().length == 0) measures.pop_back();
  return measures;
}

struct Part {
  const Voice* voice = nullptr;
  std::vector<Measure> measures;
};

// What several voices say at the same time is said once.
template <typename Sign>
void remove_repeated(std::vector<Sign>& signs) {
  signs.erase(std::unique(signs.begin(), signs.end()), signs.end());
}

class Performance {
 public:
  Performance(const Tune& tune, const AbcOptions& options, Log& log) : tune_(tune), options_(options), log_(log) {}

  Result<score::Score> run() {
    collect_parts();
    if (parts_.empty()) return error_at(tune_.place, "the tune has no notes", ErrorCode::no_notes);
    lay_out();
    if (layout_.bars.empty()) return error_at(tune_.place, "the tune's endings leave nothing to play");
    if (layout_.bars.size() >= kMaxPlayedMeasures) {
      return error_at(tune_.place, "the tune is too long when its repeats are written out", ErrorCode::too_large);
    }
    score_.title = tune_.title;
    score_.ticks_per_quarter = kTicksPerQuarter;
    CONTINUO_TRY(header_tempo());
    take_meters();
    for (const Part& part : parts_) play_part(part);
    if (options_.play_chords) play_chords();
    score_.sort();
    remove_repeated(score_.tempos);
    remove_repeated(score_.chord_symbols);
    remove_repeated(score_.markers);
    if (score_.note_count() == 0) return error_at(tune_.place, "the tune has no notes", ErrorCode::no_notes);
    return std::move(score_);
  }

 private:
  void collect_parts();
  void lay_out();
  Status header_tempo();
  void take_meters();
  void play_part(const Part& part);
  void play_measure(const Measure& measure, const PlayedBar& played, score::Track& track);
  void play_element(const Element& element, const PlayedBar& played, const Meter& meter, score::Track& track);
  void play_signs(const Measure& measure, const PlayedBar& played);
  void play_chords();
  std::vector<PlacedSymbol> symbols_of(std::size_t measure) const;
  void set_key(const Key& key, Units onset);
  int velocity_at(Units bar_position, const Meter& meter) const;

  struct OpenTie {
    std::size_t note;
    Units end;
  };

  const Tune& tune_;
  const AbcOptions& options_;
  Log& log_;
  std::vector<Part> parts_;
  BarLayout layout_;  // by the first part; the others follow it, or their own order where they differ
  score::Score score_;
  std::optional<Key> key_;
  std::map<int, OpenTie> ties_;
};

void Performance::collect_parts() {
  for (const Voice& voice : tune_.voices) {
    Part part{&voice, closed_measures(voice)};
    if (!part.measures.empty()) parts_.push_back(std::move(part));
  }
}

WrittenBar written_bar(const Measure& measure) {
  const Meter& meter = measure.meter;
  return {.length = measure.length,
          .bar_length = meter.bar_length(),
          .numerator = meter.numerator,
          .denominator = meter.denominator,
          .is_free = meter.is_free};
}

void Performance::lay_out() {
  const std::size_t count = parts_.front().measures.size();
  std::vector<Navigation> navigation(count);
  std::vector<WrittenBar> bars;
  for (const Measure& measure : parts_.front().measures) bars.push_back(written_bar(measure));
  for (const Part& part : parts_) {
    if (part.measures.size() != count) {
      log_.note(DiagnosticKind::parts, part.measures.back().place,
                "voice " + part.voice->id + " has " + std::to_string(part.measures.size()) + " bars, voice " +
                    parts_.front().voice->id + " has " + std::to_string(count));
      continue;
    }
    for (std::size_t i = 0; i < count; ++i) {
      navigation[i] = merged(navigation[i], part.measures[i].navigation);
      bars[i].length = std::max(bars[i].length, part.measures[i].length);
    }
  }
  layout_ = lay_out_bars(navigation, bars);
}

Status Performance::header_tempo() {
  const auto tempo = parse_tempo(tune_.tempo_text, tune_.unit());
  if (!tempo) return log_.problem(tune_.place, "Q: is not a tempo");
  if (*tempo > 0) score_.tempos.push_back({Ticks(), *tempo});
  return {};
}

void Performance::take_meters() {
  for (const auto& [onset, numerator, denominator] : layout_.meters)
    score_.time_signatures.push_back({to_ticks(onset), numerator, denominator});
  for (const auto& [index, numerator, denominator] : layout_.odd_bars) {
    const Measure& measure = parts_.front().measures[index];
    log_.note(DiagnosticKind::bar_length, measure.place,
              odd_bar_text(measure.length, kUnitsPerWhole, numerator, denominator));
  }
}

int Performance::velocity_at(Units bar_position, const Meter& meter) const {
  if (meter.is_free) return options_.velocity;
  if (bar_position == 0) return options_.velocity + 8;
  return bar_position % meter.beat_length() == 0 ? options_.velocity : options_.velocity - 6;
}

void Performance::set_key(const Key& key, Units onset) {
  if (key_ && *key_ == key) return;
  if (!key.is_none) score_.key_signatures.push_back({to_ticks(onset), key.fifths, key.is_minor});
  key_ = key;
}

void Performance::play_part(const Part& part) {
  score::Track track;
  const bool is_alone = tune_.voices.size() == 1;
  track.name = !part.voice->name.empty() ? part.voice->name : is_alone ? "Melody" : part.voice->id;
  track.program = static_cast<std::uint8_t>(part.voice->program);
  ties_.clear();
  if (part.measures.size() == parts_.front().measures.size()) {
    for (const PlayedBar& p : layout_.bars) play_measure(part.measures[p.index], p, track);
  } else {
    std::vector<Navigation> navigation;
    std::vector<WrittenBar> bars;
    for (const Measure& m : part.measures) {
      navigation.push_back(m.navigation);
      bars.push_back(written_bar(m));
    }
    for (PlayedBar p : played_in_order(navigation, bars)) {
      p.onset += layout_.pickup;
      p.bar_position = p.index == 0 ? layout_.pickup : 0;
      play_measure(part.measures[p.index], p, track);
    }
  }
  if (!track.notes.empty()) score_.tracks.push_back(std::move(track));
}

void Performance::play_measure(const Measure& measure, const PlayedBar& played, score::Track& track) {
  play_signs(measure, played);
  std::vector<const Element*> elements;
  for (const Element& element : measure.elements) elements.push_back(&element);
  std::stable_sort(elements.begin(), elements.end(),
                   [](const Element* a, const Element* b) { return a->offset < b->offset; });
  for (const Element* element : elements) play_element(*element, played, measure.meter, track);
}

void Performance::play_element(const Element& element, const PlayedBar& played, const Meter& meter,
                               score::Track& track) {
  const Units onset = played.onset + element.offset;
  const int velocity = std::clamp(velocity_at(played.bar_position + element.offset, meter), 1, 127);
  std::map<int, OpenTie> ties;
  for (const auto& [pitch, tie] : ties_) {
    if (tie.end > onset) ties.emplace(pitch, tie);
  }
  for (const WrittenNote& written : element.notes) {
    const Units end = onset + written.duration;
    const auto tie = ties_.find(written.pitch);
    std::size_t index = track.notes.size();
    if (tie != ties_.end() && tie->second.end == onset) {
      index = tie->second.note;
    } else {
      track.notes.push_back(
          {to_ticks(onset), Ticks(0), static_cast<std::uint8_t>(written.pitch), static_cast<std::uint8_t>(velocity)});
    }
    score::Note& note = track.notes[index];
    note.duration = std::max(Ticks(1), to_ticks(end) - note.onset);
    if (written.is_tied) ties[written.pitch] = {index, end};
  }
  ties_ = std::move(ties);
}

// Keys come from the first part; tempos, chord symbols and markers from all of them.
void Performance::play_signs(const Measure& measure, const PlayedBar& played) {
  if (score_.tracks.empty()) {
    set_key(measure.key, played.index == 0 && played.onset == layout_.pickup ? 0 : played.onset);
    for (const auto& [offset, key] : measure.key_changes) set_key(key, played.onset + offset);
  }
  const auto at = [&played](Units offset) { return to_ticks(played.onset + offset); };
  for (const auto& [offset, tempo] : measure.tempos) score_.tempos.push_back({at(offset), tempo});
  for (const auto& [offset, text] : measure.chord_symbols) score_.chord_symbols.push_back({at(offset), text});
  for (const auto& [offset, text] : measure.markers) score_.markers.push_back({at(offset), text});
}

std::vector<PlacedSymbol> Performance::symbols_of(std::size_t measure) const {
  std::vector<PlacedSymbol> symbols;
  for (const Part& part : parts_) {
    if (part.measures.size() != parts_.front().measures.size()) continue;
    for (const auto& [offset, text] : part.measures[measure].chord_symbols) symbols.push_back({offset, text});
  }
  std::stable_sort(symbols.begin(), symbols.end(), [](const auto& a, const auto& b) { return a.offset < b.offset; });
  return symbols;
}

void Performance::play_chords() {
  score::Track track;
  track.name = "Chords";
  const auto velocity = static_cast<std::uint8_t>(std::max(1, options_.velocity * 7 / 10));
  ChordPlayer player;
  for (const PlayedBar& p : layout_.bars) {
    for (const ChordSpan& chord : player.play(symbols_of(p.index), p.length, p.is_after_break)) {
      const Ticks begin = to_ticks(p.onset + chord.begin), end = to_ticks(p.onset + chord.end);
      for (const std::uint8_t pitch : chord.pitches) track.notes.push_back({begin, end - begin, pitch, velocity});
    }
  }
  if (!track.notes.empty()) score_.tracks.push_back(std::move(track));
}

}  // namespace

Result<score::Score> play(const Tune& tune, const AbcOptions& options, Log& log) {
  return Performance(tune, options, log).run();
}

}  // namespace continuo::notation::abc
