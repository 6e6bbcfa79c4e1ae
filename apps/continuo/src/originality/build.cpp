#include <algorithm>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "continuo/base/file.h"
#include "continuo/base/hash.h"
#include "continuo/base/text.h"
#include "continuo/base/thread_pool.h"
#include "continuo/cli/console.h"
#include "continuo/originality/index.h"
#include "continuo/originality/sketch.h"

#include "../commands.h"
#include "../common/build_report.h"
#include "../common/music_input.h"

namespace continuo::app {
namespace {

constexpr std::size_t kAtOnce = 256;  // inputs whose scores are held

struct Built {
  originality::IndexBuilder index;
  std::optional<originality::SketchBuilder> sketch;  // in place of the index
  std::size_t pieces = 0, left_out = 0;

  std::size_t notes() const { return sketch ? sketch->notes() : index.notes(); }
};

Status add_pieces(const MusicInput& input, const Result<notation::MusicFile>& file, cli::Console& console,
                  Built& built) {
  if (!file.ok()) {
    ++built.left_out;
    console.note("continuo: note: left out: " + file.error().in_file(input.name).to_line());
    return {};
  }
  for (std::size_t i = 0; i < file->pieces.size(); ++i) {
    const std::string number = file->pieces.size() > 1 ? "#" + std::to_string(i + 1) : "";
    const score::Score& score = file->pieces[i].score;
    if (built.sketch) {
      built.sketch->add(score);
    } else {
      CONTINUO_TRY(built.index.add(input.relative.string() + number, score));
    }
    ++built.pieces;
  }
  return {};
}

// An index is not written over music. Errors: invalid_argument.
Status check_output(const std::filesystem::path& output, std::span<const MusicInput> inputs) {
  std::error_code none;
  for (const MusicInput& input : inputs)
    if (std::filesystem::equivalent(output, input.name, none))
      return Error{
          ErrorCode::invalid_argument, "the index would be written over music that it is made of", {}, output.string()};
  if (output == "-") return Error{ErrorCode::invalid_argument, "an index is written to a file: --output", {}, {}};
  return check_writable(output);
}

Status build(const cli::Arguments& arguments, cli::Console& console) {
  Shard shard;
  if (arguments.has("shard")) {
    if (arguments.flag("sketch"))
      return Error{ErrorCode::invalid_argument, "--sketch is made of all music at once, without --shard", {}, {}};
    CONTINUO_ASSIGN(shard, read_shard(arguments.text("shard")));
  }
  CONTINUO_ASSIGN(auto found, music_inputs(arguments.positionals()));
  for (const std::string& note : found.notes) console.note("continuo: note: " + note);
  std::vector<MusicInput>& inputs = found.inputs;
  CONTINUO_TRY(check_output(arguments.path("output"), inputs));
  const std::string split = arguments.text("split");
  if (split != "all") keep_split(split, inputs);
  const auto place = [&](int index) { return inputs.size() * std::size_t(index) / std::size_t(shard.count); };
  const std::size_t first = place(shard.index), end = place(shard.index + 1);
  ThreadPool threads(arguments.threads());
  cli::TerminalProgress progress("reading");
  Built built;
  if (arguments.flag("sketch")) built.sketch.emplace();
  std::uint64_t source = kFnvBasis;
  for (const MusicInput& input : inputs) source = fnv1a(input.relative.string() + '\n', source);
  for (std::size_t begin = first; begin < end; begin += kAtOnce) {
    const std::size_t count = std::min(kAtOnce, end - begin);
    std::vector<Result<notation::MusicFile>> files(count, Error{});
    threads.for_each_task(count, [&](std::size_t i) { files[i] = inputs[begin + i].read(); });
    for (std::size_t i = 0; i < count; ++i) CONTINUO_TRY(add_pieces(inputs[begin + i], files[i], console, built));
    progress.update(begin + count - first, end - first, "");
  }
  if (built.notes() == 0 && shard.count == 1)
    return Error{ErrorCode::no_notes,
                 "there are no notes to index, those of drums left out",
                 {},
                 arguments.positionals().front()};
  const auto bytes = built.sketch ? built.sketch->bytes() : built.index.bytes({first, end, inputs.size(), source});
  const auto path = arguments.path("output");
  CONTINUO_TRY(write_file(path, bytes));
  console.line(path.string() + ": " + counted(built.pieces, "piece", "pieces") + ", " + grouped(bytes.size()) +
               " bytes");
  console.result() = {
      {"file", path.string()}, {"pieces", built.pieces}, {"left_out", built.left_out}, {"bytes", bytes.size()}};
  return {};
}

}  // namespace

cli::Command originality_build_command() {
  return {
      {.name = "originality build",
       .summary = "Index the passages of music, to find what composed music shares with it",
       .description = "Reads music, or the training part of a data set, and writes an index of its notes. Drums are "
                      "left out. docs/originality.md defines what a passage is.",
       .positionals = {{"MUSIC", music_input_help(), true}},
       .options = {{.name = "output",
                    .letter = 'o',
                    .type = cli::Type::kPath,
                    .unit = "INDEX",
                    .help = "Index to write",
                    .required = true},
                   {.name = "split",
                    .type = cli::Type::kChoice,
                    .unit = "NAME",
                    .help = "Part of data sets to index",
                    .default_value = "train",
                    .choices = {"train", "validation", "test", "all"}},
                   {.name = "sketch",
                    .type = cli::Type::kFlag,
                    .help =
                        "Write no notes but hashes of passages of 16, in a seventh of the space: enough for whether "
                        "music is shared, and not for where. As MODEL.sketch it is what 'compose --original' uses"},
                   {.name = "shard",
                    .unit = "i/n",
                    .help = "Index only the i-th of n parts, for several machines; 'originality merge' joins them"}},
       .examples = {"continuo originality build data/mine -o mine.index"}},
      build,
      {}};
}

}  // namespace continuo::app
