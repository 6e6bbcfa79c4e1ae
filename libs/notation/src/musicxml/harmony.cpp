#include <algorithm>

#include "continuo/notation/midi_reader.h"

#include "score.h"

namespace continuo::notation::musicxml {
namespace {

struct Kind {
  std::string_view name, suffix;
};

// Kinds of the standard, then those that programs have made up.
constexpr std::array kKinds = {Kind{"major", ""},
                               Kind{"minor", "m"},
                               Kind{"augmented", "aug"},
                               Kind{"diminished", "dim"},
                               Kind{"dominant", "7"},
                               Kind{"major-seventh", "maj7"},
                               Kind{"minor-seventh", "m7"},
                               Kind{"diminished-seventh", "dim7"},
                               Kind{"augmented-seventh", "aug7"},
                               Kind{"half-diminished", "m7b5"},
                               Kind{"major-minor", "mM7"},
                               Kind{"major-sixth", "6"},
                               Kind{"minor-sixth", "m6"},
                               Kind{"dominant-ninth", "9"},
                               Kind{"major-ninth", "maj9"},
                               Kind{"minor-ninth", "m9"},
                               Kind{"dominant-11th", "11"},
                               Kind{"major-11th", "maj11"},
                               Kind{"minor-11th", "m11"},
                               Kind{"dominant-13th", "13"},
                               Kind{"major-13th", "maj13"},
                               Kind{"minor-13th", "m13"},
                               Kind{"suspended-second", "sus2"},
                               Kind{"suspended-fourth", "sus4"},
                               Kind{"power", "5"},
                               Kind{"pedal", "5"},
                               Kind{"minor-major", "mM7"},
                               Kind{"augmented-ninth", "aug9"},
                               Kind{"maj69", "6/9"},
                               Kind{"min69", "m6/9"},
                               Kind{"min6", "m6"},
                               Kind{"maj7", "maj7"}};

// "Bb" of <root-step>B and <root-alter>-1; empty where there is no step.
std::string note_name(const pugi::xml_node& node, const char* step_name, const char* alter_name) {
  const std::string_view step = trim(node.child(step_name).text().get());
  if (step.size() != 1 || step[0] < 'A' || step[0] > 'G') return {};
  const double alter = std::clamp(number_in(node.child(alter_name).text().get()).value_or(0), -2.0, 2.0);
  const int count = static_cast<int>(alter);
  return std::string(step) + std::string(static_cast<std::size_t>(std::abs(count)), count > 0 ? '#' : 'b');
}

std::string degree_name(const pugi::xml_node& degree) {
  const auto value = number_in(degree.child("degree-value").text().get());
  if (!value || *value < 1 || *value > 13) return {};
  const std::string number = std::to_string(static_cast<int>(*value));
  const std::string_view type = trim(degree.child("degree-type").text().get());
  if (type == "subtract") return "(no" + number + ")";
  const double alter = number_in(degree.child("degree-alter").text().get()).value_or(0);
  if (alter == 0) return type == "add" ? "(add" + number + ")" : std::string();
  return (alter > 0 ? "(#" : "(b") + number + ")";
}

}  // namespace

std::string harmony_name(const pugi::xml_node& harmony) {
  const pugi::xml_node kind = harmony.child("kind");
  const std::string_view kind_name = trim(kind.text().get());
  if (kind_name == "none") return "N.C.";
  std::string name = note_name(harmony.child("root"), "root-step", "root-alter");
  if (name.empty()) return {};
  const auto known = std::find_if(kKinds.begin(), kKinds.end(), [&](const Kind& k) { return k.name == kind_name; });
  // "other" and what nobody knows show as they are printed.
  const std::string printed = clean_text(kind.attribute("text").value());
  const bool is_known = known != kKinds.end();
  name += is_known ? std::string(known->suffix) : printed.empty() ? clean_text(kind.text().get()) : printed;
  for (const pugi::xml_node& degree : harmony.children("degree"))
    if (name.size() < kLongestNameBytes) name += degree_name(degree);
  const std::string bass = note_name(harmony.child("bass"), "bass-step", "bass-alter");
  const bool has_other_bass = !bass.empty() && bass != note_name(harmony.child("root"), "root-step", "root-alter");
  return has_other_bass ? name + "/" + bass : name;
}

}  // namespace continuo::notation::musicxml
