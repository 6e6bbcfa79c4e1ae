#pragma once

#include <filesystem>
#include <vector>

namespace continuo::render {

// One recorded note: a sound file of one channel that libsndfile reads, at any sample rate.
struct VoiceSample {
  std::filesystem::path path;
  int pitch = 60, velocity = 100;  // of the key that was struck. Range: 0-127
};

// An instrument of recorded notes. The default is NSynth's: notes of 4 s at 16 kHz, their keys held for 3 s. Source:
// Engel et al. 2017, "Neural Audio Synthesis of Musical Notes with WaveNet Autoencoders", arXiv 1704.01279.
//
// How a note is played:
// - by the sample of sample_for(), resampled to the pitch and the rate of the output by a windowed sinc;
// - as loud as its velocity asks: each sample is brought to one level (the mean square of its loudest quarter of a
//   second), and a velocity v scales it by (v / 127)^2, FluidSynth's law. The sample gives the colour; a louder note is
//   louder, whatever the samples' own levels are;
// - let go before the sample's key was, by the level curve of the sample's release, in seconds of the output. Where the
//   sample is silent by then, by a fade of 0.3 s;
// - held for longer than the sample's key, by a cross-faded loop of its second half; a sample that decays
//   decays further at the rate of the loop, and one that has died away stays silent.
struct SampledVoice {
  std::vector<VoiceSample> samples;  // Requires: at least one
  double held_sec = 3;               // how long the key was held; what follows is the release. Range: above 0
};

// The nearest pitch, of two the lower; of its samples the nearest velocity, of two the lower; of equal ones the first.
// Requires: the voice has samples.
const VoiceSample& sample_for(const SampledVoice& voice, int pitch, int velocity);

}  // namespace continuo::render
