#include "subword_corpus.h"

#include <map>
#include <string>
#include <vector>

#include "continuo/tokens/registry.h"

#include "random_score.h"

namespace continuo::tokens {

std::shared_ptr<const SubwordTokenizer> trained_on_random_music(std::string_view name, WordSplit split) {
  static std::map<std::pair<std::string, WordSplit>, std::shared_ptr<const SubwordTokenizer>> made;
  auto& tokenizer = made[{std::string(name), split}];
  if (tokenizer) return tokenizer;
  const bool is_unigram = name.ends_with(" unigram");
  std::vector<score::Score> corpus;
  for (std::uint64_t seed = 0; seed < 60; ++seed) corpus.push_back(random_score(seed, 80));
  const auto base = make_tokenizer(name.substr(0, name.find(' ')), corpus).value();
  auto sequences = SubwordCorpus::make(base, split).value();
  for (const score::Score& score : corpus)
    if (const auto tokens = base->encode(score); tokens.ok()) sequences.add(*tokens);
  NoProgress progress;
  const SubwordOptions options{.words = base->vocabulary().size() + 300};
  tokenizer = is_unigram ? train_unigram(std::move(sequences), options, progress).value()
                         : train_bpe(std::move(sequences), options, progress).value();
  return tokenizer;
}

}  // namespace continuo::tokens
