#include <utility>

#include "bpe_trainer.h"
#include "sequence_counts.h"
#include "subword_model.h"
#include "unigram_trainer.h"

namespace continuo::tokens {

struct SubwordCorpus::State {
  std::shared_ptr<const Tokenizer> base;
  WordSplit split;
  SequenceCounts counts;
  std::uint64_t tokens = 0;
  std::vector<Symbol> sequence;
  // Bars are marked as MidiTok does; whole pieces are not.
  bool marks() const { return split != WordSplit::kNone; }
  int symbols() const { return base->vocabulary().size() + int(marks()); }
};

SubwordCorpus::SubwordCorpus(std::unique_ptr<State> state) : state_(std::move(state)) {}
SubwordCorpus::SubwordCorpus(SubwordCorpus&&) noexcept = default;
SubwordCorpus& SubwordCorpus::operator=(SubwordCorpus&&) noexcept = default;
SubwordCorpus::~SubwordCorpus() = default;

Result<SubwordCorpus> SubwordCorpus::make(std::shared_ptr<const Tokenizer> base, WordSplit split) {
  if (dynamic_cast<const SubwordTokenizer*>(base.get()) != nullptr)
    return Error{ErrorCode::unsupported, "the base has subwords already", {}, {}};
  if (base->vocabulary().size() + 1 >= kMostSubwords)
    return Error{ErrorCode::unsupported, "the base has too many words for subwords", {}, {}};
  auto state = std::make_unique<State>();
  state->base = std::move(base);
  state->split = split;
  return SubwordCorpus(std::move(state));
}

void SubwordCorpus::add(std::span<const TokenId> tokens) {
  while (!tokens.empty() && tokens.front() < kSpecialTokens) tokens = tokens.subspan(1);
  const std::vector<std::size_t> starts = state_->base->sequence_starts(tokens, state_->split);
  std::vector<Symbol>& sequence = state_->sequence;
  for (std::size_t i = 0; i < starts.size(); ++i) {
    const std::size_t end = i + 1 < starts.size() ? starts[i + 1] : tokens.size();
    sequence.clear();
    if (state_->marks()) sequence.push_back(Symbol(state_->base->vocabulary().size()));
    for (std::size_t at = starts[i]; at < end; ++at)
      if (tokens[at] >= kSpecialTokens) sequence.push_back(Symbol(tokens[at]));
    state_->tokens += sequence.size() - std::size_t(state_->marks());
    state_->counts.add(sequence);
  }
}

std::uint64_t SubwordCorpus::tokens() const { return state_->tokens; }
std::size_t SubwordCorpus::distinct() const { return state_->counts.distinct(); }

namespace {

Status check_options(const SubwordOptions& options, int symbols, std::size_t distinct) {
  if (distinct == 0) return Error{ErrorCode::empty, "there is nothing to learn subwords from", {}, {}};
  if (options.words <= symbols || options.words > kMostSubwords) {
    return Error{ErrorCode::invalid_argument,
                 "the number of words has to be above the " + std::to_string(symbols) + " that the base has, up to " +
                     std::to_string(kMostSubwords),
                 {},
                 {}};
  }
  if (options.min_count < 1 || options.longest_word < 2 || options.longest_word > 255)
    return Error{ErrorCode::invalid_argument, "an option of the subwords is out of range", {}, {}};
  return {};
}

void add_symbols(SubwordModel& model, int symbols) {
  for (int special = 0; special < kSpecialTokens; ++special) model.words.add({});
  for (int symbol = kSpecialTokens; symbol < symbols; ++symbol) {
    const Symbol word = Symbol(symbol);
    model.words.add({&word, 1});
  }
}

}  // namespace

// A friend of SubwordCorpus, so that its inside need not be public.
class SubwordTraining {
 public:
  using Trained = Result<std::shared_ptr<const SubwordTokenizer>>;
  SubwordTraining(SubwordCorpus corpus, const SubwordOptions& options)
      : state_(std::move(corpus.state_)), options_(options) {}

  Trained bpe(Progress& progress) {
    CONTINUO_TRY(check_options(options_, state_->symbols(), state_->counts.distinct()));
    SubwordModel model = empty(SubwordModel::Kind::kBpe);
    BpeTrainer trainer(std::move(state_->counts), state_->symbols());
    CONTINUO_TRY(trainer.train(options_.words, options_.min_count, progress));
    add_symbols(model, state_->symbols());
    for (std::size_t i = 0; i < trainer.new_words().size(); ++i) model.words.add(trainer.new_words()[i]);
    model.merges = trainer.merges();
    return make_subword_tokenizer(state_->base, std::move(model));
  }

  Trained unigram(Progress& progress) {
    CONTINUO_TRY(check_options(options_, state_->symbols(), state_->counts.distinct()));
    SubwordModel model = empty(SubwordModel::Kind::kUnigram);
    state_->counts.close();
    CONTINUO_TRY(learn_unigram(state_->counts, state_->symbols(), options_, progress, model));
    return make_subword_tokenizer(state_->base, std::move(model));
  }

 private:
  SubwordModel empty(SubwordModel::Kind kind) const {
    SubwordModel model;
    model.kind = kind;
    model.split = state_->split;
    model.marks_beginnings = state_->marks();
    return model;
  }
  std::unique_ptr<SubwordCorpus::State> state_;
  SubwordOptions options_;
};

Result<std::shared_ptr<const SubwordTokenizer>> train_bpe(SubwordCorpus corpus, const SubwordOptions& options,
                                                          Progress& progress) {
  return SubwordTraining(std::move(corpus), options).bpe(progress);
}

Result<std::shared_ptr<const SubwordTokenizer>> train_unigram(SubwordCorpus corpus, const SubwordOptions& options,
                                                              Progress& progress) {
  return SubwordTraining(std::move(corpus), options).unigram(progress);
}

}  // namespace continuo::tokens
