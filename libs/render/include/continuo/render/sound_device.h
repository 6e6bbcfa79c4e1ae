#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>

#include "continuo/base/result.h"

namespace continuo::render {

struct SoundDeviceOptions {
  std::filesystem::path soundfont;  // empty: default_soundfont()
  // What plays the sound, by FluidSynth's names: "alsa", "jack", "pulseaudio", ... Empty: what FluidSynth prefers.
  std::string driver;
  double gain_db = 0;  // of FluidSynth's usual level for live playing. Range: -60 to 24
};

// FluidSynth at a sound card: what it is sent sounds at once. Channel 10 has the drums. Calls come from one thread at a
// time; not copyable.
class SoundDevice {
 public:
  // Errors: not_found (SoundFont, FluidSynth, no sound device that can be opened), wrong_format (SoundFont).
  static Result<std::unique_ptr<SoundDevice>> open(const SoundDeviceOptions& options);
  ~SoundDevice();
  SoundDevice(const SoundDevice&) = delete;
  SoundDevice& operator=(const SoundDevice&) = delete;

  // A MIDI channel message of two or three bytes; others are ignored. A change of program may take a second, in which
  // its instrument is unpacked.
  void send(std::span<const std::uint8_t> message);

 private:
  struct State;
  explicit SoundDevice(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace continuo::render
