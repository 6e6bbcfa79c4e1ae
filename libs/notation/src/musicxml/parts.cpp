#include <algorithm>
#include <array>
#include <charconv>

#include "continuo/notation/midi_reader.h"

#include "../text_encoding.h"
#include "score.h"

namespace continuo::notation::musicxml {

std::string_view trim(std::string_view text) {
  constexpr std::string_view kSpace = " \t\r\n";
  const std::size_t first = text.find_first_not_of(kSpace);
  if (first == text.npos) return {};
  return text.substr(first, text.find_last_not_of(kSpace) - first + 1);
}

std::optional<double> number_in(std::string_view text) {
  text = trim(text);
  if (text.starts_with('+')) text.remove_prefix(1);
  double number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number, std::chars_format::fixed);
  if (error != std::errc() || !(number > -1e9 && number < 1e9)) return std::nullopt;
  return number;
}

std::string clean_text(const char* text) {
  std::string clean(trim(text));
  std::replace_if(
      clean.begin(), clean.end(), [](char c) { return c == '\n' || c == '\r' || c == '\t'; }, ' ');
  return cut_utf8(to_utf8({reinterpret_cast<const std::uint8_t*>(clean.data()), clean.size()}), kLongestNameBytes);
}

std::string measure_place(const pugi::xml_node& frame) {
  return "measure " + excerpt(clean_text(frame.attribute("number").value()));
}

Error error_in(const Part& part, const std::string& measure, std::string what, ErrorCode code) {
  return {code, std::move(what), part.place_of(measure), {}};
}

void apply_midi_instrument(const pugi::xml_node& midi_instrument, Instrument& instrument) {
  const auto number = [&](const char* name, int lowest, int highest) -> std::optional<int> {
    const auto value = number_in(midi_instrument.child(name).text().get());
    if (!value || *value < lowest || *value > highest) return std::nullopt;
    return static_cast<int>(*value);
  };
  if (const auto channel = number("midi-channel", 1, 16)) instrument.is_drum = *channel == 10;
  if (const auto program = number("midi-program", 1, 128)) instrument.program = *program - 1;
  if (const auto pitch = number("midi-unpitched", 1, 128)) instrument.drum_pitch = *pitch - 1;
}

std::vector<Instrument> read_instruments(const pugi::xml_node& score_part) {
  std::vector<Instrument> instruments;
  const auto of_id = [&](const char* id) -> Instrument& {
    const auto known = std::find_if(instruments.begin(), instruments.end(), [&](const auto& i) { return i.id == id; });
    if (known != instruments.end()) return *known;
    if (instruments.size() >= kMaxInstruments) return instruments.front();
    Instrument& instrument = instruments.emplace_back();
    instrument.id = id;
    return instrument;
  };
  for (const pugi::xml_node& node : score_part.children("score-instrument")) of_id(node.attribute("id").value());
  for (const pugi::xml_node& node : score_part.children("midi-instrument"))
    apply_midi_instrument(node, of_id(node.attribute("id").value()));
  if (instruments.empty()) instruments.emplace_back();
  return instruments;
}

// Source: Weinberg, "Guide to Standardized Drumset Notation" (1998), with General MIDI's keys.
int drum_pitch_at(int display_step_from_c4) {
  constexpr std::array<int, 13> kFromD4 = {44, 36, 36, 41, 43, 45, 38, 47, 48, 51, 42, 49, 57};
  const int index = std::clamp(display_step_from_c4 - 1, 0, static_cast<int>(kFromD4.size()) - 1);
  return kFromD4[static_cast<std::size_t>(index)];
}

int display_steps(const pugi::xml_node& unpitched) {
  constexpr int kMiddleLine = 6;
  constexpr std::array<int, 7> kSteps = {5, 6, 0, 1, 2, 3, 4};
  const std::string_view step = trim(unpitched.child("display-step").text().get());
  const auto octave = number_in(unpitched.child("display-octave").text().get());
  if (step.size() != 1 || step[0] < 'A' || step[0] > 'G' || !octave) return kMiddleLine;
  const int octaves = static_cast<int>(std::clamp(*octave, 0.0, 10.0)) - 4;
  return kSteps[static_cast<std::size_t>(step[0] - 'A')] + 7 * octaves;
}

}  // namespace continuo::notation::musicxml
