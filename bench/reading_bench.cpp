// Reading and tokenising real files, one thread, files in the page cache. Needs $CONTINUO_DATA (or ../shared/data).

#include <cstdlib>
#include <filesystem>
#include <vector>

#include <benchmark/benchmark.h>

#include "continuo/base/file.h"
#include "continuo/notation/midi_reader.h"
#include "continuo/tokens/registry.h"

namespace continuo {
namespace {
namespace fs = std::filesystem;

constexpr std::size_t kEveryNth = 16;

fs::path data_folder() {
  const char* folder = std::getenv("CONTINUO_DATA");
  return folder ? fs::path(folder) : fs::path(CONTINUO_SOURCE_DIR) / "../shared/data";
}

// Every sixteenth MIDI file of a data set, as bytes.
std::vector<std::vector<std::uint8_t>> files_of(const std::string& set) {
  std::vector<fs::path> paths;
  std::error_code missing;
  for (const auto& entry : fs::recursive_directory_iterator(data_folder() / set, missing)) {
    const auto extension = entry.path().extension();
    if (extension == ".mid" || extension == ".midi") paths.push_back(entry.path());
  }
  std::sort(paths.begin(), paths.end());
  std::vector<std::vector<std::uint8_t>> files;
  for (std::size_t i = 0; i < paths.size(); i += kEveryNth) {
    if (auto bytes = read_file(paths[i]); bytes.ok()) files.push_back(*std::move(bytes));
  }
  return files;
}

std::vector<score::Score> scores_of(const std::string& set) {
  std::vector<score::Score> scores;
  for (const auto& bytes : files_of(set)) {
    if (auto score = notation::read_midi(bytes); score.ok()) scores.push_back(*std::move(score));
  }
  return scores;
}

void read_midi(benchmark::State& state, const std::string& set) {
  const auto files = files_of(set);
  if (files.empty()) return state.SkipWithError("no data: set CONTINUO_DATA");
  std::int64_t bytes = 0;
  for (auto _ : state) {
    for (const auto& file : files) {
      benchmark::DoNotOptimize(notation::read_midi(file));
      bytes += static_cast<std::int64_t>(file.size());
    }
  }
  state.SetBytesProcessed(bytes);
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(files.size()));
}

void tokenise(benchmark::State& state, const std::string& set, const std::string& tokenizer_name) {
  const auto scores = scores_of(set);
  if (scores.empty()) return state.SkipWithError("no data: set CONTINUO_DATA");
  const auto tokenizer = tokens::make_tokenizer(tokenizer_name, scores);
  std::int64_t tokens = 0;
  for (auto _ : state) {
    for (const auto& score : scores) {
      const auto ids = (*tokenizer)->encode(score);
      if (ids.ok()) tokens += static_cast<std::int64_t>(ids->size());
    }
  }
  state.SetItemsProcessed(tokens);
}

BENCHMARK_CAPTURE(read_midi, maestro, "maestro-v3.0.0")->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(read_midi, groove, "groove")->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(tokenise, maestro_remi, "maestro-v3.0.0", "remi")->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(tokenise, maestro_performance, "maestro-v3.0.0", "performance")->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(tokenise, maestro_note_chord, "maestro-v3.0.0", "note_chord")->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace continuo
