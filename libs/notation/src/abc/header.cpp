#include <algorithm>
#include <bit>
#include <charconv>
#include <cmath>
#include <numeric>

#include "continuo/base/text.h"

#include "tune.h"

namespace continuo::notation::abc {
namespace {

constexpr std::string_view kLetters = "CDEFGAB";
constexpr std::array<int, 7> kFifthsOfLetter = {0, 2, 4, -1, 1, 3, 5};
constexpr std::array<int, 7> kSharpOrder = {3, 0, 4, 1, 5, 2, 6};

bool is_letter(char c) { return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z'); }

std::optional<int> parse_int(std::string_view text) {
  int value = 0;
  const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (code != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

struct Fraction {
  int numerator = 1, denominator = 1;
};

std::optional<Fraction> parse_fraction(std::string_view text) {
  const std::size_t slash = text.find('/');
  const auto numerator = parse_int(trim(text.substr(0, slash)));
  const auto denominator = slash == text.npos ? 1 : parse_int(trim(text.substr(slash + 1)));
  if (!numerator || !denominator || *numerator < 1 || *denominator < 1) return std::nullopt;
  if (*numerator > kMaxNumber || *denominator > 1024) return std::nullopt;
  return Fraction{*numerator, *denominator};
}

// Words, where quotes keep a word together ("name=\"Tenor I\"" is one).
std::vector<std::string> words(std::string_view text) {
  std::vector<std::string> result;
  std::string word;
  bool quoted = false;
  for (const char c : text) {
    if (c == '"') {
      quoted = !quoted;
    } else if (!quoted && (c == ' ' || c == '\t')) {
      if (!word.empty()) result.push_back(std::move(word));
      word.clear();
    } else {
      word += c;
    }
  }
  if (!word.empty()) result.push_back(std::move(word));
  return result;
}

// Requires: no alterations yet.
void set_signature(Key& key, int fifths) {
  for (int i = 0; i < fifths; ++i)
    ++key.alterations[static_cast<std::size_t>(kSharpOrder[static_cast<std::size_t>(i % 7)])];
  for (int i = 0; i < -fifths; ++i)
    --key.alterations[static_cast<std::size_t>(kSharpOrder[static_cast<std::size_t>(6 - i % 7)])];
  while (fifths > 7) fifths -= 12;
  while (fifths < -7) fifths += 12;
  key.fifths = fifths;
}

// How many fifths a mode lies from major.
std::optional<int> mode_shift(const std::string& mode) {
  static const std::map<std::string, int> shifts = {{"", 0},     {"maj", 0},  {"ion", 0}, {"lyd", 1},
                                                    {"mix", -1}, {"dor", -2}, {"m", -3},  {"min", -3},
                                                    {"aeo", -3}, {"phr", -4}, {"loc", -5}};
  const auto found = shifts.find(mode.substr(0, 3));
  if (found == shifts.end()) return std::nullopt;
  return found->second;
}

bool is_clef(const std::string& word) {
  return word.starts_with("treble") || word.starts_with("bass") || word.starts_with("alto") ||
         word.starts_with("tenor") || word.starts_with("perc") || word == "none";
}

// Accidentals such as "^f_b=c" from `begin` on; anything else in `text` is left alone.
bool apply_explicit_accidentals(Key& key, std::string_view text) {
  bool any = false;
  for (std::size_t i = 0; i < text.size();) {
    int alteration = 0;
    const std::size_t begin = i;
    while (i < text.size() && (text[i] == '^' || text[i] == '_' || text[i] == '=')) {
      alteration += text[i] == '^' ? 1 : text[i] == '_' ? -1 : 0;
      ++i;
    }
    if (i == begin || i == text.size()) return any;
    const char letter = text[i] >= 'a' ? static_cast<char>(text[i] - 'a' + 'A') : text[i];
    const std::size_t step = kLetters.find(letter);
    if (step == kLetters.npos) return any;
    key.alterations[step] = alteration;
    any = true;
    ++i;
  }
  return any;
}

void apply_explicit_words(Key& key, std::string_view rest, bool only_explicit) {
  for (const std::string& word : words(rest)) apply_explicit_accidentals(key, word);
  if (only_explicit) {
    key.fifths = std::clamp(std::accumulate(key.alterations.begin(), key.alterations.end(), 0), -7, 7);
  }
}

// The length of all beats before "=" of a tempo: "1/4", "3/8 3/8", "C3".
std::optional<double> beat_in_quarters(std::string_view text, Units unit_length) {
  double sum = 0;
  const double unit = 4.0 * static_cast<double>(unit_length) / kUnitsPerWhole;
  for (const std::string& word : words(text)) {
    if (word[0] == 'C') {
      const auto times = word.size() > 1 ? parse_fraction(std::string_view(word).substr(1)) : Fraction{};
      if (!times) return std::nullopt;
      sum += unit * times->numerator / times->denominator;
    } else {
      const auto fraction = parse_fraction(word);
      if (!fraction) return std::nullopt;
      sum += 4.0 * fraction->numerator / fraction->denominator;
    }
  }
  return sum;
}

void set_voice_properties(Voice& voice, std::string_view text, int transposition_of_key) {
  for (const std::string& word : words(text)) {
    const std::size_t equals = word.find('=');
    if (equals == word.npos) continue;
    const std::string name = word.substr(0, equals);
    const std::string value = word.substr(equals + 1);
    if (name == "name" || name == "nm") voice.name = name_text(value);
    if (name == "cue") voice.is_cue = value == "on" || value == "1";
  }
  if (const int asked = parse_transposition(text); asked != 0) voice.transposition = transposition_of_key + asked;
}

}  // namespace

std::string_view trim(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t' || text.back() == '\r')) text.remove_suffix(1);
  return text;
}

std::optional<Key> parse_key(std::string_view text, const Key& previous) {
  text = trim(text);
  Key key;
  if (text.starts_with("Hp")) return set_signature(key, 2), key;
  key.is_none = text.empty() || lower_case(text).starts_with("none");
  if (key.is_none || text.starts_with("HP")) {
    apply_explicit_words(key, text, true);
    return key;
  }
  const std::size_t step = kLetters.find(text[0]);
  if (step == kLetters.npos) {
    key = previous;
    const std::string word = lower_case(text);
    if (apply_explicit_accidentals(key, text)) return key;
    return is_clef(word) || word.find('=') != word.npos ? std::optional(key) : std::nullopt;
  }
  int fifths = kFifthsOfLetter[step];
  std::size_t at = 1;
  if (at < text.size() && (text[at] == '#' || text[at] == 'b')) fifths += text[at++] == '#' ? 7 : -7;
  const std::size_t after_tonic = at;
  while (at < text.size() && text[at] == ' ') ++at;
  const std::size_t mode_begin = at;
  while (at < text.size() && is_letter(text[at])) ++at;
  std::string mode = lower_case(text.substr(mode_begin, at - mode_begin));
  if (text.substr(mode_begin, at - mode_begin) == "M") mode = "maj";
  if ((at < text.size() && text[at] == '=') || is_clef(mode)) mode.clear(), at = after_tonic;
  const bool only_explicit = mode == "exp";
  const auto shift = only_explicit ? 0 : mode_shift(mode);
  if (!shift) return std::nullopt;
  if (!only_explicit) set_signature(key, fifths + *shift);
  key.is_minor = *shift == -3;
  apply_explicit_words(key, text.substr(at), only_explicit);
  return key;
}

std::optional<Meter> parse_meter(std::string_view text) {
  text = trim(text);
  Meter meter;
  if (text == "C") return meter;
  if (text == "C|") return Meter{2, 2};
  if (text.empty() || lower_case(text) == "none") return meter.is_free = true, meter;
  const std::size_t slash = text.find('/');
  if (slash == text.npos) return std::nullopt;
  int sum = 0;
  std::string beats(text.substr(0, slash));
  std::erase_if(beats, [](char c) { return c == '(' || c == ')' || c == ' '; });
  for (std::size_t begin = 0; begin <= beats.size();) {
    const std::size_t end = std::min(beats.find('+', begin), beats.size());
    const auto beat = parse_int(std::string_view(beats).substr(begin, end - begin));
    if (!beat || *beat < 1 || *beat > 255) return std::nullopt;
    sum += *beat;
    begin = end + 1;
  }
  const auto denominator = parse_int(trim(text.substr(slash + 1)));
  if (!denominator || *denominator < 1 || *denominator > 128 || sum > 255) return std::nullopt;
  if (!std::has_single_bit(static_cast<unsigned>(*denominator))) return std::nullopt;
  return Meter{sum, *denominator};
}

std::optional<Units> parse_unit_length(std::string_view text) {
  const auto fraction = parse_fraction(trim(text));
  if (!fraction || fraction->numerator > 8 * fraction->denominator) return std::nullopt;
  return kUnitsPerWhole * fraction->numerator / fraction->denominator;
}

std::optional<std::int32_t> parse_tempo(std::string_view text, Units unit_length) {
  std::string plain;
  bool quoted = false;
  for (const char c : text) {
    if (c == '"') quoted = !quoted;
    if (c != '"' && !quoted) plain += c;
  }
  const std::string_view value = trim(plain);
  if (value.empty()) return 0;
  const std::size_t equals = value.find('=');
  const auto beat = beat_in_quarters(equals == value.npos ? "C" : value.substr(0, equals), unit_length);
  const std::string_view number = trim(equals == value.npos ? value : value.substr(equals + 1));
  double per_minute = 0;
  const auto [end, code] = std::from_chars(number.data(), number.data() + number.size(), per_minute);
  if (code != std::errc() || end != number.data() + number.size() || !beat) return std::nullopt;
  const double microseconds = 6e7 / (per_minute * *beat);
  if (!(microseconds >= 1 && microseconds <= 16777215)) return std::nullopt;
  return static_cast<std::int32_t>(std::lround(microseconds));
}

std::optional<std::string> parse_part_order(std::string_view text) {
  constexpr std::size_t kMostParts = 4096;
  std::vector<std::string> groups(1);  // the outermost, and those in brackets that are open
  std::size_t last = 0;                // length of what a number repeats
  while (!text.empty()) {
    const char c = text.front();
    std::size_t taken = 1;
    if (is_letter(c)) {
      groups.back() += c;
      last = 1;
    } else if (c == '(') {
      groups.emplace_back();
      last = 0;
    } else if (c == ')' && groups.size() > 1) {
      const std::string group = std::move(groups.back());
      groups.pop_back();
      groups.back() += group;
      last = group.size();
    } else if (c >= '1' && c <= '9') {
      taken = std::min(text.find_first_not_of("0123456789"), text.size());
      const std::size_t times =
          std::min<std::size_t>(parse_int(text.substr(0, taken)).value_or(kMaxNumber), kMaxNumber);
      const std::string item = groups.back().substr(groups.back().size() - last);
      for (std::size_t i = 1; i < times && groups.back().size() <= kMostParts; ++i) groups.back() += item;
      last = 0;
    } else if (c != '.' && c != ' ') {
      return std::nullopt;
    }
    if (groups.back().size() > kMostParts) return std::nullopt;
    text.remove_prefix(taken);
  }
  if (groups.size() > 1) return std::nullopt;
  return groups.front();
}

int parse_transposition(std::string_view text) {
  int semitones = 0;
  for (const std::string& word : words(text)) {
    const std::string_view view = word;
    if (view.starts_with("octave=")) semitones += 12 * std::clamp(parse_int(view.substr(7)).value_or(0), -4, 4);
    if (view.starts_with("transpose=")) semitones += std::clamp(parse_int(view.substr(10)).value_or(0), -48, 48);
    const std::string_view clef = view.starts_with("clef=") ? view.substr(5) : view;
    if (is_clef(std::string(clef)) && clef.ends_with("+8")) semitones += 12;
    if (is_clef(std::string(clef)) && clef.ends_with("-8")) semitones -= 12;
  }
  return semitones;
}

Units Tune::unit() const {
  if (unit_length) return *unit_length;
  const bool is_short = !meter.is_free && 4 * meter.numerator < 3 * meter.denominator;
  return kUnitsPerWhole / (is_short ? 16 : 8);
}

Voice& Tune::select_voice(std::string_view id) {
  for (current = 0; current < voices.size(); ++current) {
    if (voices[current].id == id) return voices[current];
  }
  Voice voice;
  voice.id = id;
  voice.program = program;
  voice.transposition = transposition;
  voice.key = key;
  voice.meter = meter;
  voice.unit_length = unit();
  voice.next_measure(to_string(place));
  voices.push_back(std::move(voice));
  return voices.back();
}

void Voice::next_measure(std::string place) {
  if (measures.empty() || open().length > 0) {
    measures.emplace_back();
    open().key = key;
    open().meter = meter;
  }
  open().place = std::move(place);
  cursor = 0;
  is_overlay = false;
  has_last = false;
  accidentals.clear();
}

void Voice::add(Element element) {
  element.is_cue = is_cue;
  if (is_cue) cue_notes += element.notes.size();
  element.offset = cursor;
  cursor += element.duration;
  length_without_last = open().length;
  open().length = std::max(open().length, cursor);
  first_note_of_last = open().notes.size();
  last = std::move(element);
  has_last = true;
  put_last();
}

void Voice::put_last() {
  open().notes.resize(first_note_of_last);
  if (last.is_cue) return;
  for (const ParsedNote& note : last.notes) {
    open().notes.push_back(written(note, last.offset));
    open().notes.back().stops_tie = true;  // ABC marks only beginnings of ties
  }
}

written::Note Voice::written(const ParsedNote& note, Units offset) const {
  return {.offset = offset,
          .duration = note.duration,
          .pitch = static_cast<std::uint8_t>(note.pitch),
          .starts_tie = note.is_tied,
          .voice = is_overlay ? 1u : 0u};
}

void Voice::add_graces(std::span<const ParsedNote> chord) {
  if (is_cue) cue_notes += chord.size();
  for (std::size_t i = 0; i < chord.size() && !is_cue; ++i)
    open().graces.push_back({.note = written(chord[i], cursor), .joins_chord = i > 0});
}

Status apply_header_field(Tune& tune, char field, std::string_view value, Place place, Log& log) {
  if (field == 'T' && tune.title.empty()) tune.title = name_text(value);
  if (field == 'Q') tune.tempo_text = value;
  if (field == 'I') apply_directive(tune, value);
  if (field == 'M') {
    const auto meter = parse_meter(value);
    if (!meter) return log.problem(place, "M: is not a meter");
    tune.meter = *meter;
  } else if (field == 'P') {
    const auto order = parse_part_order(value);
    if (!order) return log.problem(place, "P: is not an order of parts");
    tune.part_order = *order;
  } else if (field == 'L') {
    const auto unit = parse_unit_length(value);
    if (!unit) return log.problem(place, "L: is not a note length");
    tune.unit_length = *unit;
  } else if (field == 'K') {
    const auto key = parse_key(value, tune.key);
    if (!key) return log.problem(place, "K: is not a key");
    tune.key = *key;
    tune.transposition = parse_transposition(value);
  }
  return {};
}

namespace {

Status apply_voice_field(Tune& tune, std::string_view value, Place place, Log& log) {
  const std::size_t end = std::min(value.find_first_of(" \t"), value.size());
  if (end == 0) return log.problem(place, "V: names no voice");
  if (tune.voices.size() >= kMaxVoices) return error_at(place, "the tune has too many voices", ErrorCode::too_large);
  Voice& voice = tune.select_voice(value.substr(0, end));
  set_voice_properties(voice, value.substr(end), tune.transposition);
  return {};
}

Status apply_body_key(Voice& voice, std::string_view value, Place place, Log& log) {
  const auto key = parse_key(value, voice.key);
  if (!key) return log.problem(place, "K: is not a key");
  voice.key = *key;
  voice.accidentals.clear();
  if (voice.cursor == 0) {
    voice.open().key = *key;
  } else {
    voice.open().keys.push_back({voice.cursor, *key});
  }
  return {};
}

}  // namespace

Status apply_body_field(Tune& tune, char field, std::string_view value, Place place, Log& log) {
  const bool continues = field == '+';
  if (continues) field = tune.last_field == 'w' ? 'w' : ' ';
  if (!continues) tune.last_field = field;
  if (field == 'V') return apply_voice_field(tune, value, place, log);
  if (field == 'I') return apply_directive(tune, value), Status{};
  if (field == 'W') ++log.word_lines;
  Voice& voice = tune.voice();
  if (field == 'w') align_lyrics(voice, value, continues, log);
  if (field == 'K') return apply_body_key(voice, value, place, log);
  const auto end_measure = [&] {
    if (voice.cursor == 0) return;
    voice.open().navigation.ends_section = true;
    voice.next_measure(to_string(place));
  };
  if (field == 'P') {
    if (!tune.part_order.empty()) end_measure();
    voice.open().markers.push_back({voice.cursor, name_text(value)});
    if (!value.empty()) voice.part_labels.emplace_back(value.front(), voice.measures.size() - 1);
  }
  if (field == 'M') {
    const auto meter = parse_meter(value);
    if (!meter) return log.problem(place, "M: is not a meter");
    end_measure();
    voice.open().meter = voice.meter = *meter;
  } else if (field == 'L') {
    const auto unit = parse_unit_length(value);
    if (!unit) return log.problem(place, "L: is not a note length");
    voice.unit_length = *unit;
  } else if (field == 'Q') {
    const auto tempo = parse_tempo(value, voice.unit_length);
    if (!tempo) return log.problem(place, "Q: is not a tempo");
    // Of several at the same place the last counts.
    auto& tempos = voice.open().tempos;
    if (*tempo > 0) std::erase_if(tempos, [&](const auto& t) { return t.offset == voice.cursor; });
    if (*tempo > 0) tempos.push_back({voice.cursor, *tempo});
  }
  return {};
}

void apply_directive(Tune& tune, std::string_view text) {
  const std::vector<std::string> parts = words(text);
  if (parts.size() < 2) return;
  if (parts[0] == "MIDI" && parts[1] == "program" && parts.size() > 2) {
    const int program = std::clamp(parse_int(parts.back()).value_or(0), 0, 127);
    (tune.voices.empty() ? tune.program : tune.voices[tune.current].program) = program;
  } else if (parts[0] == "propagate-accidentals") {
    tune.accidentals_hold = parts[1] == "not"     ? Tune::AccidentalsHold::nowhere
                            : parts[1] == "pitch" ? Tune::AccidentalsHold::all_octaves
                                                  : Tune::AccidentalsHold::octave;
  }
}

}  // namespace continuo::notation::abc
