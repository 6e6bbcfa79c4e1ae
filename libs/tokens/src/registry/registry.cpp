#include "continuo/tokens/registry.h"

#include <algorithm>
#include <array>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "continuo/base/file.h"
#include "continuo/base/text.h"
#include "continuo/tokens/abc_char.h"
#include "continuo/tokens/arrival_time.h"
#include "continuo/tokens/autobot.h"
#include "continuo/tokens/beat_tokenizers.h"
#include "continuo/tokens/chorale_grid.h"
#include "continuo/tokens/drum_grid.h"
#include "continuo/tokens/note_chord.h"
#include "continuo/tokens/performance.h"
#include "continuo/tokens/remi.h"
#include "continuo/tokens/timed_notes.h"

#include "../core/grid_notes.h"
#include "../subwords/subword_json.h"
#include "miditok_file.h"

namespace continuo::tokens {
namespace {

using TokenizerResult = Result<std::shared_ptr<const Tokenizer>>;

// All that the program knows of a tokenisation before making one.
struct Entry {
  std::string_view name;
  std::string_view summary;
  bool needs_learning;
  TokenizerResult (*make)(std::span<const score::Score> corpus);
  TokenizerResult (*from_json)(const nlohmann::json& description);
};

template <const char* name>
TokenizerResult make_beat(std::span<const score::Score>) {
  return make_beat_tokenizer(name);
}

constexpr char kRemiPlus[] = "remi_plus", kMidiLike[] = "midi_like", kTsd[] = "tsd", kStructured[] = "structured";
constexpr char kCpWord[] = "cp_word", kOctuple[] = "octuple", kMuMidi[] = "mumidi", kMmm[] = "mmm";
constexpr char kBarTracks[] = "bar_tracks", kPerTok[] = "per_tok";

template <auto make>
TokenizerResult make_plain(std::span<const score::Score>) {
  return make();
}

constexpr Entry kEntries[] = {
    {"remi", "bars, positions, tempo, and notes of any number of instruments; keeps the meter", false,
     [](std::span<const score::Score>) { return make_remi(); }, &remi_from_json},
    {kRemiPlus, "bars with their meter, positions, and notes that each name their instrument (REMI+)", false,
     &make_beat<kRemiPlus>, &beat_tokenizer_from_json},
    {kMidiLike, "notes struck and ended, time shifts in beats (MidiTok's MIDI-Like)", false, &make_beat<kMidiLike>,
     &beat_tokenizer_from_json},
    {kTsd, "time shifts in beats, and notes with durations", false, &make_beat<kTsd>, &beat_tokenizer_from_json},
    {kStructured, "every note is a time shift, instrument, pitch, velocity and duration; no meter, no tempo", false,
     &make_beat<kStructured>, &beat_tokenizer_from_json},
    {kCpWord, "compound words: rows of equal width for bars, positions and notes", false, &make_beat<kCpWord>,
     &beat_tokenizer_from_json},
    {kOctuple, "one row for each note, with its bar, position, tempo and meter", false, &make_beat<kOctuple>,
     &beat_tokenizer_from_json},
    {kMuMidi, "rows that each name their bar and position; many instruments, no meter", false, &make_beat<kMuMidi>,
     &beat_tokenizer_from_json},
    {kMmm, "track after track, each told from its start (MMM)", false, &make_beat<kMmm>, &beat_tokenizer_from_json},
    {kBarTracks, "bar by bar, and within a bar track by track; can fill gaps and add tracks", false,
     &make_beat<kBarTracks>, &beat_tokenizer_from_json},
    {kPerTok, "bars and time shifts, and how far each note misses the grid", false, &make_beat<kPerTok>,
     &beat_tokenizer_from_json},
    {"performance", "expressive timing in steps of 10 ms, with velocities and pedal; one instrument, no bars", false,
     [](std::span<const score::Score> corpus) { return TokenizerResult(make_performance({all_drums(corpus)})); },
     &performance_from_json},
    {"timed_notes", "performances as notes with velocity and duration, in steps of 10 ms; one instrument, no bars",
     false, &make_plain<make_timed_notes>, &timed_notes_from_json},
    {"note_chord", "each note or chord with its length is one word, learned from the corpus; one instrument", true,
     [](std::span<const score::Score> corpus) { return make_note_chord(corpus); }, &note_chord_from_json},
    {"autobot", "notes with durations and waits in sixteenths, the 312 words of musicautobot; one instrument", false,
     &make_plain<make_autobot>, &autobot_from_json},
    {"chorale_grid", "four voices in turn on the grid of sixteenths, as the JSB chorales are published", false,
     &make_plain<make_chorale_grid>, &chorale_grid_from_json},
    {"drum_grid", "nine drums on the grid of sixteenths, with loudness and deviation (Groove)", false,
     &make_plain<make_drum_grid>, &drum_grid_from_json},
    {"arrival_time", "notes as time, duration, and instrument with pitch, in steps of 10 ms", false,
     &make_plain<make_arrival_time>, &arrival_time_from_json},
    {"abc_char", "the characters of a tune in ABC; one instrument", false, &make_plain<make_abc_char>,
     &abc_char_from_json},
};

constexpr auto kNames = [] {
  std::array<std::string_view, std::size(kEntries)> names;
  for (std::size_t i = 0; i < names.size(); ++i) names[i] = kEntries[i].name;
  return names;
}();

const Entry* find_entry(std::string_view name) {
  const auto found =
      std::find_if(std::begin(kEntries), std::end(kEntries), [&](const Entry& e) { return e.name == name; });
  return found == std::end(kEntries) ? nullptr : found;
}

Error unknown_name(std::string_view name) {
  return {ErrorCode::unsupported,
          "there is no tokenizer '" + std::string(name) + "' (there are " + joined(kNames) + ")"};
}

constexpr std::string_view kFileExtension = ".json";
constexpr std::uint64_t kFileLimit = std::uint64_t{64} << 20;

TokenizerResult read_tokenizer(const std::filesystem::path& path) {
  CONTINUO_ASSIGN(const std::string text, read_text_file(path, kFileLimit));
  const auto file = nlohmann::json::parse(text, nullptr, false);
  if (file.is_discarded()) return Error{ErrorCode::wrong_format, "is not a JSON file", {}, path.string()};
  auto made = tokenizer_from_json(file);
  if (!made.ok()) return std::move(made).error().in_file(path.string());
  return made;
}

}  // namespace

TokenizerResult tokenizer_from_json(const nlohmann::json& description) {
  if (!description.is_object()) return Error{ErrorCode::malformed, "the tokenizer's description is not an object"};
  if (is_miditok_json(description)) {
    const nlohmann::json* own = own_description(description);
    return own == nullptr ? tokenizer_from_miditok(description) : tokenizer_from_json(*own);
  }
  const auto name = description.find("name");
  if (name == description.end() || !name->is_string())
    return Error{ErrorCode::malformed, "the tokenizer's description has no name"};
  if (name->get_ref<const std::string&>() == kSubwords) return subwords_from_json(description, &tokenizer_from_json);
  const Entry* entry = find_entry(name->get_ref<const std::string&>());
  return entry == nullptr ? unknown_name(name->get_ref<const std::string&>()) : entry->from_json(description);
}

std::span<const std::string_view> tokenizer_names() { return kNames; }

std::string_view tokenizer_summary(std::string_view name) {
  const Entry* entry = find_entry(name);
  return entry == nullptr ? std::string_view() : entry->summary;
}

bool is_tokenizer_name(std::string_view name) { return name.ends_with(kFileExtension) || find_entry(name) != nullptr; }

bool needs_learning(std::string_view name) {
  const Entry* entry = find_entry(name);
  return entry != nullptr && entry->needs_learning;
}

TokenizerResult make_tokenizer(std::string_view name, std::span<const score::Score> corpus) {
  if (name.ends_with(kFileExtension)) return read_tokenizer(name);
  const Entry* entry = find_entry(name);
  return entry == nullptr ? unknown_name(name) : entry->make(corpus);
}

Result<bool> can_make(std::string_view name, const nlohmann::json& description) {
  if (needs_learning(name)) return description.is_object() && description.value("name", nlohmann::json()) == name;
  CONTINUO_ASSIGN(const auto plain, make_tokenizer(name));
  if (plain->to_json() == description) return true;
  std::vector<score::Score> drums(1);
  drums[0].tracks.push_back({.is_drum = true, .notes = {score::Note{}}});
  CONTINUO_ASSIGN(const auto for_drums, make_tokenizer(name, drums));
  return for_drums->to_json() == description;
}

bool is_same_kind(const nlohmann::json& a, const nlohmann::json& b) {
  if (!a.is_object() || !b.is_object()) return false;
  const nlohmann::json name = a.value("name", nlohmann::json());
  if (!name.is_string() || name != b.value("name", nlohmann::json())) return false;
  return name != kSubwords || is_same_kind(a.value("base", nlohmann::json()), b.value("base", nlohmann::json()));
}

}  // namespace continuo::tokens
