#include "rewriting.h"

#include "music_options.h"

namespace continuo::app {

std::vector<cli::Field> rewriting_options(const std::string& keep) {
  return {
      {.name = "tracks",
       .unit = "LIST",
       .help = "Tracks to rewrite, such as 1,3, counted among those with notes; the others are heard and kept",
       .default_text = "all"},
      {.name = "keep",
       .type = cli::Type::kChoice,
       .unit = "WHAT",
       .help = "Keep the rhythm and give notes new pitches (not of drums), or keep the pitches of each bar in their "
               "order and give them a new rhythm",
       .default_value = keep,
       .choices = {"nothing", "rhythm", "pitches"}},
      {.name = "strength",
       .type = cli::Type::kReal,
       .unit = "X",
       .help = "Chance of each note to change, with --keep rhythm or pitches",
       .default_value = "1",
       .range = {0, 1}},
      {.name = "lock",
       .unit = "LIST",
       .help = "Notes of these pitches stay as they are, such as C5-C6, or 36,38 for a kick and a snare drum; the "
               "others are composed anew around them; not with --keep pitches"}};
}

Status rewrite(const cli::Arguments& arguments, generate::ComposeOptions options, const GivenPiece& given,
               cli::Console& console) {
  if (arguments.has("tracks")) {
    auto tracks = read_tracks(arguments.text("tracks"), *options.primer, "--tracks");
    if (!tracks.ok()) return tracks.error().in_file(arguments.positional());
    options.fill_tracks = *std::move(tracks);
  }
  if (arguments.text("keep") == "rhythm") options.keep = generate::Keep::kRhythm;
  if (arguments.text("keep") == "pitches") options.keep = generate::Keep::kPitches;
  options.strength = arguments.number("strength");
  if (arguments.given("strength") && options.keep == generate::Keep::kNothing)
    return Error{ErrorCode::invalid_argument, "--strength is for --keep rhythm or pitches", {}, {}};
  if (arguments.has("lock")) {
    CONTINUO_ASSIGN(options.locked, read_pitches(arguments.text("lock"), "--lock"));
  }
  CONTINUO_TRY(read_note_rules(arguments, options));
  CONTINUO_TRY(read_playing(arguments, options));
  CONTINUO_TRY(read_sampling(arguments, options));
  return compose_pieces(arguments, options, given, console);
}

}  // namespace continuo::app
