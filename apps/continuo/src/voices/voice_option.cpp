#include "voice_option.h"

#include <algorithm>
#include <cstdlib>
#include <set>
#include <system_error>

#include "continuo/options/suggest.h"

#include "../common/music_options.h"
#include "nsynth_voice.h"

namespace continuo::app {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kPrefix = "nsynth:";

Error invalid(const std::string& problem) { return {ErrorCode::invalid_argument, "--voice: " + problem, {}, {}}; }

bool is_folder(const fs::path& path) {
  std::error_code ignored;
  return fs::is_directory(path, ignored);
}

// The shell leaves a ~ alone that is no beginning of a word.
fs::path expanded(std::string_view text) {
  const char* home = std::getenv("HOME");
  if (home == nullptr || !text.starts_with("~/")) return text;
  return fs::path(home) / text.substr(2);
}

Result<const corpus::NsynthInstrument*> find_instrument(const std::vector<corpus::NsynthInstrument>& instruments,
                                                        const VoiceRequest& asked) {
  std::vector<std::string> names;
  for (const auto& instrument : instruments) {
    if (instrument.name == asked.instrument) return &instrument;
    names.push_back(instrument.name);
  }
  const auto meant = options::closest(asked.instrument, names);
  return Error{ErrorCode::not_found,
               "has no instrument '" + asked.instrument + "'" + (meant ? "; did you mean " + *meant + "?" : "") +
                   " ('continuo voices' lists them)",
               {},
               asked.folder.string()};
}

}  // namespace

cli::Field voice_option() {
  return {.name = "voice",
          .unit = "VOICE",
          .help =
              "Play with recorded notes of NSynth (.wav only): nsynth:DIR, in which instruments follow the "
              "General MIDI programs, or nsynth:DIR:INSTRUMENT, such as nsynth:data/nsynth:guitar_acoustic_010; "
              "2=nsynth:DIR for track 2 alone, counted among those with notes. Drums keep the SoundFont",
          .default_text = "the SoundFont",
          .repeats = true};
}

Result<VoiceRequest> read_voice_request(std::string_view text) {
  VoiceRequest request;
  const std::string whole(text);
  const auto digits = std::min(text.find_first_not_of("0123456789"), text.size());
  if (digits > 0 && digits < text.size() && text[digits] == '=') {
    request.track = text.substr(0, digits);
    text.remove_prefix(digits + 1);
  }
  if (!text.starts_with(kPrefix) || text.size() == kPrefix.size())
    return invalid(
        "must be nsynth:DIR, nsynth:DIR:INSTRUMENT, or one of them after the number of a track, as in "
        "2=nsynth:DIR, and not '" +
        whole + "'");
  text.remove_prefix(kPrefix.size());
  request.folder = expanded(text);
  const auto colon = text.rfind(':');
  if (colon == std::string_view::npos || text.find('/', colon) != std::string_view::npos || is_folder(request.folder))
    return request;
  request.folder = expanded(text.substr(0, colon));
  request.instrument = text.substr(colon + 1);
  if (colon == 0 || request.instrument.empty())
    return invalid("a folder or an instrument is missing in '" + whole + "'");
  return request;
}

Result<Voices> Voices::read(const cli::Arguments& arguments, bool writes_sound) {
  Voices voices;
  if (!arguments.has("voice")) return voices;
  if (!writes_sound) return invalid("is for sound, and no output is a .wav");
  std::map<fs::path, std::shared_ptr<const Instruments>> read;
  std::set<std::string> tracks;
  for (const std::string& text : arguments.texts("voice")) {
    Request request;
    CONTINUO_ASSIGN(request.asked, read_voice_request(text));
    if (!tracks.insert(request.asked.track).second)
      return invalid(request.asked.track.empty() ? "given twice for all tracks"
                                                 : "given twice for track " + request.asked.track);
    auto& instruments = read[request.asked.folder];
    if (!instruments) {
      CONTINUO_ASSIGN(auto list, corpus::nsynth_instruments(request.asked.folder));
      instruments = std::make_shared<const Instruments>(std::move(list));
    }
    request.instruments = instruments;
    if (!request.asked.instrument.empty()) {
      CONTINUO_ASSIGN(request.named, find_instrument(*instruments, request.asked));
    }
    voices.requests_.push_back(std::move(request));
  }
  return voices;
}

const corpus::NsynthInstrument& Voices::instrument_for(const Request& request, const score::Track& track) {
  if (request.named != nullptr) return *request.named;
  return nsynth_instrument(*request.instruments, nsynth_family(track.program));
}

// Requires: the request names a track.
Result<std::size_t> Voices::find_track(const Request& request, const score::Score& piece) {
  CONTINUO_ASSIGN(const auto track, read_tracks(request.asked.track, piece, "--voice"));
  if (piece.tracks[track[0]].is_drum) return invalid("track " + request.asked.track + " is drums, and NSynth has none");
  return track[0];
}

Voices Voices::fitting(const score::Score& piece, std::vector<std::string>& left_out) const {
  Voices fitting = *this;
  std::erase_if(fitting.requests_, [&](const Request& request) {
    if (request.asked.track.empty()) return false;
    const auto track = find_track(request, piece);
    if (!track.ok()) left_out.push_back(track.error().what);
    return !track.ok();
  });
  return fitting;
}

Result<std::vector<const Voices::Request*>> Voices::requests_by_track(const score::Score& piece) const {
  std::vector<const Request*> by_track(piece.tracks.size());
  for (const Request& request : requests_) {
    if (!request.asked.track.empty()) continue;
    for (std::size_t i = 0; i < by_track.size(); ++i)
      if (!piece.tracks[i].is_drum && !piece.tracks[i].notes.empty()) by_track[i] = &request;
  }
  for (const Request& request : requests_) {
    if (request.asked.track.empty()) continue;
    CONTINUO_ASSIGN(const std::size_t track, find_track(request, piece));
    by_track[track] = &request;
  }
  return by_track;
}

Result<TrackVoices> Voices::for_piece(const score::Score& piece) const {
  TrackVoices found;
  if (empty()) return found;
  CONTINUO_ASSIGN(const auto requests, requests_by_track(piece));
  std::map<const corpus::NsynthInstrument*, std::shared_ptr<const render::SampledVoice>> made;
  found.voices.resize(requests.size());
  found.instruments.resize(requests.size());
  for (std::size_t i = 0; i < requests.size(); ++i) {
    if (requests[i] == nullptr) continue;
    const corpus::NsynthInstrument& instrument = instrument_for(*requests[i], piece.tracks[i]);
    auto& voice = made[&instrument];
    if (!voice) voice = nsynth_voice(instrument);
    found.voices[i] = voice;
    found.instruments[i] = instrument.name;
  }
  return found;
}

std::vector<std::string> Voices::substitutions(const score::Score& piece) const {
  std::vector<std::string> lines;
  const auto requests = requests_by_track(piece);
  int number = 0;
  for (std::size_t i = 0; requests.ok() && i < requests->size(); ++i) {
    if (!piece.tracks[i].notes.empty()) ++number;
    const Request* request = (*requests)[i];
    if (request == nullptr || request->named != nullptr) continue;
    const std::string_view family = nsynth_family(piece.tracks[i].program);
    const corpus::NsynthInstrument& instrument = instrument_for(*request, piece.tracks[i]);
    if (instrument.family == family) continue;
    lines.push_back("no " + std::string(family) + " in " + request->asked.folder.string() + ": track " +
                    std::to_string(number) + " is played by " + instrument.name);
  }
  return lines;
}

void note_substitutions(const Voices& voices, const score::Score& piece, cli::Console& console) {
  for (const std::string& line : voices.substitutions(piece)) console.note("continuo: note: " + line);
}

}  // namespace continuo::app
