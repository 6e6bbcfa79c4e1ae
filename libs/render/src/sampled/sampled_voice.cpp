#include "continuo/render/sampled_voice.h"

#include <cstdlib>
#include <tuple>

namespace continuo::render {

const VoiceSample& sample_for(const SampledVoice& voice, int pitch, int velocity) {
  const VoiceSample* best = &voice.samples.front();
  const auto distance = [&](const VoiceSample& sample) {
    return std::tuple(std::abs(sample.pitch - pitch), sample.pitch, std::abs(sample.velocity - velocity),
                      sample.velocity);
  };
  for (const VoiceSample& sample : voice.samples)
    if (distance(sample) < distance(*best)) best = &sample;
  return *best;
}

}  // namespace continuo::render
