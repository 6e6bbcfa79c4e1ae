#include "music_options.h"

#include <algorithm>
#include <bit>
#include <charconv>
#include <optional>
#include <string_view>

#include "continuo/score/chord.h"
#include "continuo/score/general_midi.h"
#include "continuo/score/pitch_names.h"

namespace continuo::app {
namespace {

Error invalid(const std::string& option, const std::string& problem) {
  return {ErrorCode::invalid_argument, option + ": " + problem, {}, {}};
}

// The elements of a list between commas, without the spaces around them.
std::vector<std::string> elements(std::string_view text) {
  std::vector<std::string> list;
  while (true) {
    const std::size_t comma = std::min(text.find(','), text.size());
    std::string_view element = text.substr(0, comma);
    while (element.starts_with(' ')) element.remove_prefix(1);
    while (element.ends_with(' ')) element.remove_suffix(1);
    list.emplace_back(element);
    if (comma == text.size()) return list;
    text.remove_prefix(comma + 1);
  }
}

// Two numbers with a sign between them, or one, which is taken twice.
bool read_pair(std::string_view text, char sign, int& first, int& second) {
  const char* end = text.data() + text.size();
  const auto one = std::from_chars(text.data(), end, first);
  second = first;
  if (one.ec != std::errc()) return false;
  if (one.ptr == end) return true;
  if (*one.ptr != sign) return false;
  const auto two = std::from_chars(one.ptr + 1, end, second);
  return two.ec == std::errc() && two.ptr == end;
}

// "1 MELODY, 2 Acoustic Grand Piano".
std::string listed(const score::Score& piece, const std::vector<std::size_t>& tracks) {
  std::string text;
  for (std::size_t i = 0; i < tracks.size(); ++i) {
    const score::Track& track = piece.tracks[tracks[i]];
    const std::string_view sound = track.is_drum ? "Drums" : score::program_name(track.program);
    text += (i > 0 ? ", " : "") + std::to_string(i + 1) + " " +
            (track.name.empty() ? std::string(sound) : track.name.substr(0, 40));
  }
  return text;
}

// Two pitches with a dash between them, which may itself follow a dash: "C-1-C3".
std::optional<generate::PitchRange> find_range(std::string_view text) {
  for (std::size_t dash = text.find('-', 1); dash < text.size(); dash = text.find('-', dash + 1)) {
    const auto lowest = score::find_pitch(text.substr(0, dash));
    const auto highest = score::find_pitch(text.substr(dash + 1));
    if (lowest && highest && *lowest <= *highest) return generate::PitchRange{*lowest, *highest};
  }
  return std::nullopt;
}

}  // namespace

Result<generate::BarRange> read_bars(const std::string& text, const std::string& option) {
  generate::BarRange bars;
  if (read_pair(text, '-', bars.first, bars.last) && bars.first >= 1 && bars.last >= bars.first) return bars;
  return invalid(option, "must be bars counted from 1, such as 5-8");
}

Result<std::vector<generate::Instrument>> read_instruments(const std::string& text, const std::string& option) {
  std::vector<generate::Instrument> instruments;
  for (const std::string& name : elements(text)) {
    const auto sound = score::find_sound(name);
    if (!sound)
      return invalid(option, "there is no instrument '" + name +
                                 "': use a General MIDI name or number, or piano, organ, guitar, bass, strings, choir, "
                                 "brass, sax, flute, lead, pad, drums");
    instruments.push_back({sound->program, sound->is_drum});
  }
  return instruments;
}

Result<score::TimeSignature> read_meter(const std::string& text, const std::string& option) {
  score::TimeSignature meter;
  if (text.find('/') != std::string::npos && read_pair(text, '/', meter.numerator, meter.denominator) &&
      meter.numerator >= 1 && meter.numerator <= 255 && meter.denominator >= 1 && meter.denominator <= 128 &&
      std::has_single_bit(unsigned(meter.denominator)))
    return meter;
  return invalid(option, "must be a time signature, such as 3/4");
}

Result<score::KeySignature> read_key(const std::string& text, const std::string& option) {
  if (const auto key = score::find_key(text)) return *key;
  return invalid(option, "must be a major or minor key with at most seven sharps or flats, such as C or 'F# minor'");
}

Result<generate::PitchRange> read_range(const std::string& text, const std::string& option) {
  if (const auto range = find_range(text)) return *range;
  return invalid(option, "must be two pitches, the lower first, such as C3-C5 or 48-72");
}

Result<std::vector<generate::PitchRange>> read_pitches(const std::string& text, const std::string& option) {
  std::vector<generate::PitchRange> ranges;
  for (const std::string& element : elements(text)) {
    const auto pitch = score::find_pitch(element);
    const auto range = pitch ? std::optional(generate::PitchRange{*pitch, *pitch}) : find_range(element);
    if (!range) return invalid(option, "must be pitches or ranges of them, such as 36,38 or C2-B2,C5");
    ranges.push_back(*range);
  }
  return ranges;
}

Result<std::uint16_t> read_scale(const std::string& text, const std::string& option) {
  if (const auto scale = score::find_scale(text)) return *scale;
  return invalid(option, "must be a note and a scale, such as 'F# minor' (" + score::scale_names() + ")");
}

Result<std::vector<generate::KindTemperature>> read_temperatures(const std::string& text, const std::string& option) {
  std::vector<generate::KindTemperature> temperatures;
  for (const std::string& element : elements(text)) {
    const std::size_t sign = element.find('=');
    generate::KindTemperature read{.kind = element.substr(0, sign)};
    const char* end = element.data() + element.size();
    const char* number = sign == std::string::npos ? end : element.data() + sign + 1;
    const auto [rest, error] = std::from_chars(number, end, read.temperature);
    const bool good = !read.kind.empty() && error == std::errc() && rest == end;
    if (!good || !(read.temperature >= 0 && read.temperature <= 10))
      return invalid(option, "must be kinds of words with temperatures from 0 to 10, such as pitch=0.8,velocity=1.2");
    temperatures.push_back(std::move(read));
  }
  return temperatures;
}

std::vector<cli::Field> note_rule_options() {
  using cli::Type;
  return options::in_group(
      "New notes (models of the tokenizer bar_tracks)",
      {{.name = "range",
        .unit = "A-B",
        .help = "Lowest and highest pitch, such as C3-C5 or 48-72; 0-127: any; not of drums [default: what each "
                "instrument can play, and what the piece has it play]"},
       {.name = "scale", .unit = "SCALE", .help = "Notes of this scale alone, such as 'F# minor'; not of drums"},
       {.name = "voices",
        .type = Type::kInteger,
        .unit = "N",
        .help = "At most N new notes of a track sound at once; 0: any number",
        .default_value = "0",
        .range = {0, 32}},
       {.name = "notes_per_bar",
        .type = Type::kInteger,
        .unit = "N",
        .help = "About N notes of a track in a bar in which it plays, to the nearest of 1, 2, 3-4, 5-6, 7-9, 10-14, "
                "15-20 and more; 0: as the model likes",
        .default_value = "0",
        .range = {0, 100}},
       {.name = "grid",
        .type = Type::kInteger,
        .unit = "N",
        .help = "New notes begin at multiples of 1/N of a quarter, counted from the bar line: 1 on quarters, 2 on "
                "eighths, 4 on sixteenths; 0: wherever the model can place them",
        .default_value = "0",
        .range = {0, 96}},
       {.name = "chords",
        .unit = "LIST",
        .help = "Chords of the new bars, again and again: 'Am F C G', one a bar, or 'Am | F C | %', with two in a bar "
                "and the one before once more; auto: the model chooses them first, to fit what is given, and names "
                "them; needs a model that has learned chords",
        .default_text = "those that the piece names, if it does"},
       {.name = "guidance",
        .type = Type::kReal,
        .unit = "X",
        .help = "How much chords and notes a bar count for: 1 as the model has learned, 2 twice as much; others than 1 "
                "take twice as long",
        .default_text = "2 with chords, else 1",
        .range = {0, 10}}});
}

cli::Field rest_option(const std::string& whose) {
  return {.name = "rest_bars",
          .type = cli::Type::kInteger,
          .unit = "N",
          .help = whose + " is silent for at most N bars in a row",
          .default_value = "2",
          .range = {0, 1000}};
}

Status read_note_rules(const cli::Arguments& arguments, generate::ComposeOptions& options) {
  generate::NoteRules& rules = options.note_rules;
  if (arguments.has("range")) {
    CONTINUO_ASSIGN(const generate::PitchRange range, read_range(arguments.text("range"), "--range"));
    rules.lowest = range.lowest;
    rules.highest = range.highest;
    rules.keeps_to_instruments = false;
  }
  if (arguments.has("scale")) {
    CONTINUO_ASSIGN(rules.pitch_classes, read_scale(arguments.text("scale"), "--scale"));
  }
  rules.most_at_once = static_cast<int>(arguments.integer("voices"));
  rules.notes_per_bar = static_cast<int>(arguments.integer("notes_per_bar"));
  rules.grid = static_cast<int>(arguments.integer("grid"));
  if (arguments.has("rest_bars")) rules.longest_rest_bars = static_cast<int>(arguments.integer("rest_bars"));
  options.draws_chords = arguments.has("chords") && arguments.text("chords") == "auto";
  if (arguments.has("chords") && !options.draws_chords) {
    auto chords = score::read_progression(arguments.text("chords"));
    if (!chords.ok()) return invalid("--chords", chords.error().what);
    options.chords = *std::move(chords);
  }
  if (arguments.given("guidance")) options.guidance = arguments.number("guidance");
  return {};
}

cli::Field velocity_option() {
  return {.name = "velocity",
          .unit = "A-B",
          .help =
              "Softest and loudest new note, such as 40-90, of 1 to 127: what the model, or the piece, has them be "
              "is brought between these in proportion"};
}

std::vector<cli::Field> playing_options() {
  return options::in_group(
      "How new notes are played",
      {velocity_option(),
       {.name = "swing",
        .type = cli::Type::kReal,
        .unit = "PERCENT",
        .help = "Place of the second of two eighths in its quarter: 50 straight, 60 light, 66.7 as in a "
                "triplet; not in 6/8 and its like, nor in clock time",
        .default_value = "50",
        .range = {50, 75}}});
}

Status read_playing(const cli::Arguments& arguments, generate::ComposeOptions& options) {
  if (arguments.has("velocity")) {
    generate::ComposeOptions::Playing& playing = options.playing;
    const bool good = read_pair(arguments.text("velocity"), '-', playing.softest, playing.loudest) &&
                      playing.softest >= 1 && playing.softest <= playing.loudest && playing.loudest <= 127;
    if (!good) return invalid("--velocity", "must be two velocities of 1 to 127, the softer first, such as 40-90");
  }
  if (arguments.has("swing")) options.playing.swing = arguments.number("swing") / 100;
  return {};
}

Result<std::vector<std::size_t>> read_tracks(const std::string& text, const score::Score& piece,
                                             const std::string& option) {
  std::vector<std::size_t> with_notes, tracks;
  for (std::size_t i = 0; i < piece.tracks.size(); ++i)
    if (!piece.tracks[i].notes.empty()) with_notes.push_back(i);
  for (const std::string& element : elements(text)) {
    int number = 0, same = 0;
    const bool good = read_pair(element, '\0', number, same) && number >= 1 && std::size_t(number) <= with_notes.size();
    if (!good) return invalid(option, "there is no track '" + element + "': " + listed(piece, with_notes));
    tracks.push_back(with_notes[std::size_t(number - 1)]);
  }
  return tracks;
}

}  // namespace continuo::app
