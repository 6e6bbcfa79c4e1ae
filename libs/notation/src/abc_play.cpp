#include <algorithm>
#include <numeric>

#include "abc_tune.h"

namespace continuo::notation::abc {
namespace {

using score::Ticks;

Ticks to_ticks(Units units) { return Ticks((units + kUnitsPerTick / 2) / kUnitsPerTick); }

// A measure in its place in time.
struct Played {
  std::size_t index = 0;
  Units onset = 0;
  Units length = 0;
  Units bar_position = 0;       // where in its bar it begins: not 0 for a pickup and what completes one
  bool is_after_break = false;  // a double bar, a repeat sign, an ending or a jump stands before it
};

Navigation merged(const Navigation& a, const Navigation& b) {
  Navigation both = a;
  both.starts_repeat |= b.starts_repeat;
  both.ends_section |= b.ends_section;
  both.passes = std::max(a.passes, b.passes);
  if (both.endings.empty()) both.endings = b.endings;
  both.segno |= b.segno;
  both.coda |= b.coda;
  both.to_coda |= b.to_coda;
  both.fine |= b.fine;
  both.da_capo |= b.da_capo;
  both.dal_segno |= b.dal_segno;
  return both;
}

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
    if (played_.empty()) return error_at(tune_.place, "the tune's endings leave nothing to play");
    if (played_.size() >= kMaxPlayedMeasures) {
      return error_at(tune_.place, "the tune is too long when its repeats are written out", ErrorCode::too_large);
    }
    score_.title = tune_.title;
    score_.ticks_per_quarter = kTicksPerQuarter;
    CONTINUO_TRY(header_tempo());
    place_bars();
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
  void place_bars();
  void check_last_bar();
  bool completes_a_bar(Units length) const;
  void report_bar(const Measure& measure, const Meter& meter);
  void play_part(const Part& part);
  void play_measure(const Measure& measure, const Played& played, score::Track& track);
  void play_element(const Element& element, const Played& played, const Meter& meter, score::Track& track);
  void play_signs(const Measure& measure, const Played& played);
  void play_chords();
  void play_chords_of(const Played& played, std::string& sounding, score::Track& track);
  void strike(const std::string& symbol, Units begin, Units end, score::Track& track) const;
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
  std::vector<Played> played_;  // by the first part; the others follow it, or their own order where they differ
  Units pickup_ = 0;
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

std::vector<Played> laid_out(std::span<const Navigation> navigation, std::span<const Units> lengths) {
  std::vector<Played> played;
  Units onset = 0;
  for (const std::size_t index : play_order(navigation)) {
    const bool jumped = played.empty() || played.back().index + 1 != index;
    const bool after_break = jumped || navigation[index].starts_repeat || !navigation[index].endings.empty() ||
                             navigation[index - 1].ends_section;
    played.push_back({index, onset, lengths[index], 0, after_break});
    onset += lengths[index];
  }
  return played;
}

void Performance::lay_out() {
  const std::size_t count = parts_.front().measures.size();
  std::vector<Navigation> navigation(count);
  std::vector<Units> lengths(count, 0);
  for (const Part& part : parts_) {
    if (part.measures.size() != count) {
      log_.note(AbcDiagnostic::Kind::voices, part.measures.back().place,
                "voice " + part.voice->id + " has " + std::to_string(part.measures.size()) + " bars, voice " +
                    parts_.front().voice->id + " has " + std::to_string(count));
      continue;
    }
    for (std::size_t i = 0; i < count; ++i) {
      navigation[i] = merged(navigation[i], part.measures[i].navigation);
      lengths[i] = std::max(lengths[i], part.measures[i].length);
    }
  }
  played_ = laid_out(navigation, lengths);
}

Status Performance::header_tempo() {
  const auto tempo = parse_tempo(tune_.tempo_text, tune_.unit());
  if (!tempo) return log_.problem(tune_.place, "Q: is not a tempo");
  if (*tempo > 0) score_.tempos.push_back({Ticks(), *tempo});
  return {};
}

void Performance::report_bar(const Measure& measure, const Meter& meter) {
  const Units common = std::gcd(measure.length, kUnitsPerWhole);
  log_.note(AbcDiagnostic::Kind::bar_length, measure.place,
            "a bar of " + std::to_string(measure.length / common) + "/" + std::to_string(kUnitsPerWhole / common) +
                " in " + std::to_string(meter.numerator) + "/" + std::to_string(meter.denominator) + " time");
}

// Gives every played measure its place in a bar, and the Score the time signatures that make its BarGrid agree.
void Performance::place_bars() {
  const std::vector<Measure>& measures = parts_.front().measures;
  const Meter& first = measures[played_.front().index].meter;
  if (!first.is_free && played_.size() > 1 && played_.front().length < first.bar_length()) {
    pickup_ = first.bar_length() - played_.front().length;
  }
  Units anchor = 0;
  std::optional<Meter> meter;
  for (std::size_t i = 0; i < played_.size(); ++i) {
    Played& p = played_[i];
    const Measure& m = measures[p.index];
    p.onset += pickup_;
    const Units bar = m.meter.bar_length();
    if (!meter || *meter != m.meter) {
      const Units cut = meter && !meter->is_free ? (p.onset - anchor) % meter->bar_length() : 0;
      if (cut != 0 && i > 0) report_bar(measures[played_[i - 1].index], *meter);
      anchor = meter ? p.onset : 0;
      if (!m.meter.is_free)
        score_.time_signatures.push_back({to_ticks(anchor), m.meter.numerator, m.meter.denominator});
      meter = m.meter;
    }
    if (m.meter.is_free) continue;
    p.bar_position = (p.onset - anchor) % bar;
    const bool completes = (i == 0 || p.is_after_break) && p.bar_position + p.length <= bar;
    if (p.bar_position != 0 && !completes) {
      report_bar(measures[played_[i - 1].index], m.meter);
      anchor = p.onset;
      p.bar_position = 0;
      score_.time_signatures.push_back({to_ticks(anchor), m.meter.numerator, m.meter.denominator});
    }
    if (p.length > bar) report_bar(m, m.meter);
  }
  check_last_bar();
}

// Some pickup in the tune is what this bar lacks.
bool Performance::completes_a_bar(Units length) const {
  return std::any_of(played_.begin(), played_.end(),
                     [length](const Played& p) { return p.is_after_break && p.length == length; });
}

void Performance::check_last_bar() {
  const Played& last = played_.back();
  const Measure& m = parts_.front().measures[last.index];
  const Units missing = m.meter.bar_length() - last.bar_position - last.length;
  if (!m.meter.is_free && missing > 0 && played_.size() > 1 && !completes_a_bar(missing)) {
    report_bar(m, m.meter);
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
    for (const Played& p : played_) play_measure(part.measures[p.index], p, track);
  } else {
    std::vector<Navigation> navigation;
    std::vector<Units> lengths;
    for (const Measure& m : part.measures) {
      navigation.push_back(m.navigation);
      lengths.push_back(m.length);
    }
    for (Played p : laid_out(navigation, lengths)) {
      p.onset += pickup_;
      p.bar_position = p.index == 0 ? pickup_ : 0;
      play_measure(part.measures[p.index], p, track);
    }
  }
  if (!track.notes.empty()) score_.tracks.push_back(std::move(track));
}

void Performance::play_measure(const Measure& measure, const Played& played, score::Track& track) {
  play_signs(measure, played);
  std::vector<const Element*> elements;
  for (const Element& element : measure.elements) elements.push_back(&element);
  std::stable_sort(elements.begin(), elements.end(),
                   [](const Element* a, const Element* b) { return a->offset < b->offset; });
  for (const Element* element : elements) play_element(*element, played, measure.meter, track);
}

void Performance::play_element(const Element& element, const Played& played, const Meter& meter, score::Track& track) {
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
void Performance::play_signs(const Measure& measure, const Played& played) {
  if (score_.tracks.empty()) {
    set_key(measure.key, played.index == 0 && played.onset == pickup_ ? 0 : played.onset);
    for (const auto& [offset, key] : measure.key_changes) set_key(key, played.onset + offset);
  }
  const auto at = [&played](Units offset) { return to_ticks(played.onset + offset); };
  for (const auto& [offset, tempo] : measure.tempos) score_.tempos.push_back({at(offset), tempo});
  for (const auto& [offset, text] : measure.chord_symbols) score_.chord_symbols.push_back({at(offset), text});
  for (const auto& [offset, text] : measure.markers) score_.markers.push_back({at(offset), text});
}

void Performance::strike(const std::string& symbol, Units begin, Units end, score::Track& track) const {
  const auto pitches = chord_pitches(symbol);
  if (!pitches || end <= begin) return;
  const auto velocity = static_cast<std::uint8_t>(std::max(1, options_.velocity * 7 / 10));
  for (const std::uint8_t pitch : *pitches) {
    track.notes.push_back({to_ticks(begin), to_ticks(end) - to_ticks(begin), pitch, velocity});
  }
}

void Performance::play_chords_of(const Played& played, std::string& sounding, score::Track& track) {
  std::vector<At<std::string>> symbols;
  for (const Part& part : parts_) {
    if (part.measures.size() != parts_.front().measures.size()) continue;
    const auto& own = part.measures[played.index].chord_symbols;
    symbols.insert(symbols.end(), own.begin(), own.end());
  }
  std::stable_sort(symbols.begin(), symbols.end(), [](const auto& a, const auto& b) { return a.offset < b.offset; });
  if (played.is_after_break) sounding.clear();
  Units begin = 0;
  for (const auto& [offset, text] : symbols) {
    if (!chord_pitches(text)) continue;
    if (offset > begin && !sounding.empty()) strike(sounding, played.onset + begin, played.onset + offset, track);
    sounding = text;
    begin = offset;
  }
  if (!sounding.empty()) strike(sounding, played.onset + begin, played.onset + played.length, track);
}

void Performance::play_chords() {
  score::Track track;
  track.name = "Chords";
  std::string sounding;
  for (const Played& p : played_) play_chords_of(p, sounding, track);
  if (!track.notes.empty()) score_.tracks.push_back(std::move(track));
}

}  // namespace

Result<score::Score> play(const Tune& tune, const AbcOptions& options, Log& log) {
  return Performance(tune, options, log).run();
}

}  // namespace continuo::notation::abc
