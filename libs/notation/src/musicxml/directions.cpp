#include <algorithm>
#include <cmath>

#include "continuo/base/text.h"

#include "score.h"

namespace continuo::notation::musicxml {
namespace {

bool is_yes(const pugi::xml_attribute& attribute) { return std::string_view(attribute.value()) == "yes"; }

// A controller of sound's pedal attributes: "yes", "no" or a percentage.
std::optional<std::uint8_t> pedal_value(const pugi::xml_attribute& attribute) {
  if (!attribute) return std::nullopt;
  if (is_yes(attribute)) return std::uint8_t{127};
  const double percent = number_in(attribute.value()).value_or(0);
  return static_cast<std::uint8_t>(std::clamp(std::lround(percent * 1.27), 0L, 127L));
}

}  // namespace

int velocity_of_percent(double percent) { return static_cast<int>(std::lround(std::clamp(percent * 0.9, 1.0, 127.0))); }

std::optional<std::int32_t> tempo_of_bpm(double quarters_per_minute) {
  const double microseconds = quarters_per_minute > 0 ? std::round(6e7 / quarters_per_minute) : 0;
  if (microseconds < 1 || microseconds > 16777215) return std::nullopt;
  return static_cast<std::int32_t>(microseconds);
}

std::optional<std::int32_t> tempo_of_metronome(const pugi::xml_node& metronome) {
  struct Value {
    std::string_view name;
    double quarters;
  };
  constexpr std::array kValues = {Value{"maxima", 32},   Value{"long", 16},      Value{"breve", 8},
                                  Value{"whole", 4},     Value{"half", 2},       Value{"quarter", 1},
                                  Value{"eighth", 0.5},  Value{"16th", 0.25},    Value{"32nd", 0.125},
                                  Value{"64th", 0.0625}, Value{"128th", 0.03125}};
  const pugi::xml_node unit = metronome.child("beat-unit");
  const std::string_view name = trim(unit.text().get());
  const auto value = std::find_if(kValues.begin(), kValues.end(), [&](const Value& v) { return v.name == name; });
  std::string_view figure = metronome.child("per-minute").text().get();
  figure.remove_prefix(std::min(figure.find_first_of("0123456789"), figure.size()));
  const auto per_minute = number_in(figure);
  if (value == kValues.end() || !per_minute) return std::nullopt;
  double quarters = value->quarters, dot = value->quarters;
  for (pugi::xml_node next = unit.next_sibling(); std::string_view(next.name()) == "beat-unit-dot";
       next = next.next_sibling()) {
    dot /= 2;
    quarters += dot;
  }
  return tempo_of_bpm(*per_minute * quarters);
}

void PartReader::read_direction(const pugi::xml_node& node) {
  const Units offset = offset_of(node, false);
  const std::size_t tempos = measure_.tempos.size();
  for (const pugi::xml_node& type : node.children("direction-type")) read_direction_type(type, offset);
  const pugi::xml_node sound = node.child("sound");
  if (!sound) return;
  if (sound.attribute("tempo")) measure_.tempos.resize(tempos);
  read_sound(sound, sound.child("offset") ? offset_of(sound, true) : offset);
}

void PartReader::read_direction_type(const pugi::xml_node& type, Units offset) {
  for (const pugi::xml_node& child : type.children()) {
    const std::string_view name = child.name();
    if (name == "dynamics") {
      for (const pugi::xml_node& mark : child.children()) {
        if (const auto dynamic = written::dynamic_of_mark(mark.name())) dynamics_.push_back({offset, *dynamic});
      }
    }
    if (name == "metronome") {
      if (const auto tempo = tempo_of_metronome(child)) measure_.tempos.push_back({offset, *tempo});
    }
    if (name == "rehearsal") {
      std::string text = clean_text(child.text().get());
      if (!text.empty()) measure_.markers.push_back({offset, std::move(text)});
    }
    if (name == "pedal") read_pedal(child, offset);
    if (name == "words") read_words(child.text().get(), offset);
    if (name == "segno" && jumps_ == JumpSource::words_and_signs) measure_.navigation.segno = true;
    if (name == "coda" && jumps_ == JumpSource::words_and_signs) measure_.navigation.coda = true;
  }
}

void PartReader::read_pedal(const pugi::xml_node& node, Units offset) {
  const std::string_view type = node.attribute("type").value();
  const auto set = [&](std::uint8_t number, std::uint8_t value) {
    measure_.controllers.push_back({offset, {number, value}});
  };
  if (type == "stop" || type == "change" || type == "discontinue") set(64, 0);
  if (type == "start" || type == "change" || type == "resume") set(64, 127);
  if (type == "sostenuto") set(66, 127);
}

void PartReader::read_words(std::string_view words, Units offset) {
  const std::string text = lower_case(trim(words));
  if (text == "n.c." || text == "n.c") add_chord_symbol("N.C.", offset);
  if (jumps_ != JumpSource::words_and_signs) return;
  Navigation& navigation = measure_.navigation;
  if (text.starts_with("d.c.") || text.starts_with("da capo")) navigation.da_capo = true;
  if (text.starts_with("d.s.") || text.starts_with("dal segno")) navigation.dal_segno = true;
  if (text.starts_with("to coda")) navigation.to_coda = true;
  if (text == "fine" || text == "(fine)") navigation.fine = true;
}

void PartReader::read_sound_jumps(const pugi::xml_node& node) {
  if (jumps_ != JumpSource::sounds) return;
  Navigation& navigation = measure_.navigation;
  navigation.segno |= static_cast<bool>(node.attribute("segno"));
  navigation.coda |= static_cast<bool>(node.attribute("coda"));
  navigation.to_coda |= static_cast<bool>(node.attribute("tocoda"));
  navigation.dal_segno |= static_cast<bool>(node.attribute("dalsegno"));
  navigation.da_capo |= is_yes(node.attribute("dacapo"));
  navigation.fine |= node.attribute("fine") && std::string_view(node.attribute("fine").value()) != "no";
}

void PartReader::read_sound(const pugi::xml_node& node, Units offset) {
  if (const auto bpm = number_in(node.attribute("tempo").value())) {
    const auto tempo = tempo_of_bpm(*bpm);
    if (tempo) measure_.tempos.push_back({offset, *tempo});
    if (!tempo) skip("a tempo that is none");
  }
  if (const auto percent = number_in(node.attribute("dynamics").value()))
    dynamics_.push_back({offset, {std::nullopt, velocity_of_percent(*percent)}});
  const std::array<std::pair<const char*, std::uint8_t>, 3> pedals = {
      {{"damper-pedal", 64}, {"sostenuto-pedal", 66}, {"soft-pedal", 67}}};
  for (const auto& [name, number] : pedals) {
    if (const auto value = pedal_value(node.attribute(name)))
      measure_.controllers.push_back({offset, {number, *value}});
  }
  for (const pugi::xml_node& instrument : node.children("midi-instrument")) change_program(instrument);
  read_sound_jumps(node);
}

void PartReader::change_program(const pugi::xml_node& midi_instrument) {
  const std::string id = midi_instrument.attribute("id").value();
  const auto named = std::find_if(part_.instruments.begin(), part_.instruments.end(),
                                  [&](const Instrument& instrument) { return instrument.id == id; });
  if (named == part_.instruments.end()) return skip("a program for an instrument that the part does not have");
  Instrument changed = *named;
  apply_midi_instrument(midi_instrument, changed);
  const auto same = std::find_if(part_.instruments.begin(), part_.instruments.end(), [&](const Instrument& i) {
    return i.id == changed.id && i.program == changed.program && i.is_drum == changed.is_drum &&
           i.drum_pitch == changed.drum_pitch;
  });
  if (same == part_.instruments.end() && part_.instruments.size() >= kMaxInstruments) return;
  current_instruments_[id] = static_cast<std::uint32_t>(same - part_.instruments.begin());
  if (same == part_.instruments.end()) part_.instruments.push_back(std::move(changed));
}

}  // namespace continuo::notation::musicxml
