#include "beat_words.h"

#include <algorithm>
#include <cmath>
#include <cstdio>

#include "../core/grid_notes.h"
#include "task_words.h"

namespace continuo::tokens {
namespace {

constexpr std::uint8_t kDefaultVelocity = 100;

struct Length {
  int beats, steps, steps_per_beat;
};

std::vector<Length> lengths_of(const std::vector<BeatResolution>& resolutions, bool deviations) {
  std::vector<Length> lengths;
  for (const BeatResolution& range : resolutions)
    for (int beats = range.from_beats; beats < range.to_beats; ++beats)
      for (int steps = 0; steps < range.steps; ++steps) lengths.push_back({beats, steps, range.steps});
  if (!deviations) lengths.push_back({resolutions.back().to_beats, 0, resolutions.back().steps});
  lengths.erase(lengths.begin());  // of nothing
  return lengths;
}

// "1.0.8": beats, steps and steps per beat of each length that is a word, the shortest first. With `ticks` instead of
// steps where that is not 0.
std::vector<std::string> length_names(const std::vector<BeatResolution>& resolutions, int ticks = 0) {
  std::vector<std::string> names;
  for (const Length& length : lengths_of(resolutions, ticks > 0)) {
    const int steps = ticks > 0 ? length.steps * ticks / length.steps_per_beat : length.steps;
    names.push_back(std::to_string(length.beats) + "." + std::to_string(steps) + "." +
                    std::to_string(ticks > 0 ? ticks : length.steps_per_beat));
  }
  return names;
}

// A number as Python prints it, with at most two decimals: "40.0", "46.77".
std::string decimal(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%.2f", value);
  std::string printed = text;
  if (printed.back() == '0') printed.pop_back();
  return printed;
}

std::vector<std::string> prefixed(std::string_view prefix, std::vector<std::string> names) {
  for (std::string& name : names) name.insert(0, prefix);
  return names;
}

std::vector<std::string> programs(std::string_view prefix, bool all) {
  if (!all) return numbered(prefix, 0, 1);
  std::vector<std::string> names = numbered(prefix, 0, kDrumVoice);
  names.push_back(std::string(prefix) + "-1");
  return names;
}

// `count` numbers from `first` to `last`, equally far apart.
std::vector<double> spread(double first, double last, int count) {
  std::vector<double> values;
  const double step = (last - first) / (count - 1);
  for (int i = 0; i + 1 < count; ++i) values.push_back(first + i * step);
  values.push_back(last);
  return values;
}

// The index of the nearest of rising values, the later of two.
template <typename Value>
int nearest_index(const std::vector<Value>& rising, double wanted) {
  const auto at = std::lower_bound(rising.begin(), rising.end(), wanted);
  if (at == rising.begin()) return 0;
  const int index = int(at - rising.begin());
  if (at == rising.end()) return index - 1;
  return wanted - *(at - 1) < *at - wanted ? index - 1 : index;
}

}  // namespace

LengthTable::LengthTable(const std::vector<BeatResolution>& resolutions, int ticks_per_beat, bool deviations) {
  for (const Length& length : lengths_of(resolutions, deviations))
    ticks_.push_back((length.beats * length.steps_per_beat + length.steps) * ticks_per_beat / length.steps_per_beat);
  for (int ticks = 0; ticks <= longest(); ++ticks) {
    // A little less is nearer to the shorter of two.
    nearest_.push_back(std::int16_t(nearest_index(ticks_, deviations ? ticks - 0.25 : ticks)));
    const auto above = std::upper_bound(ticks_.begin(), ticks_.end(), ticks);
    within_.push_back(std::int16_t(std::max<std::ptrdiff_t>(0, above - ticks_.begin() - 1)));
  }
}

BeatWords::BeatWords(const BeatOptions& options, const BeatParts& parts)
    : options_(options), zero_shift_(parts.zero_shift) {
  for (const BeatResolution& range : options_.resolutions)
    positions_per_beat_ = std::max(positions_per_beat_, range.steps);
  make_meters(parts.deviations);
  if (parts.deviations) make_deviations();
  make_tempos();
  make_velocities();
  for (const double bend : options_.pitch_bends > 0 ? spread(-8192, 8191, options_.pitch_bends) : std::vector<double>{})
    bends_.push_back(int(std::floor(bend)));
  if (parts.family) add(WordKind::kFamily, {"Family_Metric", "Family_Note"});
  if (parts.tracks) add(WordKind::kTrack, {"Track_Start", "Track_End"});
  if (parts.bars) add(WordKind::kBar, {"Bar_None"});
  if (parts.bar_numbers)
    add(WordKind::kBarNumber, numbered(parts.places ? "BarPosEnc_" : "Bar_", 0, options_.max_bars));
  add_times(parts);
  add_changes(parts);
  add_notes(parts);
  if (parts.family) add(WordKind::kIgnore, {"Ignore_None"});
  if (parts.parts) {
    add(WordKind::kPart, numbered("Part_", 1, kMostParts - 1));
    add(WordKind::kTask, task_words(options_.chords));
  }
}

void BeatWords::make_deviations() {
  const int words = options_.microtiming_words;
  const double most = double(options_.ticks_per_beat) / options_.microtiming_fraction;
  for (const double deviation : spread(-most, most, 2 * words + 1)) deviations_.push_back(int(std::floor(deviation)));
  deviations_[std::size_t(words)] = 0;
  add(WordKind::kMicroTiming, numbered("MicroTiming_", deviations_));
}

int BeatWords::nearest_deviation(std::int64_t ticks) const { return nearest_index(deviations_, double(ticks) - 0.25); }

void BeatWords::make_meters(bool in_own_ticks) {
  std::vector<BeatMeter> given = {{4, 4}};
  if (options_.meters) given = options_.meter_words;
  int largest = 4;
  for (const BeatMeter& meter : given) largest = std::max(largest, meter.denominator);
  ticks_per_quarter_ = in_own_ticks ? options_.ticks_per_beat : positions_per_beat_ * largest / 4;
  for (const BeatMeter& each : given) {
    Meter meter{.numerator = each.numerator, .denominator = each.denominator};
    meter.ticks_per_beat = ticks_per_quarter_ * 4 / each.denominator;
    meter.ticks_per_bar = meter.ticks_per_beat * each.numerator;
    if (in_own_ticks) meter.ticks_per_beat = ticks_per_quarter_;
    meter.ticks_per_position = meter.ticks_per_beat / positions_per_beat_;
    meter.lengths = add_table(options_.resolutions, meter.ticks_per_beat, in_own_ticks);
    if (!options_.rests.empty()) meter.rests = add_table(options_.rests, meter.ticks_per_beat, false);
    meters_.push_back(meter);
    const int places = (meter.ticks_per_bar + meter.ticks_per_position - 1) / meter.ticks_per_position;
    places_per_bar_ = std::max(places_per_bar_, places);
  }
  default_meter_ = find_meter(4, 4);
}

const LengthTable* BeatWords::add_table(const std::vector<BeatResolution>& resolutions, int ticks, bool deviations) {
  tables_.push_back(std::make_unique<LengthTable>(resolutions, ticks, deviations));
  return tables_.back().get();
}

void BeatWords::make_tempos() {
  const double slowest = options_.slowest_tempo, fastest = options_.fastest_tempo;
  tempos_ = options_.log_tempos ? spread(std::log10(slowest), std::log10(fastest), options_.tempo_words)
                                : spread(slowest, fastest, options_.tempo_words);
  for (double& tempo : tempos_) {
    if (options_.log_tempos) tempo = std::pow(10.0, tempo);
    tempo = std::nearbyint(tempo * 100) / 100;
  }
}

void BeatWords::make_velocities() {
  const int bins = options_.velocity_bins;
  if (bins == 0) velocities_ = {kDefaultVelocity};
  for (int bin = 1; bin <= bins; ++bin) velocities_.push_back(bin == bins ? 127 : std::uint8_t(bin * (127.0 / bins)));
  for (int velocity = 0; velocity < 128; ++velocity)
    velocity_bins_[std::size_t(velocity)] = std::uint8_t(nearest_index(velocities_, velocity));
}

void BeatWords::add_times(const BeatParts& parts) {
  if (options_.meters) {
    std::vector<std::string> names;
    for (const Meter& meter : meters_)
      names.push_back("TimeSig_" + std::to_string(meter.numerator) + "/" + std::to_string(meter.denominator));
    add(WordKind::kTimeSignature, std::move(names));
  }
  if (parts.positions) {
    int beats = 0;
    for (const Meter& meter : meters_) beats = std::max(beats, meter.numerator);
    add(WordKind::kPosition, numbered("Position_", 0, beats * positions_per_beat_));
    if (parts.places) {
      std::vector<std::string> names = numbered("PositionPosEnc_", 0, beats * positions_per_beat_);
      names.push_back("PositionPosEnc_None");
      add(WordKind::kPlace, std::move(names));
    }
  }
  if (parts.shifts) {
    std::vector<std::string> names = prefixed("TimeShift_", length_names(options_.resolutions, own_ticks(parts)));
    if (parts.zero_shift) names.insert(names.begin(), "TimeShift_0.0.1");
    add(WordKind::kTimeShift, std::move(names));
  }
  if (!options_.rests.empty()) add(WordKind::kRest, prefixed("Rest_", length_names(options_.rests)));
}

void BeatWords::add_changes(const BeatParts& parts) {
  if (options_.tempos) {
    std::vector<std::string> names;
    for (const double tempo : tempos_) names.push_back("Tempo_" + decimal(tempo));
    add(WordKind::kTempo, std::move(names));
  }
  if (options_.keys) {
    std::vector<std::string> names;
    for (int fifths = -7; fifths <= 7; ++fifths)
      for (const char* mode : {":0", ":1"}) names.push_back("KeySig_" + std::to_string(fifths) + mode);
    add(WordKind::kKey, std::move(names));
  }
  if (options_.chords && !parts.parts) {
    std::vector<std::string> names;
    for (const ChordShape& shape : chord_shapes()) names.push_back(std::string("Chord_") + shape.name);
    add(WordKind::kChord, std::move(names));
  }
  if (options_.pedals) {
    add(WordKind::kPedal, programs("Pedal_", options_.programs));
    add(WordKind::kPedalEnd, programs("PedalOff_", options_.programs));
  }
  if (options_.pitch_bends > 0) add(WordKind::kPitchBend, numbered("PitchBend_", bends_));
}

void BeatWords::add_notes(const BeatParts& parts) {
  if (options_.programs) add(WordKind::kProgram, programs("Program_", true));
  const int pitches = options_.highest_pitch - options_.lowest_pitch + 1;
  const int drums = options_.highest_drum - options_.lowest_drum + 1;
  add(WordKind::kPitch, numbered(parts.note_ends ? "NoteOn_" : "Pitch_", options_.lowest_pitch, pitches));
  add(WordKind::kDrumPitch, numbered(parts.note_ends ? "DrumOn_" : "PitchDrum_", options_.lowest_drum, drums));
  if (parts.note_ends) {
    add(WordKind::kPitchEnd, numbered("NoteOff_", options_.lowest_pitch, pitches));
    add(WordKind::kDrumPitchEnd, numbered("DrumOff_", options_.lowest_drum, drums));
  }
  if (options_.velocity_bins > 0) {
    add(WordKind::kVelocity, numbered("Velocity_", {velocities_.begin(), velocities_.end()}));
  }
  if (!parts.note_ends)
    add(WordKind::kDuration, prefixed("Duration_", length_names(options_.resolutions, own_ticks(parts))));
}

int BeatWords::find_meter(int numerator, int denominator) const {
  for (int i = 0; i < meter_count(); ++i)
    if (meter(i).numerator == numerator && meter(i).denominator == denominator) return i;
  return -1;
}

std::int32_t BeatWords::microseconds_per_quarter(int index) const {
  return std::int32_t(std::lround(60e6 / tempo(index)));
}

int BeatWords::nearest_tempo(std::int32_t microseconds_per_quarter) const {
  int best = 0;
  double least = 1e18;
  for (int i = 0; i < int(tempos_.size()); ++i) {
    const double distance = std::abs(60e6 / tempos_[std::size_t(i)] - microseconds_per_quarter);
    if (distance < least) best = i;
    least = std::min(least, distance);
  }
  return best;
}

int BeatWords::nearest_bend(int value) const { return nearest_index(bends_, value); }

std::span<const ChordShape> chord_shapes() {
  static constexpr ChordShape kShapes[] = {
      {"min", {0, 3, 7, -1, -1}},      {"maj", {0, 4, 7, -1, -1}},  {"dim", {0, 3, 6, -1, -1}},
      {"aug", {0, 4, 8, -1, -1}},      {"sus2", {0, 2, 7, -1, -1}}, {"sus4", {0, 5, 7, -1, -1}},
      {"7dom", {0, 4, 7, 10, -1}},     {"7min", {0, 3, 7, 10, -1}}, {"7maj", {0, 4, 7, 11, -1}},
      {"7halfdim", {0, 3, 6, 10, -1}}, {"7dim", {0, 3, 6, 9, -1}},  {"7aug", {0, 4, 8, 11, -1}},
      {"9maj", {0, 4, 7, 10, 14}},     {"9min", {0, 4, 7, 10, 13}}};
  return kShapes;
}

}  // namespace continuo::tokens
