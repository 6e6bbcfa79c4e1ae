#include "continuo/base/text.h"
#include "continuo/cli/console.h"
#include "continuo/notation/notation.h"
#include "continuo/render/audio.h"
#include "continuo/render/piano_roll.h"

#include "commands.h"
#include "common/music_input.h"
#include "common/outputs.h"
#include "voices/voice_option.h"

namespace continuo::app {
namespace {

Result<TrackVoices> write_sound(const score::Score& score, const cli::Arguments& arguments, const Voices& voices,
                                cli::Console& console) {
  render::AudioOptions options;
  if (arguments.has("soundfont")) options.soundfont = arguments.path("soundfont");
  options.sample_rate_hz = static_cast<int>(arguments.integer("sample_rate"));
  if (arguments.has("gain")) options.gain_db = arguments.number("gain");
  CONTINUO_ASSIGN(TrackVoices found, voices.for_piece(score));
  options.voices = found.voices;
  CONTINUO_TRY(render::write_audio(score, arguments.path("output"), options));
  note_substitutions(voices, score, console);
  return found;
}

// Which instruments have played, by tracks with notes: "1 keyboard_electronic_003".
void report_voices(const TrackVoices& found, const score::Score& score, cli::Console& console) {
  nlohmann::json list = nlohmann::json::array();
  int number = 0;
  for (std::size_t i = 0; i < found.instruments.size(); ++i) {
    if (!score.tracks[i].notes.empty()) ++number;
    if (found.instruments[i].empty()) continue;
    console.line("track " + std::to_string(number) + ": " + found.instruments[i]);
    list.push_back({{"track", number}, {"instrument", found.instruments[i]}});
  }
  if (!list.empty()) console.result()["voices"] = std::move(list);
}

Status render(const cli::Arguments& arguments, cli::Console& console) {
  const std::string& input = arguments.positional();
  const std::filesystem::path output = arguments.path("output");
  CONTINUO_TRY(check_extension(output, rendered_extensions()));
  const bool is_sound = output.extension() == ".wav";
  CONTINUO_ASSIGN(const Voices voices, Voices::read(arguments, is_sound));
  CONTINUO_ASSIGN(const auto score, read_score(arguments.positional()));
  TrackVoices found;
  if (is_sound) {
    CONTINUO_ASSIGN(found, write_sound(score, arguments, voices, console));
  } else {
    const render::PianoRollOptions options{.width = static_cast<int>(arguments.integer("width")),
                                           .title = input == "-" ? "" : std::filesystem::path(input).stem().string()};
    CONTINUO_TRY(render::write_piano_roll(score, output, options));
  }
  console.result() = {{"output", output.string()}, {"seconds", score.duration().value}};
  console.line(output.string() + ": " + clock_text(score.duration().value) + " of music");
  report_voices(found, score, console);
  return {};
}

}  // namespace

cli::Command render_command() {
  return {{.name = "render",
           .summary = "Render a piece as sound (.wav) or as a piano roll (.png, .svg)",
           .description = "Writes the sound of a piece, played with the instruments of a SoundFont or with recorded "
                          "notes, or a picture of its notes over time. 'continuo convert DIR OUT --to wav' does so for "
                          "a whole folder.",
           .positionals = {{"FILE", "Music file to read, or - for standard input"}},
           .options = {{.name = "output",
                        .letter = 'o',
                        .type = cli::Type::kPath,
                        .unit = "OUT",
                        .help = "File to write: .wav, .png or .svg",
                        .required = true},
                       {.name = "soundfont",
                        .type = cli::Type::kPath,
                        .unit = "SF2",
                        .help = "SoundFont with the instruments (.wav only)",
                        .default_text = "$CONTINUO_SOUNDFONT, or the General MIDI set of the system"},
                       voice_option(),
                       {.name = "sample_rate",
                        .type = cli::Type::kInteger,
                        .unit = "HZ",
                        .help = "Sample rate (.wav only)",
                        .default_value = "44100",
                        .range = {8000, 96000}},
                       {.name = "gain",
                        .type = cli::Type::kReal,
                        .unit = "DB",
                        .help = "Fixed gain in dB, so that several pieces keep their relative loudness; what is beyond "
                                "full scale then is cut (.wav only)",
                        .default_text = "the loudest sample is at -1 dBFS",
                        .range = {-60, 24}},
                       {.name = "width",
                        .type = cli::Type::kInteger,
                        .unit = "PIXELS",
                        .help = "Width of the picture (.png and .svg only)",
                        .default_value = "1600",
                        .range = {200, 20000}}},
           .examples = {"continuo render piece.mid -o piece.wav", "continuo render piece.mid -o piece.png",
                        "continuo render piece.mid -o piece.wav --voice nsynth:data/nsynth"}},
          render,
          {}};
}

}  // namespace continuo::app
