#include "continuo/dataset/verify.h"

#include <map>
#include <optional>
#include <string>
#include <system_error>
#include <unordered_set>

#include "continuo/base/file.h"
#include "continuo/corpus/csv.h"
#include "continuo/corpus/ordered_run.h"
#include "continuo/dataset/dataset.h"
#include "continuo/tokens/registry.h"

#include "shards/copy_name.h"
#include "shards/manifest.h"

namespace continuo::dataset {
namespace fs = std::filesystem;
namespace {

class Verifier {
 public:
  Verifier(const fs::path& folder, corpus::OrderedRun& run) : folder_(folder), run_(run) {}

  Result<VerifyReport> verify() {
    CONTINUO_ASSIGN(const TokenDataset dataset, TokenDataset::open(folder_));
    CONTINUO_ASSIGN(manifest_, read_manifest(folder_ / kManifestName));
    for (std::size_t i = 0; i < kSplitCount; ++i)
      CONTINUO_TRY(check_seal(tokens_name(Split(i)), manifest_.token_files[i]));
    CONTINUO_TRY(check_seal(std::string(kRejectsName), manifest_.rejects_file));
    CONTINUO_TRY(check_rejects());
    CONTINUO_TRY(check_names(dataset));
    CONTINUO_TRY(check_pieces(dataset));
    return report_;
  }

 private:
  Error fault(ErrorCode code, std::string what, const std::string& name) const {
    return {code, std::move(what), {}, (folder_ / name).string()};
  }

  Status check_seal(const std::string& name, const FileSeal& expected) {
    CONTINUO_ASSIGN(const FileSeal found, FileSeal::of(folder_ / name));
    ++report_.files;
    report_.bytes += found.bytes;
    if (found == expected) return {};
    return fault(ErrorCode::incompatible, "is not the file that was built: its checksum differs from the manifest's",
                 name);
  }

  Status check_rejects() {
    const std::string name(kRejectsName);
    CONTINUO_ASSIGN(const std::string text, read_text_file(folder_ / name));
    auto table = corpus::CsvTable::parse(text);
    if (!table.ok()) return table.error().in_file((folder_ / name).string());
    const auto code = table->column("code");
    if (!code) return fault(ErrorCode::malformed, "lacks the column code", name);
    std::map<std::string, std::uint64_t> counts;
    for (std::size_t row = 0; row < table->rows(); ++row) ++counts[table->at(row, *code)];
    report_.rejects = table->rows();
    if (counts == manifest_.rejects) return {};
    return fault(ErrorCode::incompatible, "does not have the rows that the manifest counts", name);
  }

  Status check_names(const TokenDataset& dataset) {
    std::unordered_set<std::string> seen;
    for (int i = 0; i < kSplitCount; ++i) {
      const TokenSequences& pieces = dataset.split(Split(i));
      std::string original;
      for (std::size_t piece = 0; piece < pieces.pieces(); ++piece) {
        const std::string& name = pieces.name(piece);
        if (!seen.insert(name).second)
          return fault(ErrorCode::malformed, "holds " + name + " a second time", tokens_name(Split(i)));
        const auto copied = original_of_copy(name);
        if (copied && (Split(i) != Split::kTrain || *copied != original))
          return fault(ErrorCode::malformed, "holds " + name + " away from the training piece that it is of",
                       tokens_name(Split(i)));
        if (!copied) original = name;
      }
    }
    return {};
  }

  Status check_pieces(const TokenDataset& dataset) {
    CONTINUO_ASSIGN(const auto tokenizer, tokens::tokenizer_from_json(dataset.tokenizer()));
    if (tokenizer->vocabulary().size() != dataset.vocabulary_size())
      return fault(ErrorCode::incompatible, "gives a vocabulary of another size than its tokenizer has",
                   std::string(kManifestName));
    for (int i = 0; i < kSplitCount; ++i) run_.add_to_total(dataset.split(Split(i)).pieces());
    for (int i = 0; i < kSplitCount; ++i) {
      const TokenSequences& pieces = dataset.split(Split(i));
      const auto decode = [&](std::size_t piece) -> std::optional<Error> {
        const auto tokens = pieces.piece(piece);
        const auto score = tokenizer->decode(std::vector<TokenId>(tokens.begin(), tokens.end()));
        if (score.ok()) return std::nullopt;
        return score.error();
      };
      CONTINUO_TRY(run_.run<std::optional<Error>>(pieces.pieces(), "decoding", decode,
                                                  [&](std::size_t piece, std::optional<Error>&& error) -> Status {
                                                    ++report_.pieces;
                                                    report_.tokens += pieces.piece(piece).size();
                                                    if (!error) return {};
                                                    error->what = pieces.name(piece) + ": " + error->what;
                                                    return error->in_file((folder_ / tokens_name(Split(i))).string());
                                                  }));
    }
    return {};
  }

  const fs::path& folder_;
  corpus::OrderedRun& run_;
  Manifest manifest_;
  VerifyReport report_;
};

}  // namespace

Result<VerifyReport> verify(const fs::path& folder, ThreadPool& threads, Progress& progress) {
  corpus::OrderedRun run(threads, progress);
  return Verifier(folder, run).verify();
}

}  // namespace continuo::dataset
