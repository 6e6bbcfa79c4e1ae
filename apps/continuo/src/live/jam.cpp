#include "continuo/live/jam.h"

#include <algorithm>
#include <mutex>
#include <thread>
#include <utility>

#include "continuo/base/file.h"
#include "continuo/base/platform/platform.h"
#include "continuo/base/text.h"
#include "continuo/cli/console.h"
#include "continuo/generate/compose.h"
#include "continuo/live/player.h"
#include "continuo/live/ports.h"
#include "continuo/live/recording.h"
#include "continuo/notation/notation.h"

#include "../commands.h"
#include "../common/composing.h"
#include "../common/model_options.h"
#include "../common/music_options.h"
#include "../common/outputs.h"
#include "live_output.h"

namespace continuo::app {
namespace {

constexpr int kOwnChannel = 15;                             // of what the player plays, where our synthesizer sounds it
constexpr live::Time kLook = std::chrono::milliseconds(5);  // between two looks at what was played

// Stops when nobody waits any more.
class Unless final : public Progress {
 public:
  explicit Unless(const std::function<bool()>& should_stop) : should_stop_(should_stop) {}
  void update(std::uint64_t, std::uint64_t, std::string_view) override {}
  bool stop_requested() const override { return should_stop_(); }

 private:
  const std::function<bool()>& should_stop_;
};

// Composes one bar after another, each with a seed of its own.
class BarComposer {
 public:
  BarComposer(generate::Composer composer, generate::ComposeOptions options, int threads)
      : composer_(std::move(composer)), options_(std::move(options)), threads_(threads) {
    options_.length = {.unit = generate::LengthUnit::kBars, .amount = 1};
  }

  // A bar that is empty is composed again: a partner who rests seems not to have heard.
  Result<score::Score> compose(const score::Score& piece, const std::function<bool()>& should_stop) {
    constexpr int kTries = 4;
    options_.primer = piece;
    for (int i = 1;; ++i) {
      ++options_.seed;
      Unless progress(should_stop);
      CONTINUO_ASSIGN(generate::Composition composed, generate::compose(composer_, options_, threads_, progress));
      if (composed.score.note_count() > piece.note_count() || i == kTries) return std::move(composed.score);
    }
  }

 private:
  generate::Composer composer_;
  generate::ComposeOptions options_;
  ThreadPool threads_;
};

// What the system's thread has heard and nobody has looked at yet.
class Inbox {
 public:
  void put(const live::TimedMessage& heard) {
    const std::scoped_lock lock(mutex_);
    messages_.push_back(heard);
  }
  std::vector<live::TimedMessage> take() {
    const std::scoped_lock lock(mutex_);
    return std::exchange(messages_, {});
  }

 private:
  std::mutex mutex_;
  std::vector<live::TimedMessage> messages_;
};

// One core stays free for what must be in time.
int composing_threads(const cli::Arguments& arguments) {
  return arguments.threads() > 0 ? arguments.threads() : std::max(1, platform::usable_processors() - 1);
}

Result<live::JamOptions> jam_options(const cli::Arguments& arguments) {
  live::JamOptions options;
  CONTINUO_ASSIGN(const score::TimeSignature meter, read_meter(arguments.text("meter"), "--meter"));
  CONTINUO_ASSIGN(const auto instruments, read_instruments(arguments.text("instrument"), "--instrument"));
  if (instruments.size() != 1 || instruments[0].is_drum)
    return Error{ErrorCode::invalid_argument, "--instrument: must be one instrument, and no drums", {}, {}};
  options.notation = {.quarters_per_minute = arguments.number("tempo"),
                      .meter_numerator = meter.numerator,
                      .meter_denominator = meter.denominator,
                      .program = instruments[0].program};
  options.pause = arguments.number("pause");
  options.call_bars = static_cast<int>(arguments.integer("call_bars"));
  options.answer_bars = static_cast<int>(arguments.integer("answer_bars"));
  options.committed = arguments.number("commit");
  options.channel = static_cast<int>(arguments.integer("channel")) - 1;
  return options;
}

Status check_tokenizer(const generate::Composer& composer, const std::filesystem::path& file) {
  if (composer.tokenizer->traits().time_domain == tokens::TimeDomain::kMusical) return {};
  return Error{ErrorCode::invalid_argument,
               "plays in seconds and knows no bars, from which an answer begins; a model of bar_tracks does",
               {},
               file.string()};
}

// Loads the model and lets it compose a bar, so that what it cannot do is known before anybody plays, and the first
// answer finds it awake.
Result<std::unique_ptr<BarComposer>> load_composer(const cli::Arguments& arguments, const live::JamOptions& jam) {
  CONTINUO_ASSIGN(const auto path, model_file(arguments, "band"));
  CONTINUO_ASSIGN(const auto checkpoint, checkpoint::Checkpoint::open(path));
  auto composer = generate::Composer::load(checkpoint, read_load_options(arguments));
  if (!composer.ok()) return composer.error().in_file(path.string());
  CONTINUO_TRY(check_tokenizer(*composer, path));
  generate::ComposeOptions options;
  CONTINUO_TRY(read_sampling(arguments, options));
  auto bars = std::make_unique<BarComposer>(std::move(*composer), options, composing_threads(arguments));
  const std::vector<live::PhraseNote> notes = {{0, 1, 60, 80}, {1, 1, 64, 80}, {2, 2, 67, 80}};
  const auto first = bars->compose(live::written(notes, 0, jam.notation.bar(), jam.notation), [] { return false; });
  if (!first.ok()) return first.error().in_file(path.string());
  return bars;
}

std::string bars_text(double bars) { return counted(static_cast<std::uint64_t>(bars), "bar", "bars"); }

void show(const live::Turn& turn, double bar, cli::Console& console) {
  switch (turn.kind) {
    case live::Turn::Kind::kCall:
      console.line_now("call: " + counted(turn.notes, "note", "notes") + " in " + bars_text(turn.quarters / bar) +
                       ", " + cli::fixed(60 / live::to_seconds(turn.quarter), 1) + " quarters per minute");
      break;
    case live::Turn::Kind::kAnswer:
      console.line_now("answer: " + bars_text(turn.quarters / bar));
      break;
    case live::Turn::Kind::kInterruption:
      console.line_now("you came in after " + cli::fixed(turn.quarters, 1) + " quarters of it");
      break;
  }
}

// Everything that a jam holds, for as long as it lasts.
struct Table {
  live::Jam& jam;
  live::Player& player;
  Inbox& inbox;
  double bar;                             // quarters
  std::vector<live::RecordedPart> parts;  // calls and answers
  std::vector<live::Anchor> anchors = {};
};

// Where the beat was, for what is saved.
void note_beat(const live::Turn& turn, std::vector<live::Anchor>& anchors) {
  std::erase_if(anchors, [&](const live::Anchor& anchor) { return anchor.at >= turn.at; });  // of a broken answer's end
  if (turn.kind == live::Turn::Kind::kInterruption) return;
  anchors.push_back({turn.at, turn.position, turn.quarter});
  if (turn.kind != live::Turn::Kind::kAnswer) return;
  const live::Time length = live::from_seconds(live::to_seconds(turn.quarter) * turn.quarters);
  anchors.push_back({turn.at + length, turn.position + turn.quarters, turn.quarter});
}

void take_turn(Table& table, cli::Console& console) {
  for (const live::TimedMessage& heard : table.inbox.take()) {
    if (heard.message.is_for_drums()) continue;
    table.jam.hear(heard);
    table.parts[0].messages.push_back(heard);
  }
  const auto answer = table.jam.advance(live::now());
  table.player.add(answer);
  table.parts[1].messages.insert(table.parts[1].messages.end(), answer.begin(), answer.end());
  for (const live::Turn& turn : table.jam.take_turns()) {
    show(turn, table.bar, console);
    note_beat(turn, table.anchors);
  }
}

// Until the user stops it, the time is over, or what plays is gone.
void run(const cli::Arguments& arguments, Table& table, cli::Console& console) {
  platform::prefer_this_thread();
  const live::Time end =
      arguments.has("minutes") ? live::now() + live::from_seconds(60 * arguments.number("minutes")) : live::Time::max();
  std::size_t failures = 0;
  while (!platform::interrupted() && live::now() < end && !table.player.has_failed()) {
    take_turn(table, console);
    if (table.jam.counts().failures > failures) {
      failures = table.jam.counts().failures;
      console.note("continuo: note: no answer: " + table.jam.failure()->to_line());
    }
    std::this_thread::sleep_for(kLook);
  }
}

Status save(const cli::Arguments& arguments, const live::PhraseNotation& notation, Table& table) {
  if (!arguments.has("save")) return {};
  const live::Time end = live::now();  // what would have come later was never heard
  for (live::RecordedPart& part : table.parts) {
    std::ranges::stable_sort(part.messages, {}, &live::TimedMessage::at);
    std::erase_if(part.messages, [end](const live::TimedMessage& timed) { return timed.at > end; });
  }
  std::erase_if(table.anchors, [end](const live::Anchor& anchor) { return anchor.at > end; });
  return notation::write_score(live::recorded(table.parts, table.anchors, notation), arguments.path("save"));
}

void report(const Table& table, cli::Console& console) {
  const live::JamCounts& counts = table.jam.counts();
  const live::Punctuality punctuality = table.player.punctuality();
  report_punctuality(punctuality, console);
  console.result()["calls"] = counts.calls;
  console.result()["answers"] = counts.answers;
  console.result()["interruptions"] = counts.interruptions;
  console.result()["bars"] = counts.bars;
  console.result()["late_bars"] = counts.late_bars;
  console.result()["failures"] = counts.failures;
  const auto aside = [](std::size_t count, const std::string& what) {
    return count > 0 ? " (" + grouped(count) + " " + what + ")" : std::string();
  };
  console.line(counted(counts.calls, "call", "calls") + ", " +
               counted(counts.answers + counts.interruptions, "answer", "answers") +
               aside(counts.interruptions, "cut short") + ", " + bars_text(double(counts.bars)) + " composed" +
               aside(counts.late_bars, "later than meant") + ": " + punctuality_text(punctuality));
}

Status check_save(const cli::Arguments& arguments) {
  if (!arguments.has("save")) return {};
  const auto path = arguments.path("save");
  CONTINUO_TRY(check_extension(path, notation::writable_extensions()));
  return check_writable(path);
}

Status jam(const cli::Arguments& arguments, cli::Console& console) {
  if (arguments.flag("list_ports")) return list_ports(console);
  CONTINUO_TRY(check_save(arguments));
  CONTINUO_ASSIGN(const live::JamOptions options, jam_options(arguments));
  CONTINUO_ASSIGN(const auto bars, load_composer(arguments, options));
  live::ComposingThread composing([&](const score::Score& piece, const std::function<bool()>& should_stop) {
    return bars->compose(piece, should_stop);
  });
  live::Jam jam(options, composing);
  CONTINUO_ASSIGN(const std::shared_ptr<live::Output> output, open_live_output(arguments));
  live::Player player(output);
  const bool sounds_calls = arguments.text("output") == "synth";
  for (const int channel : {options.channel, kOwnChannel})
    player.add(live::TimedMessage{live::now(), live::Message::program(channel, options.notation.program)});
  Inbox inbox;
  const auto hear = [&](const live::TimedMessage& heard) {
    inbox.put(heard);
    if (sounds_calls && !heard.message.is_for_drums())
      player.add(live::TimedMessage{heard.at, heard.message.on_channel(kOwnChannel)});
  };
  CONTINUO_ASSIGN(const auto input, live::open_input(arguments.has("input") ? arguments.text("input") : "", hear));
  console.line_now(arguments.has("input") ? "listening: play, pause, and an answer comes; Ctrl-C ends"
                                          : "listening at the port Continuo in, to which a keyboard can be connected: "
                                            "play, pause, and an answer comes; Ctrl-C ends");
  Table table{jam,
              player,
              inbox,
              options.notation.bar(),
              {{"calls", {}, options.notation.program}, {"answers", {}, options.notation.program}}};
  run(arguments, table, console);
  const Status stopped = player.stop();
  CONTINUO_TRY(save(arguments, options.notation, table));
  report(table, console);
  return stopped;
}

std::vector<cli::Field> jam_fields() {
  using cli::Type;
  return {
      {.name = "input",
       .letter = 'i',
       .unit = "PORT",
       .help = "MIDI port to listen to, by a part of its name (--list-ports shows them)",
       .default_text = "a port of our own, called Continuo in, that a keyboard can be connected to"},
      {.name = "tempo",
       .type = Type::kReal,
       .unit = "QPM",
       .help = "Quarters per minute, about: the tempo of a call is followed",
       .default_value = "100",
       .range = {20, 400}},
      {.name = "meter", .unit = "N/D", .help = "Meter; a call begins on a bar line", .default_value = "4/4"},
      {.name = "instrument",
       .unit = "NAME",
       .help = "Sound of calls and answers, by its General MIDI name or number",
       .default_value = "piano"},
      {.name = "channel",
       .type = Type::kInteger,
       .unit = "N",
       .help = "MIDI channel of the answers",
       .default_value = "1",
       .range = {1, 16}},
      {.name = "pause",
       .type = Type::kReal,
       .unit = "QUARTERS",
       .help = "A call has ended when no key has been down for so long",
       .default_value = "1",
       .range = {0.5, 16}},
      {.name = "call_bars",
       .type = Type::kInteger,
       .unit = "N",
       .help = "Calls of N bars each, answered at once without a pause; 0: a pause ends a call",
       .default_value = "0",
       .range = {0, 64}},
      {.name = "answer_bars",
       .type = Type::kInteger,
       .unit = "N",
       .help = "Answers of N bars each; 0: as long as the call",
       .default_value = "0",
       .range = {0, 64}},
      {.name = "commit",
       .type = Type::kReal,
       .unit = "QUARTERS",
       .help = "So much of an answer still sounds when you play into it",
       .default_value = "2",
       .range = {0.25, 16}},
      {.name = "minutes",
       .type = Type::kReal,
       .unit = "N",
       .help = "End after so many minutes",
       .default_text = "Ctrl-C ends",
       .range = {0.001, 10000}},
      {.name = "save", .type = Type::kPath, .unit = "FILE.mid", .help = "Write all calls and answers when it ends"}};
}

std::vector<cli::Field> jam_command_options() {
  std::vector<cli::Field> all = {optional_model_option()};
  all.front().default_text = "band";
  for (const auto& more : {jam_fields(), live_output_options(), sampling_options(), precision_options()})
    all.insert(all.end(), more.begin(), more.end());
  return all;
}

}  // namespace

cli::Command jam_command() {
  return {
      {.name = "jam",
       .summary = "Play with the machine: it listens at a MIDI port and answers in time",
       .description =
           "Call and response. Play a phrase on a MIDI keyboard and let go: when no key has been down for --pause "
           "quarters, Continuo answers from the next bar line in the tempo that you have come to, with as many bars "
           "as you played. What you play into an answer breaks it off and begins your next call. With --call-bars 4 "
           "you trade fours: four bars each, without a pause.\n\nYour first note is taken to be on a bar line, and "
           "so is the first one after more than a bar of silence; else the beat of the answer holds for your next "
           "call, and up to a quarter before a bar line is an upbeat. The beat is followed from your notes, which a "
           "steady left hand helps. With --output synth your own notes sound, too. Models with bars can play: band, "
           "folk, chorale; not piano.",
       .positionals = {},
       .options = jam_command_options(),
       .examples = {"continuo jam --list-ports", "continuo jam --input KEYBOARD --tempo 96",
                    "continuo jam --input KEYBOARD --output FLUID --call-bars 4 --save jam.mid"}},
      jam,
      {}};
}

}  // namespace continuo::app
