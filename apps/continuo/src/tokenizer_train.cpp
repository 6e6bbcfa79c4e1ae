#include <nlohmann/json.hpp>

#include "continuo/base/file.h"
#include "continuo/base/text.h"
#include "continuo/cli/console.h"
#include "continuo/cli/tokenizer_option.h"
#include "continuo/corpus/list_source.h"
#include "continuo/corpus/read_entry.h"
#include "continuo/dataset/dataset.h"
#include "continuo/tokens/miditok_json.h"
#include "continuo/tokens/registry.h"
#include "continuo/tokens/subwords.h"

#include "commands.h"
#include "common/tokenizer_output.h"

namespace continuo::app {
namespace {

using BasePointer = std::shared_ptr<const tokens::Tokenizer>;

tokens::WordSplit split_of(const cli::Arguments& arguments) {
  const std::string& name = arguments.text("split");
  return name == "bar" ? tokens::WordSplit::kBar : name == "beat" ? tokens::WordSplit::kBeat : tokens::WordSplit::kNone;
}

// The training pieces of a data set, in the tokens of its own tokenizer.
Result<tokens::SubwordCorpus> corpus_of(const dataset::TokenDataset& data, tokens::WordSplit split) {
  CONTINUO_ASSIGN(BasePointer base, tokens::tokenizer_from_json(data.tokenizer()));
  CONTINUO_ASSIGN(tokens::SubwordCorpus corpus, tokens::SubwordCorpus::make(std::move(base), split));
  const dataset::TokenSequences& training = data.split(dataset::Split::kTrain);
  for (std::size_t i = 0; i < training.pieces(); ++i) {
    const std::vector<TokenId> piece(training.piece(i).begin(), training.piece(i).end());
    corpus.add(piece);
  }
  return corpus;
}

// The files of a folder that are for training, or all where none are set apart. Those that cannot be used are counted.
Result<tokens::SubwordCorpus> corpus_of(const corpus::Source& source, const std::string& tokenizer,
                                        tokens::WordSplit split, cli::Console& console) {
  if (tokens::needs_learning(tokenizer)) {
    return Error{ErrorCode::invalid_argument,
                 tokenizer + " has a vocabulary learned from data: build a data set with it and give that",
                 {},
                 {}};
  }
  CONTINUO_ASSIGN(BasePointer base, tokens::make_tokenizer(tokenizer));
  CONTINUO_ASSIGN(tokens::SubwordCorpus corpus, tokens::SubwordCorpus::make(base, split));
  cli::TerminalProgress progress("reading");
  std::size_t unusable = 0;
  for (std::size_t i = 0; i < source.entries.size(); ++i) {
    const corpus::SourceEntry& entry = source.entries[i];
    progress.update(i + 1, source.entries.size(), entry.path);
    if (progress.stop_requested()) return Error{ErrorCode::interrupted, "stopped on request", {}, {}};
    if (entry.split.value_or(dataset::Split::kTrain) != dataset::Split::kTrain) continue;
    const auto scores = corpus::read_entry(source, i);
    unusable += !scores.ok();
    if (!scores.ok()) continue;
    for (const score::Score& score : *scores)
      if (const auto ids = base->encode(score); ids.ok()) corpus.add(*ids);
  }
  if (unusable > 0) console.note("continuo: note: " + grouped(unusable) + " files could not be read");
  return corpus;
}

Result<tokens::SubwordCorpus> read_corpus(const cli::Arguments& arguments, cli::Console& console) {
  const auto data = dataset::TokenDataset::open(std::filesystem::path(arguments.positional()), {.check_tokens = false});
  if (data.ok()) {
    if (arguments.given("tokenizer"))
      console.note("continuo: note: a data set has its own tokenizer; --tokenizer is ignored");
    return corpus_of(*data, split_of(arguments));
  }
  if (data.error().code != ErrorCode::wrong_format) return data.error();
  CONTINUO_ASSIGN(const auto source, corpus::list_source(std::filesystem::path(arguments.positional())));
  return corpus_of(source, arguments.text("tokenizer"), split_of(arguments), console);
}

Status train(const cli::Arguments& arguments, cli::Console& console) {
  const std::filesystem::path output = arguments.path("output");
  CONTINUO_TRY(check_tokenizer_output(output));
  auto corpus = read_corpus(arguments, console);
  if (!corpus.ok()) return corpus.error().in_file(arguments.positional());
  const std::uint64_t base_tokens = corpus->tokens();
  const std::size_t distinct = corpus->distinct();
  const tokens::SubwordOptions options{.words = static_cast<int>(arguments.integer("words")),
                                       .min_count = static_cast<int>(arguments.integer("min_count"))};
  auto trained = [&] {
    cli::TerminalProgress progress("training");
    return arguments.text("subwords") == "bpe" ? tokens::train_bpe(std::move(*corpus), options, progress)
                                               : tokens::train_unigram(std::move(*corpus), options, progress);
  }();
  if (!trained.ok()) return trained.error().in_file(arguments.positional());
  CONTINUO_TRY(write_file(output, tokens::miditok_json(**trained).dump(1) + "\n"));
  console.result() = {{"output", output.string()},
                      {"base_tokens", base_tokens},
                      {"distinct_sequences", distinct},
                      {"words", (*trained)->vocabulary().size()}};
  console.line(output.string() + ": " + grouped(std::uint64_t((*trained)->vocabulary().size())) +
               " tokens in the vocabulary, from " + grouped(base_tokens) + " tokens, " + grouped(distinct) +
               " distinct sequences");
  return {};
}

}  // namespace

cli::Command tokenizer_train_command() {
  return {{.name = "tokenizer train",
           .summary = "Train a subword tokenizer: frequent sequences of tokens become tokens of their own",
           .description =
               "Trains on the training pieces of a data set. Of a folder it takes the files that a known "
               "collection's layout sets apart for training, or all files. MidiTok reads the result too, for the "
               "tokenizers that it also has.",
           .positionals = {{"SOURCE", "Data set, or folder of music files"}},
           .options = {tokenizer_output_option(),
                       cli::tokenizer_option("Base tokenizer for a folder's music"),
                       {.name = "subwords",
                        .type = cli::Type::kChoice,
                        .unit = "METHOD",
                        .help = "Training method",
                        .default_value = "bpe",
                        .choices = {"bpe", "unigram"}},
                       {.name = "words",
                        .type = cli::Type::kInteger,
                        .unit = "N",
                        .help = "Vocabulary size, base tokens included",
                        .default_value = "10000",
                        .range = {1, 65536}},
                       {.name = "split",
                        .type = cli::Type::kChoice,
                        .unit = "UNIT",
                        .help = "Subwords stay within one bar or one beat; no: they may span both",
                        .default_value = "bar",
                        .choices = {"bar", "beat", "no"}},
                       {.name = "min_count",
                        .type = cli::Type::kInteger,
                        .unit = "N",
                        .help = "Merge no pair that occurs less often (bpe only)",
                        .default_value = "1",
                        .range = {1, 1e9}}},
           .examples = {"continuo tokenizer train data/mine --subwords bpe --words 5000 -o bpe.json",
                        "continuo tokenize piece.mid --tokenizer bpe.json"}},
          train,
          {}};
}

}  // namespace continuo::app
