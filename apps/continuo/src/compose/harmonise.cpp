#include <algorithm>
#include <string>
#include <vector>

#include "continuo/score/general_midi.h"
#include "continuo/score/score.h"

#include "../commands.h"
#include "../common/composing.h"
#include "../common/model_options.h"
#include "../originality/original_option.h"

namespace continuo::app {
namespace {

// "1 Melody, 2 Guitar", counted among the tracks that could be a melody.
std::string listed(const std::vector<score::Track>& tracks) {
  std::string text;
  for (std::size_t i = 0; i < tracks.size(); ++i) {
    const std::string& name = tracks[i].name;
    text += (i > 0 ? ", " : "") + std::to_string(i + 1) + " " +
            (name.empty() ? std::string(score::program_name(tracks[i].program)) : name.substr(0, 40));
  }
  return text;
}

// Leaves the track that is the melody, and no other. Errors: invalid_argument (it is not clear which).
Status keep_melody(std::int64_t wanted, score::Score& piece, GivenPiece& given) {
  std::vector<score::Track> tracks;
  std::vector<std::size_t> places;
  for (std::size_t i = 0; i < piece.tracks.size(); ++i) {
    if (piece.tracks[i].is_drum || piece.tracks[i].notes.empty()) continue;
    tracks.push_back(piece.tracks[i]);
    places.push_back(i);
  }
  const auto count = static_cast<std::int64_t>(tracks.size());
  if (count == 0) return Error{ErrorCode::no_notes, "the piece has no track that could be a melody", {}, {}};
  if (wanted > count || (wanted == 0 && count > 1)) {
    const std::string problem =
        wanted == 0 ? "which track is the melody? Choose it with --melody" : "--melody: no such track";
    return Error{ErrorCode::invalid_argument, problem + ": " + listed(tracks), {}, {}};
  }
  const auto melody = static_cast<std::size_t>(std::max<std::int64_t>(wanted, 1) - 1);
  piece.tracks = {tracks[melody]};
  std::erase_if(given.side_tracks, [&](const notation::SideTrack& side) {
    return side.home == notation::SideTrack::Home::track && side.track != places[melody];
  });
  for (notation::SideTrack& side : given.side_tracks)
    if (side.home == notation::SideTrack::Home::track) side.track = 0;
  return {};
}

Status harmonise(const cli::Arguments& arguments, cli::Console& console) {
  generate::ComposeOptions options;
  options.harmonise = true;
  CONTINUO_ASSIGN(auto given, read_primer(arguments.positional(), options, console));
  if (const Status status = keep_melody(arguments.integer("melody"), *options.primer, given); !status.ok())
    return status.error().in_file(arguments.positional());
  CONTINUO_TRY(read_sampling(arguments, options));
  return compose_pieces(arguments, options, given, console);
}

std::vector<cli::Field> harmonise_options() {
  std::vector<cli::Field> all = output_options();
  all.push_back({.name = "melody",
                 .type = cli::Type::kInteger,
                 .unit = "N",
                 .help = "Track with the melody, counted among those with notes that are no drums; the others are left "
                         "out. 0: the only one",
                 .default_value = "0",
                 .range = {0, 65535}});
  for (const auto& more : {sampling_options(UsualDraw::kAll), originality_options(), precision_options()})
    all.insert(all.end(), more.begin(), more.end());
  return all;
}

}  // namespace

cli::Command compose_harmonise_command() {
  return {
      {.name = "compose harmonise",
       .summary = "Add three voices below a melody",
       .description =
           "Keeps every note of the melody and composes the three lower voices of a chorale. A melody in the range of "
           "a "
           "soprano works best. Needs a bert model that was trained with the tokenizer chorale_grid, such as "
           "models/harmony.safetensors.",
       .positionals = {{"MELODY", "The piece with the melody, or - for standard input"}},
       .options = harmonise_options(),
       .examples = {"continuo compose harmonise hymn.abc -t 0.7 -o chorale.mid",
                    "continuo compose harmonise song.mid --melody 2 --model bert-run --variations 5 -o chorale.mid"}},
      harmonise,
      {}};
}

}  // namespace continuo::app
