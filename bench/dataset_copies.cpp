// Makes many files of few, for measuring builds of large collections: each a piece of the sources moved by some
// semitones, with its notes shifted in time, so that no two are duplicates.
// Usage: continuo_dataset_copies COUNT OUTPUT SOURCE...
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <vector>

#include "continuo/base/rng.h"
#include "continuo/notation/midi_reader.h"
#include "continuo/notation/midi_writer.h"
#include "continuo/notation/notation.h"
#include "continuo/score/transpose.h"

namespace {

namespace fs = std::filesystem;
using continuo::Rng;
using continuo::score::Score;

constexpr std::size_t kMostNotes = 2000, kMostSources = 400, kFilesPerFolder = 1000;

std::vector<Score> read_sources(int argc, char** argv) {
  std::vector<Score> sources;
  for (int i = 3; i < argc; ++i) {
    std::vector<fs::path> paths;
    for (const auto& entry : fs::recursive_directory_iterator(argv[i]))
      if (entry.path().extension() == ".mid" || entry.path().extension() == ".midi") paths.push_back(entry.path());
    std::sort(paths.begin(), paths.end());
    for (std::size_t k = 0; k < paths.size() && sources.size() < kMostSources * std::size_t(i - 2); ++k) {
      auto score = continuo::notation::read_score(paths[k]);
      if (score.ok() && score->note_count() >= 8 && score->note_count() <= kMostNotes)
        sources.push_back(*std::move(score));
    }
  }
  return sources;
}

Score changed(const Score& source, std::uint64_t number) {
  Rng rng(number);
  const auto range = continuo::score::transpose_range(source);
  const int lowest = std::max(range.lowest, -6), highest = std::min(range.highest, 6);
  const int semitones = lowest + int(rng.below(std::uint64_t(highest - lowest + 1)));
  auto moved = continuo::score::transposed(source, semitones);
  Score score = moved.ok() ? *std::move(moved) : source;
  for (auto& track : score.tracks)
    for (auto& note : track.notes)
      note.onset.value += std::int64_t(rng.below(std::uint64_t(score.ticks_per_quarter) / 4 + 1));
  score.sort();
  return score;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 4) {
    std::fputs("Usage: continuo_dataset_copies COUNT OUTPUT SOURCE...\n", stderr);
    return 2;
  }
  const auto sources = read_sources(argc, argv);
  if (sources.empty()) {
    std::fputs("continuo_dataset_copies: the sources hold no fitting MIDI file\n", stderr);
    return 1;
  }
  const auto count = std::size_t(std::strtoull(argv[1], nullptr, 10));
  std::uint64_t bytes = 0;
  for (std::size_t i = 0; i < count; ++i) {
    const fs::path folder = fs::path(argv[2]) / std::to_string(i / kFilesPerFolder);
    if (i % kFilesPerFolder == 0) fs::create_directories(folder);
    const fs::path path = folder / ("piece" + std::to_string(i) + ".mid");
    const auto midi = continuo::notation::write_midi(changed(sources[i % sources.size()], i));
    if (!midi.ok()) continue;
    std::FILE* file = std::fopen(path.c_str(), "wb");
    if (file == nullptr || std::fwrite(midi->data(), 1, midi->size(), file) != midi->size()) {
      std::fprintf(stderr, "continuo_dataset_copies: %s: cannot be written\n", path.c_str());
      return 1;
    }
    std::fclose(file);
    bytes += midi->size();
  }
  std::printf("%llu\n", static_cast<unsigned long long>(bytes));
}
