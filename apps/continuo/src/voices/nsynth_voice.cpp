#include "nsynth_voice.h"

#include <algorithm>
#include <array>
#include <tuple>

namespace continuo::app {
namespace {

constexpr double kHeldSec = 3;  // of every note. Source: Engel et al. 2017, section 3.1

// Of each eight programs. Source: General MIDI System Level 1, sound set.
constexpr std::array<std::string_view, 16> kFamilies = {
    "keyboard", "mallet", "organ",      "guitar", "bass",       "string", "string", "brass",
    "reed",     "flute",  "synth_lead", "string", "synth_lead", "guitar", "mallet", "synth_lead"};

struct Exception {
  std::uint8_t first, last;  // programs
  std::string_view family;
};
constexpr Exception kExceptions[] = {
    {22, 22, "reed"},      // harmonica
    {46, 46, "guitar"},    // harp
    {47, 47, "mallet"},    // timpani
    {52, 54, "vocal"},     // choir aahs, voice oohs, synth voice
    {85, 85, "vocal"},     // voice lead
    {91, 91, "vocal"},     // choir pad
    {108, 108, "mallet"},  // kalimba
    {109, 109, "reed"},    // bagpipe
    {110, 110, "string"},  // fiddle
    {111, 111, "reed"},    // shanai
};

// Of each family the nearest ones, the nearest first.
struct Neighbours {
  std::string_view family;
  std::array<std::string_view, 10> nearest;
};
constexpr Neighbours kNeighbours[] = {
    {"keyboard", {"mallet", "guitar", "organ", "bass", "string", "flute", "reed", "vocal", "brass", "synth_lead"}},
    {"mallet", {"keyboard", "guitar", "bass", "organ", "flute", "string", "vocal", "reed", "brass", "synth_lead"}},
    {"guitar", {"keyboard", "mallet", "bass", "string", "organ", "flute", "reed", "vocal", "brass", "synth_lead"}},
    {"bass", {"guitar", "keyboard", "mallet", "synth_lead", "string", "brass", "reed", "organ", "vocal", "flute"}},
    {"organ", {"reed", "flute", "string", "vocal", "brass", "synth_lead", "keyboard", "mallet", "guitar", "bass"}},
    {"string", {"vocal", "organ", "reed", "flute", "brass", "synth_lead", "guitar", "keyboard", "mallet", "bass"}},
    {"vocal", {"string", "flute", "organ", "reed", "brass", "synth_lead", "keyboard", "mallet", "guitar", "bass"}},
    {"brass", {"reed", "string", "organ", "flute", "synth_lead", "vocal", "bass", "guitar", "keyboard", "mallet"}},
    {"reed", {"flute", "brass", "string", "organ", "vocal", "synth_lead", "guitar", "keyboard", "mallet", "bass"}},
    {"flute", {"reed", "vocal", "string", "organ", "brass", "synth_lead", "mallet", "keyboard", "guitar", "bass"}},
    {"synth_lead", {"brass", "reed", "organ", "string", "flute", "vocal", "keyboard", "guitar", "bass", "mallet"}},
};

int rank_of(const std::string& source) { return source == "acoustic" ? 0 : source == "electronic" ? 1 : 2; }

// Less is better.
auto place_of(const corpus::NsynthInstrument& instrument) {
  return std::tuple(-std::ssize(instrument.notes), rank_of(instrument.source), std::string_view(instrument.name));
}

// Null where there is none.
const corpus::NsynthInstrument* first_of(std::span<const corpus::NsynthInstrument> instruments,
                                         std::string_view family) {
  const corpus::NsynthInstrument* best = nullptr;
  for (const auto& instrument : instruments)
    if (instrument.family == family && (best == nullptr || place_of(instrument) < place_of(*best))) best = &instrument;
  return best;
}

}  // namespace

std::string_view nsynth_family(std::uint8_t program) {
  for (const Exception& exception : kExceptions)
    if (program >= exception.first && program <= exception.last) return exception.family;
  return kFamilies[(program & 127) / 8];
}

const corpus::NsynthInstrument& nsynth_instrument(std::span<const corpus::NsynthInstrument> instruments,
                                                  std::string_view family) {
  if (const auto* own = first_of(instruments, family)) return *own;
  const auto* known = std::ranges::find(kNeighbours, family, &Neighbours::family);
  if (known != std::end(kNeighbours)) {
    for (const std::string_view near : known->nearest)
      if (const auto* neighbour = first_of(instruments, near)) return *neighbour;
  }
  return *std::ranges::min_element(instruments, {}, place_of);  // families that NSynth does not have
}

std::shared_ptr<const render::SampledVoice> nsynth_voice(const corpus::NsynthInstrument& instrument) {
  auto voice = std::make_shared<render::SampledVoice>();
  voice->held_sec = kHeldSec;
  for (const corpus::NsynthNoteFile& note : instrument.notes)
    voice->samples.push_back({note.wav(), note.pitch, note.velocity});
  return voice;
}

}  // namespace continuo::app
