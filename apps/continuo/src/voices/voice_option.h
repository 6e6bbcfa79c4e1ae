#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "continuo/cli/command.h"
#include "continuo/cli/console.h"
#include "continuo/corpus/nsynth.h"
#include "continuo/render/sampled_voice.h"
#include "continuo/score/score.h"

namespace continuo::app {

// --voice, of the commands that write sound.
cli::Field voice_option();

// "nsynth:DIR", "nsynth:DIR:INSTRUMENT", either after "TRACK=". What follows the last colon is the instrument, unless a
// folder has the whole name or it holds a slash. "~/" is the home folder.
struct VoiceRequest {
  std::string track;  // empty: all but drums
  std::filesystem::path folder;
  std::string instrument;  // empty: by the program of the track
};
// Errors: invalid_argument.
Result<VoiceRequest> read_voice_request(std::string_view text);

// What plays a piece, by its tracks: null and an empty name where the SoundFont does.
struct TrackVoices {
  std::vector<std::shared_ptr<const render::SampledVoice>> voices;
  std::vector<std::string> instruments;
};

// What --voice asks for.
class Voices {
 public:
  // Reads the lists of instruments. `writes_sound`: whether any output is a .wav.
  // Errors: invalid_argument (also where there is no sound to write), not_found (an instrument), and those of
  // nsynth_instruments.
  static Result<Voices> read(const cli::Arguments& arguments, bool writes_sound);

  bool empty() const { return requests_.empty(); }
  // Without those of tracks that the piece does not have or that are drums; `left_out` has a line for each: a composed
  // piece is not lost for them.
  Voices fitting(const score::Score& piece, std::vector<std::string>& left_out) const;
  // Errors: invalid_argument (a track that is not there, or is drums).
  Result<TrackVoices> for_piece(const score::Score& piece) const;
  // "no synth_lead in DIR: track 2 is played by reed_acoustic_011", of what for_piece() would find.
  std::vector<std::string> substitutions(const score::Score& piece) const;

 private:
  using Instruments = std::vector<corpus::NsynthInstrument>;
  struct Request {
    VoiceRequest asked;
    std::shared_ptr<const Instruments> instruments;
    const corpus::NsynthInstrument* named = nullptr;  // of `instruments`
  };
  static Result<std::size_t> find_track(const Request& request, const score::Score& piece);
  static const corpus::NsynthInstrument& instrument_for(const Request& request, const score::Track& track);
  Result<std::vector<const Request*>> requests_by_track(const score::Score& piece) const;

  std::vector<Request> requests_;
};

// Notes them.
void note_substitutions(const Voices& voices, const score::Score& piece, cli::Console& console);

}  // namespace continuo::app
