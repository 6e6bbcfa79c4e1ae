#include "miditok_config.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <nlohmann/json.hpp>

#include "../beat/beat_words.h"

namespace continuo::tokens {
namespace {

using nlohmann::json;

struct Class {
  std::string_view name, miditok;
  bool rows = false;
};
constexpr Class kClasses[] = {{"remi_plus", "REMI"},       {"tsd", "TSD"},
                              {"midi_like", "MIDILike"},   {"structured", "Structured"},
                              {"cp_word", "CPWord", true}, {"octuple", "Octuple", true},
                              {"mumidi", "MuMIDI", true},  {"mmm", "MMM"},
                              {"per_tok", "PerTok"}};

constexpr int kLowestBend = -8192, kHighestBend = 8191;

Error malformed(const std::string& what) {
  return {ErrorCode::malformed, "MidiTok's configuration has no usable '" + what + "'", {}, {}};
}
Error unsupported(const std::string& what) {
  return {ErrorCode::unsupported, "MidiTok's configuration asks for '" + what + "', which we do not have", {}, {}};
}

// Reads one configuration; the first thing that is amiss stays.
class ConfigReader {
 public:
  explicit ConfigReader(const json& config) : config_(config) {}

  bool flag(const char* key, bool fallback) {
    const auto found = config_.find(key);
    if (found == config_.end()) return fallback;
    if (!found->is_boolean()) return fail(malformed(key)), fallback;
    return found->get<bool>();
  }
  void want(const char* key, bool wanted) {
    if (flag(key, wanted) != wanted) fail(unsupported(key));
  }
  int number(const json& from, const char* key, int fallback) {
    const auto found = from.find(key);
    if (found == from.end()) return fallback;
    if (!found->is_number_integer() || *found < -10000 || *found > 10000) return fail(malformed(key)), fallback;
    return found->get<int>();
  }
  int number(const char* key, int fallback) { return number(config_, key, fallback); }
  void range(const char* key, int& lowest, int& highest) {
    const auto found = config_.find(key);
    if (found == config_.end()) return;
    if (!found->is_array() || found->size() < 2 || !is_number((*found)[0]) || !is_number((*found)[1]))
      return fail(malformed(key));
    lowest = (*found)[0].get<int>();
    highest = (*found)[1].get<int>();
  }

  // {"0_4": 8, "4_12": 4}, in whatever order.
  std::vector<BeatResolution> ranges(const char* key) {
    std::vector<BeatResolution> read;
    const auto found = config_.find(key);
    if (found == config_.end() || !found->is_object()) return fail(malformed(key)), read;
    for (const auto& [text, steps] : found->items()) {
      BeatResolution range;
      const char* end = text.data() + text.size();
      const auto first = std::from_chars(text.data(), end, range.from_beats);
      if (first.ptr == end || *first.ptr != '_' || !is_number(steps)) return fail(malformed(key)), read;
      if (std::from_chars(first.ptr + 1, end, range.to_beats).ptr != end) return fail(malformed(key)), read;
      range.steps = steps.get<int>();
      read.push_back(range);
    }
    std::sort(read.begin(), read.end(), [](const auto& a, const auto& b) { return a.from_beats < b.from_beats; });
    return read;
  }

  // {"4": [3, 4], "8": [6]}
  std::vector<BeatMeter> meters(const char* key) {
    std::vector<BeatMeter> read;
    const auto found = config_.find(key);
    if (found == config_.end() || !found->is_object()) return fail(malformed(key)), read;
    for (const auto& [text, numerators] : found->items()) {
      BeatMeter meter;
      const char* end = text.data() + text.size();
      if (std::from_chars(text.data(), end, meter.denominator).ptr != end || !numerators.is_array())
        return fail(malformed(key)), read;
      for (const json& numerator : numerators) {
        if (!is_number(numerator)) return fail(malformed(key)), read;
        meter.numerator = numerator.get<int>();
        read.push_back(meter);
      }
    }
    return read;
  }

  // All of -1..127, in whatever order.
  void want_all_programs(const char* key) {
    const auto found = config_.find(key);
    if (found == config_.end()) return;
    if (!found->is_array()) return fail(malformed(key));
    std::array<bool, 129> seen{};
    for (const json& program : *found)
      if (is_number(program) && program >= -1 && program <= 127) seen[std::size_t(program.get<int>() + 1)] = true;
    if (!std::all_of(seen.begin(), seen.end(), [](bool each) { return each; })) fail(unsupported(key));
  }

  const json& additional() const {
    static const json kNone = json::object();
    const auto found = config_.find("additional_params");
    return found != config_.end() && found->is_object() ? *found : kNone;
  }
  const json& config() const { return config_; }
  static bool is_number(const json& value) { return value.is_number_integer() && value >= -10000 && value <= 10000; }
  void fail(Error error) {
    if (!failed_) failed_ = std::move(error);
  }
  Status status() const { return failed_ ? Status(*failed_) : Status(); }

 private:
  const json& config_;
  std::optional<Error> failed_;
};

// What MidiTok can and we cannot.
void refuse_the_foreign(ConfigReader& reader, std::string_view name, bool programs, bool tempos) {
  reader.want("use_control_changes", false);
  reader.want("use_pitchdrum_tokens", true);
  reader.want("sustain_pedal_duration", false);
  reader.want("chord_tokens_with_root_note", false);
  if (name != "mumidi") reader.want("use_pitch_intervals", false);
  if (name != "mmm") reader.want("program_changes", false);
  if (name != "mmm" && programs) reader.want("one_token_stream_for_programs", true);
  if (name != "octuple" && tempos) reader.want("delete_equal_successive_tempo_changes", false);
  reader.want("delete_equal_successive_time_sig_changes", false);
  if (programs) reader.want_all_programs("programs");
  reader.want_all_programs("use_note_duration_programs");
  if (!reader.config().value("chord_unknown", json()).is_null()) reader.fail(unsupported("chord_unknown"));
  for (const auto& [key, value] : reader.config().items())
    if (key.starts_with("ac_") && value == true) reader.fail(unsupported(key));
  for (const char* key : {"use_bar_end_tokens", "add_trailing_bars", "use_position_toks"})
    if (reader.additional().value(key, json()) == true) reader.fail(unsupported(key));
  if (name == "remi_plus" && !reader.additional().value("max_bar_embedding", json()).is_null())
    reader.fail(unsupported("max_bar_embedding"));
}

void read_chords(ConfigReader& reader) {
  const auto found = reader.config().find("chord_maps");
  if (found == reader.config().end()) return;
  json ours = json::object();
  for (const ChordShape& shape : chord_shapes()) {
    json& intervals = ours[shape.name] = json::array();
    for (const int interval : shape.intervals)
      if (interval >= 0) intervals.push_back(interval);
  }
  if (*found != ours) reader.fail(unsupported("chord_maps"));
}

void read_additional(ConfigReader& reader, std::string_view name, BeatOptions& options) {
  const json& additional = reader.additional();
  if (name == "octuple" || name == "mumidi") options.max_bars = reader.number(additional, "max_bar_embedding", 60);
  if (name == "mmm") {
    const json base = additional.value("base_tokenizer", json());
    if (base != "TSD" && base != "REMI") reader.fail(unsupported("base_tokenizer"));
    options.base = base == "REMI" ? "remi_plus" : "tsd";
  }
  if (name != "per_tok") return;
  if (additional.value("use_microtiming", json()) != true) reader.fail(unsupported("use_microtiming: false"));
  options.ticks_per_beat = reader.number(additional, "ticks_per_quarter", options.ticks_per_beat);
  options.microtiming_words = reader.number(additional, "num_microtiming_bins", 30) / 2;
  const json shift = additional.value("max_microtiming_shift", json(0.125));
  const double part = shift.is_number() ? shift.get<double>() : 0;
  if (!(part > 0) || std::abs(1 / part - std::round(1 / part)) > 1e-9)
    return reader.fail(unsupported("max_microtiming_shift"));
  options.microtiming_fraction = int(std::round(1 / part));
}

json ranges_of(const std::vector<BeatResolution>& ranges) {
  json written = json::object();
  for (const BeatResolution& range : ranges)
    written[std::to_string(range.from_beats) + "_" + std::to_string(range.to_beats)] = range.steps;
  return written;
}

json additional_of(const BeatDescription& description) {
  const BeatOptions& options = description.options;
  if (description.name == "remi_plus")
    return {{"max_bar_embedding", nullptr}, {"use_bar_end_tokens", false}, {"add_trailing_bars", false}};
  if (description.name == "octuple" || description.name == "mumidi") return {{"max_bar_embedding", options.max_bars}};
  if (description.name == "mmm") return {{"base_tokenizer", options.base == "tsd" ? "TSD" : "REMI"}};
  if (description.name != "per_tok") return json::object();
  return {{"ticks_per_quarter", options.ticks_per_beat},
          {"use_microtiming", true},
          {"max_microtiming_shift", 1.0 / options.microtiming_fraction},
          {"num_microtiming_bins", 2 * options.microtiming_words}};
}

void write_choices(const BeatOptions& options, json& config) {
  config["num_velocities"] = std::max(1, options.velocity_bins);
  config["use_velocities"] = options.velocity_bins > 0;
  config["pitch_range"] = {options.lowest_pitch, options.highest_pitch};
  config["drums_pitch_range"] = {options.lowest_drum, options.highest_drum};
  config["use_programs"] = options.programs;
  config["use_time_signatures"] = options.meters;
  config["use_tempos"] = options.tempos;
  config["num_tempos"] = options.tempo_words;
  config["tempo_range"] = {options.slowest_tempo, options.fastest_tempo};
  config["log_tempos"] = options.log_tempos;
  config["use_key_signatures"] = options.keys;
  config["use_chords"] = options.chords;
  config["use_sustain_pedals"] = options.pedals;
  config["use_pitch_bends"] = options.pitch_bends > 0;
  config["pitch_bend_range"] = {kLowestBend, kHighestBend, options.pitch_bends > 0 ? options.pitch_bends : 32};
  config["beat_res"] = ranges_of(options.resolutions);
  config["use_rests"] = !options.rests.empty();
  config["beat_res_rest"] = ranges_of(options.rests.empty() ? options.resolutions : options.rests);
  json& meters = config["time_signature_range"] = json::object();
  for (const BeatMeter& meter : options.meter_words)
    meters[std::to_string(meter.denominator)].push_back(meter.numerator);
  config["remove_duplicated_notes"] = options.overlaps != NoteOverlaps::kKept;
}

}  // namespace

std::string_view miditok_class(std::string_view name) {
  for (const Class& each : kClasses)
    if (each.name == name) return each.miditok;
  return {};
}

bool has_rows(std::string_view name) {
  return std::any_of(std::begin(kClasses), std::end(kClasses),
                     [&](const Class& each) { return each.name == name && each.rows; });
}

Result<BeatDescription> from_miditok_config(const std::string& tokenization, const json& config) {
  const auto found = std::find_if(std::begin(kClasses), std::end(kClasses),
                                  [&](const Class& each) { return each.miditok == tokenization; });
  if (found == std::end(kClasses)) {
    return Error{ErrorCode::unsupported, "there is no tokenizer like MidiTok's '" + tokenization + "'", {}, {}};
  }
  if (!config.is_object()) return malformed("config");
  BeatDescription read{std::string(found->name), {}};
  BeatOptions& options = read.options;
  ConfigReader reader(config);
  options.velocity_bins = reader.flag("use_velocities", true) ? reader.number("num_velocities", 32) : 0;
  options.lowest_pitch = 21;
  options.highest_pitch = 109;
  options.lowest_drum = 27;
  options.highest_drum = 88;
  reader.range("pitch_range", options.lowest_pitch, options.highest_pitch);
  reader.range("drums_pitch_range", options.lowest_drum, options.highest_drum);
  options.programs = reader.flag("use_programs", false);
  options.meters = reader.flag("use_time_signatures", true);
  options.meter_words = reader.meters("time_signature_range");
  options.tempos = reader.flag("use_tempos", false);
  options.tempo_words = reader.number("num_tempos", 32);
  reader.range("tempo_range", options.slowest_tempo, options.fastest_tempo);
  options.log_tempos = reader.flag("log_tempos", false);
  options.keys = reader.flag("use_key_signatures", false);
  options.chords = reader.flag("use_chords", false);
  options.pedals = reader.flag("use_sustain_pedals", false);
  options.resolutions = reader.ranges("beat_res");
  if (reader.flag("use_rests", false)) options.rests = reader.ranges("beat_res_rest");
  options.overlaps = reader.flag("remove_duplicated_notes", false) ? NoteOverlaps::kShortest : NoteOverlaps::kKept;
  if (reader.flag("use_pitch_bends", false)) {
    const json bends = config.value("pitch_bend_range", json());
    if (!bends.is_array() || bends.size() != 3 || bends[0] != kLowestBend || bends[1] != kHighestBend ||
        !ConfigReader::is_number(bends[2]))
      reader.fail(unsupported("pitch_bend_range"));
    else
      options.pitch_bends = bends[2].get<int>();
  }
  if (options.chords) read_chords(reader);
  read_additional(reader, read.name, options);
  refuse_the_foreign(reader, read.name, options.programs, options.tempos);
  CONTINUO_TRY(reader.status());
  return read;
}

json to_miditok_config(const BeatDescription& description, std::string_view split) {
  json config;
  write_choices(description.options, config);
  json programs = json::array();
  for (int program = 0; program < 128; ++program) programs.push_back(program);
  programs.push_back(-1);
  config["programs"] = config["use_note_duration_programs"] = programs;
  config["special_tokens"] = {"PAD_None", "BOS_None", "EOS_None", "MASK_None"};
  config["encode_ids_split"] = split;
  config["use_control_changes"] = false;
  config["use_pitch_intervals"] = description.name == "mumidi";
  config["use_pitchdrum_tokens"] = true;
  config["default_note_duration"] = 0.5;
  json& chords = config["chord_maps"] = json::object();
  for (const ChordShape& shape : chord_shapes())
    for (const int interval : shape.intervals)
      if (interval >= 0) chords[shape.name].push_back(interval);
  config["chord_tokens_with_root_note"] = false;
  config["chord_unknown"] = nullptr;
  config["delete_equal_successive_tempo_changes"] = description.name == "octuple";
  config["delete_equal_successive_time_sig_changes"] = false;
  config["sustain_pedal_duration"] = false;
  config["one_token_stream_for_programs"] = description.name != "mmm" && description.options.programs;
  config["program_changes"] = description.name == "mmm";
  config["additional_params"] = additional_of(description);
  return config;
}

}  // namespace continuo::tokens
