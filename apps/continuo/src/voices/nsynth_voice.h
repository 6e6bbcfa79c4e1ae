#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "continuo/corpus/nsynth.h"
#include "continuo/render/sampled_voice.h"

namespace continuo::app {

// The family of NSynth that a General MIDI program asks for: "keyboard", "mallet", "organ", "guitar", "bass", "string",
// "vocal", "brass", "reed", "flute" or "synth_lead". Range: 0-127.
std::string_view nsynth_family(std::uint8_t program);

// The instrument of the family that plays: the one with the most notes, of equal ones an acoustic before an electronic
// before a synthetic one, then the first by name. A family that is not there is answered by the nearest that is: what
// is struck or plucked first by what is struck or plucked, what is blown, bowed or sung first by what holds its notes.
// Requires: instruments is not empty.
const corpus::NsynthInstrument& nsynth_instrument(std::span<const corpus::NsynthInstrument> instruments,
                                                  std::string_view family);

// No sound is read.
std::shared_ptr<const render::SampledVoice> nsynth_voice(const corpus::NsynthInstrument& instrument);

}  // namespace continuo::app
