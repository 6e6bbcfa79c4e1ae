#include "continuo/cli/console.h"
#include "continuo/notation/notation.h"
#include "continuo/render/audio.h"
#include "continuo/render/piano_roll.h"

#include "commands.h"

namespace continuo::app {
namespace {

Status render(const cli::Arguments& arguments, cli::Console& console) {
  const std::filesystem::path output = arguments.path("output");
  CONTINUO_ASSIGN(const auto score, notation::read_score(arguments.positional()));
  if (output.extension() == ".wav") {
    render::AudioOptions options;
    if (arguments.has("soundfont")) options.soundfont = arguments.path("soundfont");
    options.sample_rate_hz = static_cast<int>(arguments.integer("sample-rate"));
    CONTINUO_TRY(render::write_audio(score, output, options));
  } else {
    render::PianoRollOptions options;
    options.width = static_cast<int>(arguments.integer("width"));
    CONTINUO_TRY(render::write_piano_roll(score, output, options));
  }
  console.result() = {{"output", output.string()}, {"seconds", score.duration().value}};
  console.line(output.string() + ": " + cli::clock_text(score.duration().value) + " of music");
  return {};
}

}  // namespace

cli::Command render_command() {
  return {{.name = "render",
           .summary = "Make sound (.wav) or a piano roll (.png, .svg) of a piece",
           .details = "  continuo render piece.mid -o piece.wav\n  continuo render piece.mid -o piece.png",
           .positionals = {{"FILE", "The piece"}},
           .options = {{.names = "-o,--output",
                        .kind = cli::Kind::kPath,
                        .placeholder = "OUT",
                        .help = "What to write: .wav, .png or .svg",
                        .required = true},
                       {.names = "--soundfont",
                        .kind = cli::Kind::kPath,
                        .placeholder = "SF2",
                        .help = "Instruments for .wav; otherwise the General MIDI set of the system"},
                       {.names = "--sample-rate",
                        .kind = cli::Kind::kInteger,
                        .placeholder = "HZ",
                        .help = "Of .wav",
                        .fallback = "44100",
                        .minimum = 8000,
                        .maximum = 96000},
                       {.names = "--width",
                        .kind = cli::Kind::kInteger,
                        .placeholder = "PIXELS",
                        .help = "Of .png and .svg",
                        .fallback = "1600",
                        .minimum = 200,
                        .maximum = 20000}}},
          render,
          {}};
}

}  // namespace continuo::app
