#include "build/tokenizer_choice.h"

#include <algorithm>
#include <iterator>
#include <nlohmann/json.hpp>
#include <unordered_set>
#include <utility>
#include <vector>

#include "continuo/corpus/read_entry.h"
#include "continuo/score/transpose.h"
#include "continuo/tokens/registry.h"

#include "build/file_encoder.h"
#include "pieces/piece_key.h"
#include "pieces/split_assignment.h"
#include "shards/token_file.h"

namespace continuo::dataset {
namespace {

using TokenizerResult = Result<std::shared_ptr<const tokens::Tokenizer>>;
using Scores = std::vector<score::Score>;

bool is_all_drums(const score::Score& score) {
  return std::all_of(score.tracks.begin(), score.tracks.end(),
                     [](const score::Track& track) { return track.is_drum || track.notes.empty(); });
}

score::Score one_drum() {
  score::Score score;
  score.tracks.resize(1);
  score.tracks[0].is_drum = true;
  score.tracks[0].notes.push_back({score::Ticks(0), score::Ticks(240), 36, 100});
  return score;
}

// What learning reads: notes, tempo and meter.
score::Score for_learning(score::Score score) {
  for (score::Track& track : score.tracks) {
    track.controls = {};
    track.pitch_bends = {};
    track.pressures = {};
    track.notes.shrink_to_fit();
  }
  score.chord_symbols = {};
  score.markers = {};
  return score;
}

class Chooser {
 public:
  Chooser(const BuildOptions& options, const corpus::Source& source, corpus::OrderedRun& run)
      : options_(options), source_(source), run_(run) {}

  TokenizerResult choose() {
    if (options_.made_tokenizer) return options_.made_tokenizer;
    if (tokens::needs_learning(options_.tokenizer)) return learned();
    CONTINUO_ASSIGN(auto plain, tokens::make_tokenizer(options_.tokenizer));
    const std::vector<score::Score> drums = {one_drum()};
    CONTINUO_ASSIGN(auto for_drums, tokens::make_tokenizer(options_.tokenizer, drums));
    const bool same = plain->to_json() == for_drums->to_json();
    return same || !source_is_all_drums() ? plain : for_drums;
  }

 private:
  struct Facts {
    std::uint64_t exact = 0, group = 0;
    bool usable = false;
  };

  bool source_is_all_drums() const {
    bool drums = false;
    for (std::size_t file = 0; file < source_.entries.size(); ++file) {
      const auto scores = corpus::read_entry(source_, file);
      if (!scores.ok()) continue;
      for (const score::Score& score : *scores) {
        if (score.note_count() == 0) continue;
        if (!is_all_drums(score)) return false;
        drums = true;
      }
    }
    return drums;
  }

  TokenizerResult learned() {
    const std::size_t files = source_.entries.size();
    run_.add_to_total(source_.official_split ? files : 2 * files);
    if (!source_.official_split) CONTINUO_TRY(survey());
    Scores corpus;
    CONTINUO_TRY(run_.run<Scores>(
        files, "learning the vocabulary", [&](std::size_t file) { return training_scores(file); },
        [&](std::size_t, Scores&& scores) {
          std::move(scores.begin(), scores.end(), std::back_inserter(corpus));
          return Status();
        }));
    return tokens::make_tokenizer(options_.tokenizer, corpus);
  }

  // Finds the pieces that will be training material, as assembling will.
  Status survey() {
    std::vector<std::uint64_t> groups;
    std::vector<std::pair<std::size_t, std::size_t>> places;  // file and tune of each
    std::unordered_set<std::uint64_t> seen;
    training_.resize(source_.entries.size());
    CONTINUO_TRY(run_.run<std::vector<Facts>>(
        source_.entries.size(), "reading", [&](std::size_t file) { return facts_of(file); },
        [&](std::size_t file, std::vector<Facts>&& facts) {
          training_[file].resize(facts.size());
          for (std::size_t tune = 0; tune < facts.size(); ++tune) {
            if (!facts[tune].usable) continue;
            if (options_.filters.duplicates && !seen.insert(facts[tune].exact).second) continue;
            groups.push_back(facts[tune].group);
            places.emplace_back(file, tune);
          }
          return Status();
        }));
    const auto splits = assign_splits(groups, options_.seed, options_.hash_shares());
    for (std::size_t i = 0; i < splits.size(); ++i)
      training_[places[i].first][places[i].second] = splits[i] == Split::kTrain;
    return {};
  }

  std::vector<Facts> facts_of(std::size_t file) const {
    std::vector<Facts> facts;
    const auto scores = corpus::read_entry(source_, file);
    for (std::size_t tune = 0; scores.ok() && tune < scores->size(); ++tune) {
      const score::Score& score = (*scores)[tune];
      facts.emplace_back();
      if (score.note_count() == 0 || fault_of(score, options_.filters)) continue;
      const PieceKey key = piece_key(score);
      facts.back() = {key.exact, key.group, true};
    }
    return facts;
  }

  bool trains(std::size_t file, std::size_t tune) const {
    if (source_.official_split) return source_.entries[file].split == Split::kTrain;
    return tune < training_[file].size() && training_[file][tune];
  }

  Scores training_scores(std::size_t file) const {
    Scores corpus;
    auto scores = corpus::read_entry(source_, file);
    for (std::size_t tune = 0; scores.ok() && tune < scores->size(); ++tune) {
      if (!trains(file, tune)) continue;
      corpus.push_back(for_learning(std::move((*scores)[tune])));
      const score::Score original = corpus.back();
      for (const int semitones : moves_of(original, options_))
        if (auto moved = score::transposed(original, semitones); moved.ok()) corpus.push_back(*std::move(moved));
    }
    return corpus;
  }

  const BuildOptions& options_;
  const corpus::Source& source_;
  corpus::OrderedRun& run_;
  std::vector<std::vector<bool>> training_;  // of each file's tunes; empty for official splits
};

}  // namespace

TokenizerResult choose_tokenizer(const BuildOptions& options, const corpus::Source& source, corpus::OrderedRun& run) {
  CONTINUO_ASSIGN(auto tokenizer, Chooser(options, source, run).choose());
  const int words = tokenizer->vocabulary().size();
  if (words <= kLargestVocabulary) return tokenizer;
  return Error{ErrorCode::too_large,
               "the vocabulary has " + std::to_string(words) + " words; a data set can have " +
                   std::to_string(kLargestVocabulary),
               {},
               source.folder.string()};
}

}  // namespace continuo::dataset
