#include "unigram_trainer.h"

#include <algorithm>
#include <cmath>
#include <string>

#include "symbol_trie.h"
#include "unigram_seeds.h"

namespace continuo::tokens {
namespace {

// Numbers of SentencePiece's trainer.
constexpr double kLeastCount = 0.5, kShrink = 0.75, kSpare = 1.1;
constexpr int kRounds = 2;
constexpr std::size_t kSeedsPerWord = 40;
// Longer sequences are learned from in parts, so that their likelihoods stay within a double's range.
constexpr std::size_t kPart = 256;
constexpr double kStep = 1e-4;  // between the scores of symbols that are kept although they are rare

struct Candidate {
  std::vector<Symbol> symbols;
  double score = 0;
};

// Source: Abramowitz and Stegun 6.3.18, after 6.3.5 for small arguments.
double digamma(double x) {
  double result = 0;
  for (; x < 7; ++x) result -= 1 / x;
  const double inverse = 1 / (x * x);
  return result + std::log(x) - 0.5 / x - inverse * (1.0 / 12 - inverse * (1.0 / 120 - inverse / 252));
}

class UnigramLearning {
 public:
  UnigramLearning(const SequenceCounts& sequences, int symbols) : sequences_(sequences), symbols_(symbols) {}

  void seed(std::size_t longest, std::size_t most) {
    double sum = 0;
    for (const Seed& seed : find_seeds(sequences_, longest, most)) {
      candidates_.push_back({{seed.symbols, seed.symbols + seed.length}, double(seed.count)});
      sum += double(seed.count);
    }
    for (Candidate& each : candidates_) each.score = std::log(each.score / sum);
  }

  std::size_t size() const { return candidates_.size(); }

  // One round of expectation and maximisation.
  void maximise() {
    const std::vector<double> expected = expected_counts();
    std::vector<Candidate> kept;
    double sum = 0;
    for (std::size_t i = 0; i < candidates_.size(); ++i) {
      if (expected[i] < kLeastCount && candidates_[i].symbols.size() > 1) continue;
      const double count = std::max(expected[i], kLeastCount);
      kept.push_back({std::move(candidates_[i].symbols), digamma(count)});
      sum += count;
    }
    for (Candidate& each : kept) each.score -= digamma(sum);
    candidates_ = std::move(kept);
  }

  void prune(std::size_t wanted);
  void write(int words, SubwordModel& model) const;

 private:
  SymbolTrie trie() const {
    SymbolTrie trie(symbols_);
    for (std::size_t i = 0; i < candidates_.size(); ++i) trie.add(candidates_[i].symbols, TokenId(i));
    return trie;
  }
  template <typename Visit>
  void for_each_part(const Visit& visit) const {
    for (const auto& entry : sequences_.entries()) {
      std::span<const Symbol> symbols = sequences_[entry];
      for (; symbols.size() > kPart; symbols = symbols.subspan(kPart)) visit(symbols.first(kPart), double(entry.count));
      visit(symbols, double(entry.count));
    }
  }
  std::vector<double> expected_counts();
  void segment(const SymbolTrie& words, std::span<const Symbol> symbols, TokenId without,
               std::vector<TokenId>& segmentation) const;

  const SequenceCounts& sequences_;
  int symbols_;
  std::vector<Candidate> candidates_;
  double gain_ = 3;  // nats that a symbol costs, as found in the round before; at first a guess
};

// A word that may stand in a sequence.
struct Edge {
  std::uint32_t begin, end;
  TokenId id;
};

// Forward and backward over all segmentations of each part. Every symbol is given the gain that it costs on average, so
// that products stay near 1.
std::vector<double> UnigramLearning::expected_counts() {
  const SymbolTrie words = trie();
  std::vector<double> probability, expected(candidates_.size());
  for (const Candidate& each : candidates_)
    probability.push_back(std::exp(each.score + gain_ * double(each.symbols.size())));
  std::vector<Edge> edges;
  std::vector<double> forward, backward;
  double log_likelihood = 0, symbols_read = 0;
  for_each_part([&](std::span<const Symbol> symbols, double count) {
    edges.clear();
    forward.assign(symbols.size() + 1, 0.0);
    backward.assign(symbols.size() + 1, 0.0);
    forward[0] = backward[symbols.size()] = 1;
    for (std::uint32_t begin = 0; begin < symbols.size(); ++begin) {
      words.for_each_prefix(symbols.subspan(begin), [&](std::size_t length, TokenId id) {
        edges.push_back({begin, begin + std::uint32_t(length), id});
        forward[begin + length] += forward[begin] * probability[std::size_t(id)];
      });
    }
    const double total = forward[symbols.size()];
    if (!(total > 0) || !std::isfinite(total)) return;
    for (std::size_t i = edges.size(); i-- > 0;) {
      const Edge& edge = edges[i];
      const double through = probability[std::size_t(edge.id)] * backward[edge.end];
      backward[edge.begin] += through;
      expected[std::size_t(edge.id)] += count * forward[edge.begin] * through / total;
    }
    log_likelihood += std::log(total) - gain_ * double(symbols.size());
    symbols_read += double(symbols.size());
  });
  if (symbols_read > 0) gain_ = -log_likelihood / symbols_read;
  return expected;
}

// The best segmentation of a stretch, without the word `without`.
void UnigramLearning::segment(const SymbolTrie& words, std::span<const Symbol> symbols, TokenId without,
                              std::vector<TokenId>& segmentation) const {
  struct Node {
    double score = 0;
    TokenId id = -1;
    std::uint32_t begin = 0;
  };
  std::vector<Node> best(symbols.size() + 1);
  for (std::uint32_t begin = 0; begin < symbols.size(); ++begin) {
    const double score = best[begin].score;
    words.for_each_prefix(symbols.subspan(begin), [&](std::size_t length, TokenId id) {
      Node& end = best[begin + length];
      const double through = score + candidates_[std::size_t(id)].score;
      if (id != without && (end.id < 0 || through > end.score)) end = {through, id, begin};
    });
  }
  segmentation.clear();
  for (std::size_t end = symbols.size(); end > 0; end = best[end].begin) segmentation.push_back(best[end].id);
}

// Takes out what the best segmentations can most easily do without.
void UnigramLearning::prune(std::size_t wanted) {
  const SymbolTrie words = trie();
  std::vector<double> counts(candidates_.size());
  std::vector<TokenId> segmentation;
  double sum = 0;
  for_each_part([&](std::span<const Symbol> symbols, double count) {
    segment(words, symbols, -1, segmentation);
    for (const TokenId id : segmentation) counts[std::size_t(id)] += count;
    sum += count * double(segmentation.size());
  });
  std::vector<std::pair<double, std::size_t>> losses;
  std::vector<bool> kept(candidates_.size());
  std::size_t kept_count = 0;
  for (std::size_t i = 0; i < candidates_.size(); ++i) {
    if (candidates_[i].symbols.size() == 1) {
      kept[i] = true;
      ++kept_count;
      continue;
    }
    if (counts[i] == 0) continue;
    segment(words, candidates_[i].symbols, TokenId(i), segmentation);
    const double alternatives_sum = std::log(sum + counts[i] * double(segmentation.size() - 1));
    double alternative = 0;
    for (const TokenId id : segmentation)
      alternative += std::log(counts[std::size_t(id)] + counts[i]) - alternatives_sum;
    losses.emplace_back(counts[i] / sum * (std::log(counts[i]) - std::log(sum) - alternative), i);
  }
  std::sort(losses.begin(), losses.end(),
            [](const auto& a, const auto& b) { return a.first != b.first ? a.first > b.first : a.second < b.second; });
  const std::size_t size = std::max(wanted, std::size_t(double(candidates_.size()) * kShrink));
  for (const auto& [loss, i] : losses) {
    if (kept_count >= size) break;
    kept[i] = true;
    ++kept_count;
  }
  std::vector<Candidate> left;
  for (std::size_t i = 0; i < candidates_.size(); ++i)
    if (kept[i]) left.push_back(std::move(candidates_[i]));
  candidates_ = std::move(left);
}

// The most probable, and all single symbols. In the order of their probabilities.
void UnigramLearning::write(int words, SubwordModel& model) const {
  std::vector<Candidate> chosen;
  std::vector<bool> has_symbol(std::size_t(symbols_), false);
  double least = 0;
  for (const Candidate& each : candidates_) {
    least = std::min(least, each.score);
    if (each.symbols.size() > 1) continue;
    chosen.push_back(each);
    has_symbol[each.symbols[0]] = true;
  }
  for (int symbol = kSpecialTokens; symbol < symbols_; ++symbol)
    if (!has_symbol[std::size_t(symbol)]) chosen.push_back({{Symbol(symbol)}, least -= kStep});
  std::vector<Candidate> longer;
  for (const Candidate& each : candidates_)
    if (each.symbols.size() > 1) longer.push_back(each);
  const auto more_probable = [](const Candidate& a, const Candidate& b) { return a.score > b.score; };
  std::stable_sort(longer.begin(), longer.end(), more_probable);
  const std::size_t room = std::size_t(words - kSpecialTokens) - chosen.size();
  longer.resize(std::min(longer.size(), room));
  chosen.insert(chosen.end(), longer.begin(), longer.end());
  std::stable_sort(chosen.begin(), chosen.end(), more_probable);
  for (int special = 0; special < kSpecialTokens; ++special) model.words.add({});
  model.scores.assign(std::size_t(kSpecialTokens), 0.0);
  for (const Candidate& each : chosen) {
    model.words.add(each.symbols);
    model.scores.push_back(each.score);
  }
}

}  // namespace

Status learn_unigram(const SequenceCounts& sequences, int symbols, const SubwordOptions& options, Progress& progress,
                     SubwordModel& model) {
  UnigramLearning learning(sequences, symbols);
  learning.seed(std::size_t(options.longest_word), kSeedsPerWord * std::size_t(options.words));
  const std::size_t wanted = std::size_t(kSpare * options.words), from = learning.size();
  while (true) {
    for (int round = 0; round < kRounds; ++round) {
      if (progress.stop_requested()) return Error{ErrorCode::interrupted, "training was stopped", {}, {}};
      learning.maximise();
    }
    progress.update(from - learning.size(), from, std::to_string(learning.size()) + " words");
    if (learning.size() <= wanted) break;
    learning.prune(wanted);
  }
  learning.write(options.words, model);
  return {};
}

}  // namespace continuo::tokens
