#include <algorithm>
#include <vector>

#include "continuo/base/text.h"
#include "continuo/cli/console.h"
#include "continuo/corpus/nsynth.h"
#include "continuo/dataset/stats.h"
#include "continuo/dataset/verify.h"

#include "commands.h"

namespace continuo::app {
namespace {

constexpr std::size_t kMostShown = 6;

// The largest of some counts, as "3/4 120, 4/4 80, ...".
template <typename Name>
std::string most_frequent(std::vector<std::pair<Name, std::uint64_t>> counts) {
  std::stable_sort(counts.begin(), counts.end(), [](const auto& a, const auto& b) { return a.second > b.second; });
  std::string text;
  for (std::size_t i = 0; i < counts.size() && i < kMostShown; ++i) {
    std::string name;
    if constexpr (std::is_same_v<Name, std::string>) {
      name = counts[i].first;
    } else {
      name = std::to_string(counts[i].first);
    }
    text += (i > 0 ? ", " : "") + name + " (" + grouped(counts[i].second) + ")";
  }
  if (counts.size() > kMostShown) text += ", and " + std::to_string(counts.size() - kMostShown) + " more";
  return text;
}

void show(const std::string& name, const corpus::MusicStats& part, cli::Console& console) {
  console.line(name + ": " + counted(part.pieces, "piece", "pieces") +
               (part.unusable > 0 ? " (" + grouped(part.unusable) + " unusable)" : "") + ", " +
               counted(part.notes, "note", "notes") + " (" + grouped(part.drum_notes) + " of drums)" +
               (part.tokens > 0 ? ", " + grouped(part.tokens) + " tokens" : ""));
  if (part.pieces == 0) return;
  console.line("  duration  " + clock_text(part.seconds) + " in all, pieces from " + clock_text(part.shortest_seconds) +
               " to " + clock_text(part.longest_seconds));
  if (part.highest_pitch >= 0)
    console.line("  pitches   " + std::to_string(part.lowest_pitch) + " to " + std::to_string(part.highest_pitch));
  std::vector<std::pair<int, std::uint64_t>> programs;
  for (std::size_t i = 0; i < part.programs.size(); ++i)
    if (part.programs[i] > 0) programs.emplace_back(static_cast<int>(i), part.programs[i]);
  if (!programs.empty()) console.line("  programs  " + most_frequent(programs));
  console.line("  meters    " + most_frequent(std::vector<std::pair<std::string, std::uint64_t>>(part.meters.begin(),
                                                                                                 part.meters.end())));
  console.line("  tempo     " + cli::fixed(part.slowest_bpm, 1) + " to " + cli::fixed(part.fastest_bpm, 1) +
               " quarter notes per minute, mean initial tempo " + cli::fixed(part.mean_tempo_bpm(), 1));
}

nlohmann::json to_json(const corpus::MusicStats& part) {
  nlohmann::json programs = nlohmann::json::object();
  for (std::size_t i = 0; i < part.programs.size(); ++i)
    if (part.programs[i] > 0) programs[std::to_string(i)] = part.programs[i];
  nlohmann::json out = {{"pieces", part.pieces},
                        {"unusable", part.unusable},
                        {"notes", part.notes},
                        {"drum_notes", part.drum_notes},
                        {"tokens", part.tokens},
                        {"seconds", part.seconds},
                        {"shortest_seconds", part.shortest_seconds},
                        {"longest_seconds", part.longest_seconds},
                        {"programs", programs},
                        {"meters", part.meters},
                        {"slowest_bpm", part.slowest_bpm},
                        {"fastest_bpm", part.fastest_bpm},
                        {"mean_tempo_bpm", part.mean_tempo_bpm()}};
  if (part.highest_pitch >= 0) out["pitches"] = {part.lowest_pitch, part.highest_pitch};
  return out;
}

Status sound_stats(const std::filesystem::path& path, cli::Console& console) {
  CONTINUO_ASSIGN(const auto splits, corpus::nsynth_stats(path));
  nlohmann::json out = nlohmann::json::object();
  for (const auto& [name, part] : splits) {
    console.line(name + ": " + grouped(part.notes) + " notes of " + grouped(part.instruments.size()) +
                 " instruments, " + clock_text(part.seconds) +
                 (part.without_audio > 0 ? ", " + grouped(part.without_audio) + " without sound" : ""));
    if (part.notes == 0) continue;
    console.line("  pitches   " + std::to_string(part.lowest_pitch) + " to " + std::to_string(part.highest_pitch));
    console.line("  families  " + most_frequent(std::vector<std::pair<std::string, std::uint64_t>>(
                                      part.families.begin(), part.families.end())));
    console.line("  sources   " + most_frequent(std::vector<std::pair<std::string, std::uint64_t>>(
                                      part.sources.begin(), part.sources.end())));
    out[name] = {{"notes", part.notes},
                 {"instruments", part.instruments.size()},
                 {"seconds", part.seconds},
                 {"without_audio", part.without_audio},
                 {"pitches", {part.lowest_pitch, part.highest_pitch}},
                 {"velocities", part.velocities},
                 {"families", part.families},
                 {"sources", part.sources},
                 {"sample_rates", part.sample_rates}};
  }
  console.result() = {{"layout", "nsynth"}, {"parts", out}};
  return {};
}

Status stats(const cli::Arguments& arguments, cli::Console& console) {
  const std::filesystem::path path = arguments.positional();
  if (corpus::is_nsynth(path)) return sound_stats(path, console);
  ThreadPool threads(arguments.threads());
  const auto collected = [&] {
    cli::TerminalProgress progress("reading");
    return dataset::collect_stats(path, threads, progress);
  }();
  if (!collected.ok()) return collected.error();
  console.line(collected->name + " (layout " + collected->layout + ", licence " + collected->licence + ")");
  for (const std::string& note : collected->notes) console.note("continuo: note: " + note);
  nlohmann::json parts = nlohmann::json::object();
  for (const auto& [name, part] : collected->parts) {
    show(name, part, console);
    parts[name] = to_json(part);
  }
  for (const auto& [code, count] : collected->rejects) console.line("left out: " + grouped(count) + " x " + code);
  for (const auto& [rule, count] : collected->skipped) console.line("skipped: " + grouped(count) + " " + rule);
  console.result() = {{"name", collected->name}, {"layout", collected->layout},   {"licence", collected->licence},
                      {"parts", parts},          {"rejects", collected->rejects}, {"skipped", collected->skipped}};
  return {};
}

Status verify(const cli::Arguments& arguments, cli::Console& console) {
  const std::filesystem::path path = arguments.positional();
  ThreadPool threads(arguments.threads());
  const auto report = [&] {
    cli::TerminalProgress progress("verifying");
    return dataset::verify(path, threads, progress);
  }();
  if (!report.ok()) return report.error();
  console.line(path.string() + ": complete and unchanged: " + grouped(report->files) + " files, " +
               grouped(report->bytes) + " bytes, " + grouped(report->pieces) + " pieces, " + grouped(report->tokens) +
               " tokens, " + grouped(report->rejects) + " rejects");
  console.result() = {{"files", report->files},
                      {"bytes", report->bytes},
                      {"pieces", report->pieces},
                      {"tokens", report->tokens},
                      {"rejects", report->rejects}};
  return {};
}

}  // namespace

cli::Command dataset_stats_command() {
  return {{.name = "dataset stats",
           .summary = "Count what a collection or a data set contains",
           .description =
               "Prints pieces, notes, durations, pitches, programs, meters and tempos of each split. Of a data set "
               "it describes the decoded tokens. NSynth (examples.json with wav files, or TFRecord files) is "
               "counted in notes.",
           .positionals = {{"PATH", "Folder of music, a text file that lists files, a data set, or NSynth"}},
           .examples = {"continuo dataset stats ~/midi"}},
          stats,
          {}};
}

cli::Command dataset_verify_command() {
  return {{.name = "dataset verify",
           .summary = "Check that a data set is complete and unchanged",
           .description = "Checks checksums, counts and names, and that every piece is valid for its tokenizer.",
           .positionals = {{"DIR", "Data set"}},
           .examples = {"continuo dataset verify data/mine"}},
          verify,
          {}};
}

}  // namespace continuo::app
