#include "beat_options_json.h"

#include <algorithm>
#include <array>
#include <string>
#include <utility>

#include "../core/options_json.h"

namespace continuo::tokens {
namespace {

using nlohmann::json;

struct Flag {
  const char* name;
  bool BeatOptions::*member;
};
constexpr Flag kFlags[] = {{"programs", &BeatOptions::programs}, {"meters", &BeatOptions::meters},
                           {"tempos", &BeatOptions::tempos},     {"log_tempos", &BeatOptions::log_tempos},
                           {"keys", &BeatOptions::keys},         {"chords", &BeatOptions::chords},
                           {"pedals", &BeatOptions::pedals}};

struct Number {
  const char* name;
  int BeatOptions::*member;
  int least, most;
};
constexpr Number kNumbers[] = {{"velocity_bins", &BeatOptions::velocity_bins, 0, 127},
                               {"lowest_pitch", &BeatOptions::lowest_pitch, 0, 127},
                               {"highest_pitch", &BeatOptions::highest_pitch, 0, 127},
                               {"lowest_drum", &BeatOptions::lowest_drum, 0, 127},
                               {"highest_drum", &BeatOptions::highest_drum, 0, 127},
                               {"slowest_tempo", &BeatOptions::slowest_tempo, 1, 1000},
                               {"fastest_tempo", &BeatOptions::fastest_tempo, 1, 1000},
                               {"tempo_words", &BeatOptions::tempo_words, 2, 512},
                               {"pitch_bends", &BeatOptions::pitch_bends, 0, 1024},
                               {"max_bars", &BeatOptions::max_bars, 1, 4096},
                               {"ticks_per_beat", &BeatOptions::ticks_per_beat, 24, 960},
                               {"microtiming_words", &BeatOptions::microtiming_words, 1, 64},
                               {"microtiming_fraction", &BeatOptions::microtiming_fraction, 2, 64}};

constexpr std::array<std::pair<const char*, NoteOverlaps>, 3> kOverlaps = {
    {{"cut", NoteOverlaps::kCut}, {"shortest", NoteOverlaps::kShortest}, {"kept", NoteOverlaps::kKept}}};

constexpr int kMaxBeats = 64, kMaxSteps = 64, kMaxMeters = 256;

Error malformed(const std::string& what) { return {ErrorCode::malformed, "the tokenizer's option " + what}; }

// A list of rows of `width` small whole numbers.
template <std::size_t width>
Result<std::vector<std::array<int, width>>> rows(const json& list, const std::string& name) {
  std::vector<std::array<int, width>> read;
  if (!list.is_array()) return malformed("'" + name + "' is not a list");
  for (const json& row : list) {
    if (!row.is_array() || row.size() != width) return malformed("'" + name + "' has an entry of another form");
    std::array<int, width> numbers{};
    for (std::size_t i = 0; i < width; ++i) {
      if (!row[i].is_number_integer() || row[i] < 0 || row[i] > 1000)
        return malformed("'" + name + "' has an entry that is no small whole number");
      numbers[i] = row[i].template get<int>();
    }
    read.push_back(numbers);
  }
  return read;
}

json rows_of(const std::vector<BeatResolution>& ranges) {
  json list = json::array();
  for (const BeatResolution& range : ranges) list.push_back({range.from_beats, range.to_beats, range.steps});
  return list;
}

Status read_ranges(const json& options, const char* name, std::vector<BeatResolution>& ranges) {
  if (!options.contains(name)) return {};
  CONTINUO_ASSIGN(const auto read, rows<3>(options[name], name));
  ranges.clear();
  for (const auto& row : read) ranges.push_back({row[0], row[1], row[2]});
  return {};
}

Status read_meters(const json& options, std::vector<BeatMeter>& meters) {
  if (!options.contains("meter_words")) return {};
  CONTINUO_ASSIGN(const auto read, rows<2>(options["meter_words"], "meter_words"));
  meters.clear();
  for (const auto& row : read) meters.push_back({row[0], row[1]});
  return {};
}

Status read_overlaps(const json& options, NoteOverlaps& overlaps) {
  if (!options.contains("overlaps")) return {};
  const auto found = std::find_if(kOverlaps.begin(), kOverlaps.end(),
                                  [&](const auto& each) { return options["overlaps"] == each.first; });
  if (found == kOverlaps.end()) return malformed("'overlaps' is not \"cut\", \"shortest\" or \"kept\"");
  overlaps = found->second;
  return {};
}

Error out_of_range(const std::string& name) {
  return {ErrorCode::invalid_argument, "the tokenizer's option '" + name + "' is out of range"};
}

bool are_ranges(const std::vector<BeatResolution>& ranges, int finest) {
  int reached = 0;
  for (const BeatResolution& range : ranges) {
    const bool fits = range.from_beats == reached && range.to_beats > reached && range.to_beats <= kMaxBeats &&
                      range.steps >= 1 && range.steps <= kMaxSteps && finest % range.steps == 0;
    if (!fits) return false;
    reached = range.to_beats;
  }
  return true;
}

bool are_meters(const std::vector<BeatMeter>& meters) {
  for (std::size_t i = 0; i < meters.size(); ++i) {
    const BeatMeter& meter = meters[i];
    const bool is_denominator = meter.denominator >= 1 && 16 % meter.denominator == 0;
    if (!is_denominator || meter.numerator < 1 || meter.numerator > 64) return false;
    if (std::find(meters.begin(), meters.begin() + std::ptrdiff_t(i), meter) != meters.begin() + std::ptrdiff_t(i))
      return false;
  }
  return meters.size() <= kMaxMeters && std::find(meters.begin(), meters.end(), BeatMeter{4, 4}) != meters.end();
}

}  // namespace

json options_to_json(const BeatOptions& options) {
  json written;
  written["resolutions"] = rows_of(options.resolutions);
  written["rests"] = rows_of(options.rests);
  written["meter_words"] = json::array();
  for (const BeatMeter& meter : options.meter_words)
    written["meter_words"].push_back({meter.numerator, meter.denominator});
  for (const Flag& flag : kFlags) written[flag.name] = options.*flag.member;
  for (const Number& number : kNumbers) written[number.name] = options.*number.member;
  for (const auto& [name, overlaps] : kOverlaps)
    if (overlaps == options.overlaps) written["overlaps"] = name;
  written["base"] = options.base;
  return written;
}

Result<BeatOptions> options_from_json(const json& description) {
  BeatOptions options;
  const auto found = description.find("options");
  if (found == description.end()) return options;
  if (!found->is_object()) return Error{ErrorCode::malformed, "the tokenizer's options are not an object"};
  CONTINUO_TRY(read_ranges(*found, "resolutions", options.resolutions));
  CONTINUO_TRY(read_ranges(*found, "rests", options.rests));
  CONTINUO_TRY(read_meters(*found, options.meter_words));
  CONTINUO_TRY(read_overlaps(*found, options.overlaps));
  for (const Flag& flag : kFlags) {
    if (!found->contains(flag.name)) continue;
    CONTINUO_ASSIGN(options.*flag.member, bool_option(description, flag.name));
  }
  for (const Number& number : kNumbers) {
    if (!found->contains(number.name)) continue;
    CONTINUO_ASSIGN(options.*number.member, int_option(description, number.name, number.least, number.most));
  }
  if (found->contains("base")) {
    if (!(*found)["base"].is_string()) return malformed("'base' is not a name");
    options.base = (*found)["base"].get<std::string>();
  }
  return options;
}

Status check_options(const BeatOptions& options) {
  for (const Number& number : kNumbers) {
    const int value = options.*number.member;
    if (value < number.least || value > number.most) return out_of_range(number.name);
  }
  int finest = 0;
  for (const BeatResolution& range : options.resolutions) finest = std::max(finest, range.steps);
  if (finest == 0 || !are_ranges(options.resolutions, finest)) return out_of_range("resolutions");
  if (!are_ranges(options.rests, finest)) return out_of_range("rests");
  if (!are_meters(options.meter_words)) return out_of_range("meter_words");
  if (options.lowest_pitch > options.highest_pitch) return out_of_range("highest_pitch");
  if (options.lowest_drum > options.highest_drum) return out_of_range("highest_drum");
  if (options.slowest_tempo >= options.fastest_tempo) return out_of_range("fastest_tempo");
  if (options.pitch_bends == 1) return out_of_range("pitch_bends");
  if (options.base != "tsd" && options.base != "remi_plus") return out_of_range("base");
  return {};
}

}  // namespace continuo::tokens
