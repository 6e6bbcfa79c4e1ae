#include "fuzz_targets.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "continuo/tokens/miditok_json.h"
#include "continuo/tokens/registry.h"

#include "laws.h"
#include "random_score.h"
#include "subword_corpus.h"

namespace continuo::tokens {
namespace {

using Bytes = std::vector<std::uint8_t>;
using TokenizerPointer = std::shared_ptr<const Tokenizer>;

const std::vector<TokenizerPointer>& fuzzed_tokenizers() {
  static const std::vector<TokenizerPointer> all = [] {
    std::vector<TokenizerPointer> made;
    std::vector<score::Score> corpus;
    for (std::uint64_t seed = 0; seed < 10; ++seed) corpus.push_back(random_score(seed, 60));
    for (const std::string_view name : tokenizer_names()) made.push_back(make_tokenizer(name, corpus).value());
    for (const std::string_view name : {"remi", "tsd", "midi_like", "tsd unigram"})
      made.push_back(trained_on_random_music(name, WordSplit::kBar));
    return made;
  }();
  return all;
}

Bytes bytes_of(const std::string& text) { return {text.begin(), text.end()}; }

}  // namespace

std::string fuzz_token_stream(std::span<const std::uint8_t> bytes) {
  if (bytes.empty()) return {};
  const Tokenizer& tokenizer = *fuzzed_tokenizers()[bytes[0] % fuzzed_tokenizers().size()];
  std::vector<TokenId> tokens;
  for (std::size_t i = 1; i + 1 < bytes.size(); i += 2) tokens.push_back(bytes[i] | bytes[i + 1] << 8);
  (void)tokenizer.elapsed(tokens);
  (void)tokenizer.bar_starts(tokens);
  for (const WordSplit split : {WordSplit::kBar, WordSplit::kBeat}) (void)tokenizer.sequence_starts(tokens, split);
  const auto decoded = tokenizer.decode(tokens);
  // decode() passes over special words wherever they stand; the grammar does not.
  std::erase_if(tokens, [](TokenId token) { return token < kSpecialTokens; });
  const auto violation = first_violation(*tokenizer.grammar(), tokens);
  const std::string name(tokenizer.name());
  if (decoded.ok() != (violation < 0)) {
    // A piece can obey the grammar and be longer than any piece may be.
    const bool too_large = !decoded.ok() && decoded.error().code == ErrorCode::too_large;
    return too_large ? std::string() : name + ": decode and grammar disagree at " + std::to_string(violation);
  }
  if (!decoded.ok()) return {};
  if (tokenizer.quantise(*decoded).value() != *decoded) return name + ": what is decoded is off its grid";
  const LawCheck check = check_laws(tokenizer, *decoded);
  return check.violation.empty() ? std::string() : name + ": " + check.violation;
}

std::string fuzz_tokenizer_json(std::span<const std::uint8_t> bytes) {
  const auto description = nlohmann::json::parse(bytes.begin(), bytes.end(), nullptr, false);
  if (description.is_discarded()) return {};
  const auto made = tokenizer_from_json(description);
  if (!made.ok()) return made.error().what.empty() ? "an error says nothing" : std::string();
  const nlohmann::json written = (*made)->to_json();
  const auto again = tokenizer_from_json(written);
  if (!again.ok()) return "a tokenizer's own description is refused: " + again.error().to_line();
  if ((*again)->to_json() != written) return "a description changes when it is read and written";
  const score::Score score = random_score(1, 20);
  const auto ids = (*made)->encode(score);
  const auto same = (*again)->encode(score);
  if (ids.ok() != same.ok() || (ids.ok() && *ids != *same)) return "an equal tokenizer encodes otherwise";
  if (ids.ok() && !(*made)->decode(*ids).ok()) return "what was encoded is not decoded";
  return {};
}

std::vector<Bytes> token_stream_seeds() {
  std::vector<Bytes> seeds;
  for (std::size_t i = 0; i < fuzzed_tokenizers().size(); ++i) {
    for (std::uint64_t seed = 0; seed < 3; ++seed) {
      const auto tokens = fuzzed_tokenizers()[i]->encode(random_score(seed, 12));
      if (!tokens.ok()) continue;
      Bytes& bytes = seeds.emplace_back(1, std::uint8_t(i));
      for (const TokenId token : *tokens) {
        bytes.push_back(std::uint8_t(token & 0xFF));
        bytes.push_back(std::uint8_t(token >> 8));
      }
    }
  }
  return seeds;
}

std::vector<Bytes> tokenizer_json_seeds() {
  std::vector<Bytes> seeds;
  for (const TokenizerPointer& tokenizer : fuzzed_tokenizers()) {
    if (tokenizer->vocabulary().size() > 2000) continue;
    seeds.push_back(bytes_of(tokenizer->to_json().dump()));
    nlohmann::json file = miditok_json(*tokenizer);
    if (!file.contains("config")) continue;
    file.erase("continuo");  // so that MidiTok's part is read
    seeds.push_back(bytes_of(file.dump()));
  }
  return seeds;
}

}  // namespace continuo::tokens
