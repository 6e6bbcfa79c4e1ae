#include "fake_model.h"

#include <algorithm>
#include <cstdlib>
#include <limits>

#include "continuo/tokens/registry.h"
#include "continuo/tokens/subwords.h"

namespace continuo::generate::testing {
namespace {

using score::Score;
using score::Ticks;

class FakeSession final : public engine::Session {
 public:
  explicit FakeSession(const FakeModel& model) : model_(model), logits_(std::size_t(model.config().vocab_size)) {}
  std::unique_ptr<engine::Session> fork() const override { return std::make_unique<FakeSession>(*this); }
  void reset() noexcept override { tokens_.clear(); }
  int position() const noexcept override { return int(tokens_.size()); }
  bool full() const noexcept override {
    return model_.config().family == checkpoint::Family::kTransformer && position() >= model_.config().context_length;
  }
  std::span<const float> prefill(engine::Input input) override {
    if (input.size() == 0) std::abort();
    for (const TokenId token : input.tokens) add(token);
    return predict();
  }
  std::span<const float> step(TokenId token, MusicalPlace) noexcept override {
    add(token);
    return predict();
  }

 private:
  void add(TokenId token) {
    if (full() || token < 0 || token >= model_.config().vocab_size) std::abort();
    tokens_.push_back(token);
  }
  std::span<const float> predict() {
    model_.predict(tokens_, tokens_.size() - 1, logits_);
    return logits_;
  }

  const FakeModel& model_;
  std::vector<TokenId> tokens_;
  std::vector<float> logits_;
};

class FakeEnsemble final : public engine::Ensemble {
 public:
  std::span<const float> step(std::span<engine::Session* const> sessions, engine::Input input) noexcept override {
    logits_.clear();
    for (std::size_t i = 0; i < sessions.size(); ++i) {
      const auto row = sessions[i]->step(input.tokens[i]);
      logits_.insert(logits_.end(), row.begin(), row.end());
    }
    return logits_;
  }

 private:
  std::vector<float> logits_;
};

// Range: 0 to 4.
float whim(std::uint64_t place, std::uint64_t word) {
  std::uint64_t x = (place * 0x9E3779B97F4A7C15ULL) ^ (word * 0xC2B2AE3D27D4EB4FULL);
  x = (x ^ (x >> 29)) * 0xBF58476D1CE4E5B9ULL;
  return float(x >> 40) / float(1 << 22);
}

FakeModel::Predict taste_of(Taste taste, const std::vector<std::string>& words) {
  std::vector<bool> slow(words.size());
  for (std::size_t i = 0; i < words.size(); ++i)
    slow[i] = !(words[i].starts_with("Bar") || words[i].starts_with("+") || words[i].starts_with("TimeShift"));
  return [=](std::span<const TokenId> tokens, std::size_t at, std::span<float> logits) {
    for (std::size_t i = 0; i < logits.size(); ++i) {
      float& logit = logits[i];
      switch (taste) {
        case Taste::kUniform:
          logit = 0;
          break;
        case Taste::kWhim:
          logit = whim(at * 1000 + std::size_t(tokens[at > 0 ? at - 1 : 0]), i);
          break;
        case Taste::kStubborn:
          logit = i == logits.size() / 2 ? 50.0f : 0.0f;
          break;
        case Taste::kIllegal:
          logit = i < 4 ? 50.0f : i % 7 == 0 ? std::numeric_limits<float>::quiet_NaN() : 0.0f;
          break;
        case Taste::kNoBars:
          logit = slow[i] ? 50.0f : 0.0f;
          break;
      }
    }
  };
}

score::Note note(std::int64_t onset, std::int64_t duration, int pitch, int velocity) {
  return {Ticks(onset), Ticks(duration), std::uint8_t(pitch), std::uint8_t(velocity)};
}

// Every pitch class in a middle octave at every length that a sixteenth grid has up to a whole note.
Score scales() {
  Score score = small_piece();
  score::Track track;
  std::int64_t now = 0;
  for (int length = 1; length <= 16; ++length)
    for (int pitch = 28; pitch < 90; ++pitch, now += length * 96)
      track.notes.push_back(note(now, length * 96, pitch, 80));
  score.tracks.push_back(track);
  return score;
}

// A piece in base words, and how each token of a vocabulary reads in them.
class Memory {
 public:
  Memory(const tokens::Tokenizer& tokenizer, std::span<const TokenId> piece) {
    const auto* subwords = dynamic_cast<const tokens::SubwordTokenizer*>(&tokenizer);
    for (TokenId token = 0; token < tokenizer.vocabulary().size(); ++token) {
      auto& words = words_.emplace_back();
      if (token < tokens::kSpecialTokens) continue;
      if (subwords == nullptr) {
        words = {token};
      } else {
        words.assign(subwords->base_words(token).begin(), subwords->base_words(token).end());
      }
    }
    piece_ = base_words(piece);
  }

  void predict(std::span<const TokenId> tokens, std::span<float> logits) const {
    const std::size_t place = place_after(base_words(tokens));
    for (std::size_t token = 0; token < logits.size(); ++token) {
      const auto& words = words_[token];
      const bool continues = !words.empty() && place + words.size() <= piece_.size() &&
                             std::equal(words.begin(), words.end(), piece_.begin() + std::ptrdiff_t(place));
      logits[token] = continues ? 10.0f + float(words.size()) : 0.0f;
    }
  }

 private:
  std::vector<TokenId> base_words(std::span<const TokenId> tokens) const {
    std::vector<TokenId> all;
    for (const TokenId token : tokens)
      all.insert(all.end(), words_[std::size_t(token)].begin(), words_[std::size_t(token)].end());
    return all;
  }
  // The place in the piece before which most of the last words are the same.
  std::size_t place_after(const std::vector<TokenId>& words) const {
    std::size_t best = 0, longest = 0;
    for (std::size_t place = 1; place <= piece_.size(); ++place) {
      std::size_t same = 0;
      while (same < std::min(place, words.size()) && piece_[place - 1 - same] == words[words.size() - 1 - same]) ++same;
      if (same <= longest) continue;
      best = place;
      longest = same;
    }
    return best;
  }

  std::vector<std::vector<TokenId>> words_;
  std::vector<TokenId> piece_;
};

}  // namespace

void FakeModel::forward(engine::Input input, std::span<float> logits, ThreadPool&) const {
  const auto tokens = input.tokens;
  if (int(tokens.size()) > config_.context_length) std::abort();
  const auto vocab = std::size_t(config_.vocab_size);
  if (logits.size() != tokens.size() * vocab) std::abort();
  for (std::size_t i = 0; i < tokens.size(); ++i) predict_(tokens, i, logits.subspan(i * vocab, vocab));
}

std::unique_ptr<engine::Session> FakeModel::new_session(ThreadPool&) const {
  return std::make_unique<FakeSession>(*this);
}

std::unique_ptr<engine::Ensemble> FakeModel::new_ensemble(int, ThreadPool&) const {
  return std::make_unique<FakeEnsemble>();
}

Score small_piece(int bars) {
  constexpr std::int64_t kQuarter = 384, kBar = 3 * kQuarter;
  Score score;
  score.title = "small piece";
  score.ticks_per_quarter = kQuarter;
  score.tempos = {{Ticks(0), 600000}, {Ticks(2 * kBar), 400000}, {Ticks(3 * kBar + 17), 450000}};
  score.time_signatures = {{Ticks(0), 3, 4}};
  score.key_signatures = {{Ticks(0), -1, false}};
  score.tracks.resize(4);
  score.tracks[0].name = "right";
  score.tracks[1].name = "left";
  score.tracks[2].name = "bass";
  score.tracks[2].program = 32;
  score.tracks[3].name = "drums";
  score.tracks[3].is_drum = true;
  for (int bar = 0; bar < bars; ++bar) {
    for (int beat = 0; beat < 3; ++beat) {
      const std::int64_t now = bar * kBar + beat * kQuarter;
      score.tracks[0].notes.push_back(note(now + 5, kQuarter - 20, 65 + (bar * 3 + beat) % 9, 70 + beat));
      score.tracks[3].notes.push_back(note(now, 60, beat == 0 ? 36 : 42, 100));
    }
    score.tracks[1].notes.push_back(note(bar * kBar, kBar, 53, 60));
    score.tracks[1].notes.push_back(note(bar * kBar, kBar, 57, 61));
    score.tracks[2].notes.push_back(note(bar * kBar, 2 * kQuarter, 41 + bar % 3, 90));
    score.tracks[0].controls.push_back({Ticks(bar * kBar + 10), 64, 127});
    if (bar + 1 < bars) score.tracks[0].controls.push_back({Ticks((bar + 1) * kBar - 10), 64, 0});
  }
  score.sort();
  return score;
}

std::shared_ptr<const tokens::Tokenizer> tokenizer_named(const std::string& name) {
  const std::vector<Score> corpus = {small_piece(), scales(), small_piece(3)};
  return tokenizer_named(name, corpus);
}

std::shared_ptr<const tokens::Tokenizer> tokenizer_named(const std::string& name, std::span<const Score> corpus) {
  const auto base = tokens::make_tokenizer(name.substr(0, name.find(' ')), corpus).value();
  if (name.find(' ') == std::string::npos) return base;
  auto sequences = tokens::SubwordCorpus::make(base, tokens::WordSplit::kBar).value();
  for (const Score& piece : corpus) sequences.add(base->encode(piece).value());
  NoProgress progress;
  const tokens::SubwordOptions options{.words = base->vocabulary().size() + 200};
  return name.ends_with(" bpe") ? tokens::train_bpe(std::move(sequences), options, progress).value()
                                : tokens::train_unigram(std::move(sequences), options, progress).value();
}

std::vector<std::string> all_with_subwords() {
  std::vector<std::string> all;
  for (const std::string_view name : tokens::tokenizer_names())
    for (const char* subwords : {"", " bpe", " unigram"}) all.push_back(std::string(name) + subwords);
  return all;
}

Composer fake_composer(const std::string& tokenizer, Taste taste, FakeOptions options) {
  Composer composer;
  composer.tokenizer = tokenizer_named(tokenizer);
  checkpoint::ModelConfig config;
  config.vocab_size = composer.tokenizer->vocabulary().size();
  config.context_length = options.context_length;
  if (options.endless) config.family = checkpoint::Family::kRecurrent;
  if (options.bidirectional) config.masking = checkpoint::Masking::kBidirectional;
  config.preset = options.bidirectional ? "bert" : options.endless ? "lstm" : "gpt2";
  composer.model = std::make_shared<FakeModel>(config, taste_of(taste, composer.tokenizer->vocabulary().words()));
  return composer;
}

Composer composer_of(std::shared_ptr<const tokens::Tokenizer> tokenizer, const Score& piece) {
  checkpoint::ModelConfig config;
  config.vocab_size = tokenizer->vocabulary().size();
  config.context_length = 2048;
  config.preset = "gpt2";
  const auto memory = std::make_shared<const Memory>(*tokenizer, tokenizer->encode(piece).value());
  const auto predict = [memory](std::span<const TokenId> tokens, std::size_t at, std::span<float> logits) {
    memory->predict(tokens.first(at + 1), logits);
  };
  return {std::make_shared<FakeModel>(config, predict), std::move(tokenizer)};
}

std::string grammar_complaint(const tokens::Tokenizer& tokenizer, std::span<const TokenId> before,
                              const Composition& composition) {
  std::vector<TokenId> all(before.begin(), before.end());
  all.insert(all.end(), composition.tokens.begin(), composition.tokens.end());
  const auto grammar = tokenizer.grammar();
  if (const auto place = tokens::first_violation(*grammar, all); place >= 0)
    return "token " + std::to_string(place) + " of " + std::to_string(all.size());
  for (const auto& track : composition.score.tracks)
    for (const auto& n : track.notes)
      if (n.duration <= Ticks(0) || n.onset < Ticks(0))
        return "a note of no length at " + std::to_string(n.onset.value);
  return {};
}

Result<Composition> run(const Composer& composer, const ComposeOptions& options, int threads) {
  ThreadPool pool(threads);
  NoProgress progress;
  return compose(composer, options, pool, progress);
}

}  // namespace continuo::generate::testing
