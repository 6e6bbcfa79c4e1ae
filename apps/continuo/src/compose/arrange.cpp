#include <string>
#include <vector>

#include "../commands.h"
#include "../common/composing.h"
#include "../common/model_options.h"
#include "../common/music_options.h"
#include "../originality/original_option.h"

namespace continuo::app {
namespace {

// "flute,strings,bass": the first leads. Errors: invalid_argument (there is nothing to accompany it).
Status read_band(const std::string& text, generate::ComposeOptions& options) {
  CONTINUO_ASSIGN(const auto band, read_instruments(text, "--for"));
  if (band.size() < 2)
    return Error{ErrorCode::invalid_argument,
                 "--for: needs at least two instruments: the first plays the melody, the others accompany it",
                 {},
                 {}};
  options.lead = {band.front(), {}};
  options.add_tracks = {band.begin() + 1, band.end()};
  return {};
}

Status arrange(const cli::Arguments& arguments, cli::Console& console) {
  generate::ComposeOptions options;
  CONTINUO_TRY(read_band(arguments.text("for"), options));
  CONTINUO_ASSIGN(auto given, read_primer(arguments.positional(), options, console));
  if (const std::int64_t melody = arguments.integer("melody"); melody > 0) {
    const auto tracks = read_tracks(std::to_string(melody), *options.primer, "--melody");
    if (!tracks.ok()) return tracks.error().in_file(arguments.positional());
    options.lead->track = tracks->at(0);
  }
  // What travels beside the tracks of the piece has no track any more.
  std::erase_if(given.side_tracks,
                [](const notation::SideTrack& side) { return side.home == notation::SideTrack::Home::track; });
  CONTINUO_TRY(read_note_rules(arguments, options));
  CONTINUO_TRY(read_playing(arguments, options));
  CONTINUO_TRY(read_sampling(arguments, options));
  return compose_pieces(arguments, options, given, console);
}

std::vector<cli::Field> arrange_options() {
  std::vector<cli::Field> all = output_options();
  all.push_back({.name = "for",
                 .unit = "LIST",
                 .help = "Instruments of the arrangement, a track for each; the first plays the melody: names (piano, "
                         "bass, strings, drums ...), General MIDI names or program numbers",
                 .required = true});
  all.push_back(rest_option("Each instrument but the first"));
  all.push_back({.name = "melody",
                 .type = cli::Type::kInteger,
                 .unit = "N",
                 .help = "Track with the melody, counted among those with notes; 0: the highest notes of all tracks",
                 .default_value = "0",
                 .range = {0, 65535}});
  for (const auto& more :
       {note_rule_options(), playing_options(), sampling_options(), originality_options(), precision_options()})
    all.insert(all.end(), more.begin(), more.end());
  return all;
}

}  // namespace

cli::Command compose_arrange_command() {
  return {
      {.name = "compose arrange",
       .summary = "Arrange a piece for other instruments",
       .description =
           "Gives the melody of a piece to the first instrument and composes a new track for each of the others, bar "
           "by bar, so that they fit what the piece played, which is heard and then left out. Tempo, meters and keys "
           "stay. Needs a model that was trained with the tokenizer bar_tracks.",
       .positionals = {{"PIECE", "The piece, or - for standard input"}},
       .options = arrange_options(),
       .examples = {"continuo compose arrange piano.mid --for flute,strings,bass,drums -o band.mid",
                    "continuo compose arrange song.mid --melody 1 --for sax,piano,bass --top-p 0.95 -o trio.mid"}},
      arrange,
      {}};
}

}  // namespace continuo::app
