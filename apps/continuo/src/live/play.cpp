#include <algorithm>
#include <thread>

#include "continuo/base/platform/platform.h"
#include "continuo/base/text.h"
#include "continuo/cli/console.h"
#include "continuo/live/player.h"
#include "continuo/live/schedule.h"

#include "../commands.h"
#include "../common/music_input.h"
#include "live_output.h"

namespace continuo::app {
namespace {

constexpr live::Time kLead = std::chrono::milliseconds(100);  // for the first messages to be sorted
constexpr live::Time kTail = std::chrono::seconds(1);         // for the last notes to die away
constexpr live::Time kLook = std::chrono::milliseconds(50);   // between two looks at the user's wishes

std::uint64_t whole_seconds(live::Time time) {
  return static_cast<std::uint64_t>(std::max(0.0, live::to_seconds(time)));
}

// Plays on until all is sent or the user stops it; returns how much of the piece has passed.
live::Time play_out(live::Player& player, live::Time start, live::Time length) {
  cli::TerminalProgress progress("playing");
  while (!player.done() && !progress.stop_requested()) {
    player.wait(live::now() + kLook);
    const live::Time passed = std::clamp(live::now() - start, live::Time{}, length);
    progress.update(whole_seconds(passed), whole_seconds(length), clock_text(live::to_seconds(passed)));
  }
  const live::Time silence = live::now() + kTail;
  while (live::now() < silence && !progress.stop_requested()) std::this_thread::sleep_for(kLook);
  return std::clamp(live::now() - start, live::Time{}, length);
}

bool starts_note(const live::TimedMessage& timed) { return timed.message.starts_note(); }

// Sends what comes before the first note, which may take a while: a synthesizer unpacks its instruments.
void prepare(live::Player& player, std::vector<live::TimedMessage>& messages) {
  const auto first = std::ranges::find_if(messages, starts_note);
  for (auto timed = messages.begin(); timed != first; ++timed)
    player.add(live::TimedMessage{live::now(), timed->message});
  messages.erase(messages.begin(), first);
  while (!player.done() && !platform::interrupted()) player.wait(live::now() + kLook);
}
Status play(const cli::Arguments& arguments, cli::Console& console) {
  if (arguments.flag("list_ports")) return list_ports(console);
  if (arguments.positionals().empty())
    return Error{ErrorCode::invalid_argument, "missing: FILE, the music to play", {}, {}};
  const std::string& input = arguments.positional();
  CONTINUO_ASSIGN(const score::Score score, read_score(input));
  const live::Time from = live::from_seconds(arguments.number("from"));
  if (from >= live::from_seconds(score.duration().value))
    return Error{ErrorCode::invalid_argument,
                 score.note_count() == 0
                     ? "there are no notes to play"
                     : "the piece ends at " + clock_text(score.duration().value) + ", before --from",
                 {},
                 input};
  auto messages = live::schedule(score);
  if (!messages.ok()) return messages.error().in_file(input);
  *messages = live::from(*messages, from);
  if (std::ranges::none_of(*messages, starts_note))
    return Error{ErrorCode::invalid_argument, "no note begins after --from", {}, input};
  CONTINUO_ASSIGN(const std::shared_ptr<live::Output> output, open_live_output(arguments));
  live::Player player(output);
  prepare(player, *messages);
  const live::Time start = live::now() + kLead + live::from_seconds(arguments.number("delay"));
  for (live::TimedMessage& timed : *messages) timed.at += start;
  player.add(*messages);
  const live::Time length = messages->back().at - start;
  const live::Time passed = play_out(player, start, length);
  CONTINUO_TRY(player.stop());
  report_punctuality(player.punctuality(), console);
  console.result()["seconds"] = live::to_seconds(passed);
  console.line(input + ": played " + clock_text(live::to_seconds(passed)) + " of " +
               clock_text(live::to_seconds(length)) + ", " + punctuality_text(player.punctuality()));
  return {};
}

}  // namespace

cli::Command play_command() {
  std::vector<cli::Field> all = {{.name = "from",
                                  .type = cli::Type::kReal,
                                  .unit = "SECONDS",
                                  .help = "Begin so far into the piece",
                                  .default_value = "0",
                                  .range = {0, 1e6}},
                                 {.name = "delay",
                                  .type = cli::Type::kReal,
                                  .unit = "SECONDS",
                                  .help = "Wait so long before the first note, as for a port to be connected",
                                  .default_value = "0",
                                  .range = {0, 3600}}};
  for (const cli::Field& field : live_output_options()) all.push_back(field);
  return {{.name = "play",
           .summary = "Play a piece now, through the sound card or a MIDI port",
           .description = "Plays a piece in time and counts the notes that were late. Ctrl-C ends it and silences all "
                          "that sounds.",
           .positionals = {{.name = "FILE", .help = "Music file to play, or - for standard input", .optional = true}},
           .options = all,
           .examples = {"continuo play piece.mid", "continuo play piece.mid --output FLUID --from 30",
                        "continuo play --list-ports"}},
          play,
          {}};
}

}  // namespace continuo::app
