#include "build/assemble.h"

#include <algorithm>
#include <array>
#include <memory>
#include <numeric>
#include <optional>
#include <unordered_map>
#include <utility>

#include "continuo/base/file.h"
#include "continuo/base/platform/platform.h"
#include "continuo/json/field_reader.h"

#include "build/reject_report.h"
#include "build/two_stages.h"
#include "build/work_folder.h"
#include "pieces/split_assignment.h"
#include "shards/copy_name.h"
#include "shards/manifest.h"
#include "shards/merged_pieces.h"
#include "shards/token_file.h"

namespace continuo::dataset {
namespace fs = std::filesystem;
namespace {

constexpr std::size_t kBatchTokens = std::size_t{1} << 18;
constexpr const char* kOutOfRange = "moved copies that would leave the range of MIDI";

// What happens to a piece: its split, and flags.
using Fate = std::uint8_t;
constexpr Fate kSplitMask = 3, kDuplicate = 4, kHasDuplicates = 8;

class Assembler {
 public:
  Assembler(const std::vector<fs::path>& files, const fs::path& folder, corpus::OrderedRun& run)
      : files_(files), folder_(folder), run_(run) {}

  Result<BuildReport> assemble() {
    CONTINUO_TRY(check_headers());
    CONTINUO_TRY(decide());
    CONTINUO_TRY(write_pieces());
    CONTINUO_TRY(check_not_empty());
    CONTINUO_TRY(write_manifest());
    return std::move(report_);
  }

 private:
  Error incompatible(std::string what, const fs::path& path) const {
    return {ErrorCode::incompatible, std::move(what), {}, path.string()};
  }

  Status check_headers() {
    std::vector<bool> present;
    for (const fs::path& path : files_) {
      CONTINUO_ASSIGN(const auto reader, PieceFileReader::open(path, PieceFileReader::Tokens::kSkip));
      const nlohmann::json& header = reader.header();
      auto described = BuildDescription::from_json(header);
      if (!described.ok()) return described.error().in_file(path.string());
      int index = -1, count = 0;
      json::FieldReader shard = json::FieldReader(header, "piece file").object("shard");
      shard.read("index", index);
      shard.read("count", count);
      if (!shard.status().ok() || count < 1 || count > kMostShards || index < 0 || index >= count)
        return Error{ErrorCode::malformed, "names an impossible shard", {}, path.string()};
      if (present.empty()) {
        description_ = *std::move(described);
        present.resize(std::size_t(count));
      } else if (*described != description_ || std::size_t(count) != present.size()) {
        return incompatible("is of another build than " + files_.front().string(), path);
      }
      if (present[std::size_t(index)]) return incompatible("is shard " + std::to_string(index + 1) + " again", path);
      present[std::size_t(index)] = true;
    }
    return check_all_present(present);
  }

  Status check_all_present(const std::vector<bool>& present) const {
    constexpr int kMostNamed = 8;
    std::string missing;
    int count = 0;
    for (std::size_t i = 0; i < present.size(); ++i) {
      if (present[i] || ++count > kMostNamed) continue;
      missing += (count > 1 ? ", " : "") + std::to_string(i + 1);
    }
    if (count == 0) return {};
    return incompatible("lacks " + std::to_string(count) + " of " + std::to_string(present.size()) +
                            " shards: " + missing + (count > kMostNamed ? " ..." : ""),
                        files_.front().parent_path());
  }

  bool official() const { return description_.split_rule == kOfficialSplitRule; }
  SplitShares shares() const { return shares_of_rule(description_.split_rule).value_or(SplitShares{}); }
  bool rejects_duplicates() const {
    return description_.filters.duplicates && (!official() || description_.filters.official);
  }

  Status decide() {
    std::vector<PieceKey> keys;
    CONTINUO_ASSIGN(auto pieces, MergedPieces::open(files_, PieceFileReader::Tokens::kSkip));
    while (true) {
      CONTINUO_ASSIGN(const auto item, pieces.next());
      if (item.record == nullptr) break;
      if (item.record->kind < PieceRecord::Kind::kUnencoded) continue;
      keys.push_back(item.record->key);
      fates_.push_back(Fate(item.record->split.value_or(Split::kTrain)));
    }
    if (rejects_duplicates()) mark_duplicates(keys);
    if (!official()) assign(keys);
    return {};
  }

  void mark_duplicates(const std::vector<PieceKey>& keys) {
    std::vector<std::uint32_t> order(keys.size());
    std::iota(order.begin(), order.end(), 0u);
    std::sort(order.begin(), order.end(), [&](std::uint32_t a, std::uint32_t b) {
      return keys[a].exact != keys[b].exact ? keys[a].exact < keys[b].exact : a < b;
    });
    std::size_t first = 0;
    for (std::size_t i = 1; i < order.size(); ++i) {
      if (keys[order[i]].exact != keys[order[first]].exact) {
        first = i;
        continue;
      }
      fates_[order[i]] |= kDuplicate;
      fates_[order[first]] |= kHasDuplicates;
    }
  }

  void assign(const std::vector<PieceKey>& keys) {
    std::vector<std::uint64_t> groups;
    for (const PieceKey& key : keys) groups.push_back(key.group);
    const auto splits = assign_splits(groups, description_.seed, shares());
    for (std::size_t i = 0; i < splits.size(); ++i) fates_[i] = Fate((fates_[i] & ~kSplitMask) | Fate(splits[i]));
  }

  Status write_pieces() {
    for (std::size_t i = 0; i < kSplitCount; ++i) {
      CONTINUO_ASSIGN(auto writer,
                      TokenFileWriter::create(folder_ / tokens_name(Split(i)), description_.vocabulary_size));
      writers_.push_back(std::move(writer));
    }
    CONTINUO_TRY(rejects_.open(folder_ / kRejectsName));
    CONTINUO_ASSIGN(auto pieces, MergedPieces::open(files_, PieceFileReader::Tokens::kRead));
    CONTINUO_TRY(in_two_stages<Batch>(
        run_.threads(), [&] { return next_batch(pieces); }, [&](const Batch& batch) { return write(batch); }));
    CONTINUO_TRY(rejects_.finish());
    report_.left_out = pieces.left_out();
    for (std::size_t i = 0; i < kSplitCount; ++i) {
      CONTINUO_TRY(writers_[i].finish());
      report_.pieces[i] = writers_[i].pieces();
      report_.tokens[i] = writers_[i].tokens();
    }
    return {};
  }

  // What is read while another thread writes the one before: token sequences for the splits' files, in their order.
  struct Batch {
    struct Entry {
      Split split;
      std::uint32_t file;
      std::string name;
      std::size_t tokens;
    };
    std::vector<Entry> entries;
    std::vector<std::uint16_t> tokens;
  };

  // Nothing at the end.
  Result<std::optional<Batch>> next_batch(MergedPieces& pieces) {
    Batch batch;
    while (batch.tokens.size() < kBatchTokens) {
      CONTINUO_ASSIGN(const auto item, pieces.next());
      if (item.record == nullptr) break;
      const PieceRecord& record = *item.record;
      if (record.kind < PieceRecord::Kind::kUnencoded) {
        CONTINUO_TRY(rejects_.add(record.name, record.code, record.reason, record.where, report_));
      } else {
        CONTINUO_TRY(store(item, fates_[next_piece_++], batch));
      }
    }
    return batch.entries.empty() ? std::nullopt : std::optional(std::move(batch));
  }

  Status write(const Batch& batch) {
    std::span<const std::uint16_t> tokens = batch.tokens;
    for (const Batch::Entry& entry : batch.entries) {
      CONTINUO_TRY(writers_[std::size_t(entry.split)].add(entry.file, entry.name, tokens.first(entry.tokens)));
      tokens = tokens.subspan(entry.tokens);
    }
    return {};
  }

  Status store(const MergedPieces::Item& item, Fate fate, Batch& batch) {
    const PieceRecord& record = *item.record;
    if (fate & kHasDuplicates) first_names_[record.key.exact] = record.name;
    if (fate & kDuplicate) {
      return rejects_.add(record.name, "duplicate", "has the same notes as " + first_names_[record.key.exact], {},
                          report_);
    }
    if (record.kind == PieceRecord::Kind::kUnencoded)
      return rejects_.add(record.name, record.code, record.reason, record.where, report_);
    const auto split = Split(fate & kSplitMask);
    report_.notes += record.notes;
    if (split == Split::kTrain && record.out_of_range > 0) report_.skipped[kOutOfRange] += record.out_of_range;
    std::span<const std::uint16_t> tokens = item.tokens;
    for (const PieceRecord::Copy& copy : record.copies) {
      const auto own = tokens.first(copy.tokens);
      tokens = tokens.subspan(copy.tokens);
      if (copy.semitones != 0 && split != Split::kTrain) continue;
      const std::string name = copy.semitones == 0 ? record.name : copy_name(record.name, copy.semitones);
      if (own.empty()) {
        CONTINUO_TRY(rejects_.add(name, copy.code, copy.reason, copy.where, report_));
        continue;
      }
      batch.entries.push_back({split, record.file, name, own.size()});
      batch.tokens.insert(batch.tokens.end(), own.begin(), own.end());
    }
    return {};
  }

  Status check_not_empty() const {
    if (report_.pieces[std::size_t(Split::kTrain)] > 0) return {};
    std::string what = "no piece to train on among " + std::to_string(description_.source_files) + " music files";
    if (description_.source_files == 0 && report_.rejects.empty()) what = "contains no music file";
    std::string reasons;
    for (const auto& [code, count] : report_.rejects) {
      reasons +=
          (reasons.empty() ? ": " : "; ") + std::to_string(count) + " " + code + " (" + report_.examples.at(code) + ")";
    }
    return Error{ErrorCode::empty, what + reasons, {}, {}};
  }

  // A figure that is measured on a few pieces depends on which they are more than on the model.
  void warn_of_small_splits() {
    constexpr std::uint64_t kFewPieces = 5;
    for (const Split split : {Split::kValidation, Split::kTest}) {
      const bool wanted = official() || (split == Split::kValidation ? shares().validation : shares().test) > 0;
      const std::uint64_t pieces = report_.pieces[static_cast<std::size_t>(split)];
      if (!wanted || pieces >= kFewPieces) continue;
      report_.warnings.push_back("the " + std::string(to_string(split)) + " split has only " + std::to_string(pieces) +
                                 (pieces == 1 ? " piece" : " pieces") +
                                 ", too few to measure a model on; use more music or a larger share (--split)");
    }
  }

  Status write_manifest() {
    Manifest manifest;
    manifest.description = description_;
    manifest.pieces = report_.pieces;
    manifest.tokens = report_.tokens;
    manifest.notes = report_.notes;
    manifest.rejects = report_.rejects;
    for (const auto& [rule, count] : description_.skipped) report_.skipped[rule] += count;
    manifest.skipped = report_.skipped;
    CONTINUO_TRY(seal_files(manifest));
    report_.layout = description_.layout;
    report_.licence = description_.licence;
    report_.split_rule = description_.split_rule;
    report_.vocabulary_size = description_.vocabulary_size;
    report_.files = description_.source_files;
    warn_of_small_splits();
    return write_file(folder_ / kManifestName, manifest.to_text());
  }

  // Hashes the files and brings them to the disk: while one thread waits for the disk, another hashes.
  Status seal_files(Manifest& manifest) {
    std::vector<std::pair<fs::path, FileSeal*>> files = {{folder_ / kRejectsName, &manifest.rejects_file}};
    for (std::size_t i = 0; i < kSplitCount; ++i)
      files.emplace_back(folder_ / tokens_name(Split(i)), &manifest.token_files[i]);
    std::vector<Result<FileSeal>> seals(files.size(), FileSeal{});
    std::vector<Status> synced(files.size());
    run_.threads().for_each_task(2 * files.size(), [&](std::size_t task) {
      const std::size_t i = task / 2;
      if (task % 2 == 0) seals[i] = FileSeal::of(files[i].first);
      if (task % 2 == 1) synced[i] = platform::sync_file(files[i].first);
    });
    for (std::size_t i = 0; i < files.size(); ++i) {
      CONTINUO_ASSIGN(*files[i].second, std::move(seals[i]));
      CONTINUO_TRY(synced[i]);
    }
    return {};
  }

  const std::vector<fs::path>& files_;
  const fs::path& folder_;
  corpus::OrderedRun& run_;
  BuildDescription description_;
  std::vector<Fate> fates_;  // of the pieces, in their order
  std::size_t next_piece_ = 0;
  std::vector<TokenFileWriter> writers_;
  RejectReport rejects_;
  std::unordered_map<std::uint64_t, std::string> first_names_;  // of pieces that the collection has again
  BuildReport report_;
};

}  // namespace

Result<BuildReport> assemble(const std::vector<fs::path>& piece_files, const fs::path& folder,
                             corpus::OrderedRun& run) {
  return Assembler(piece_files, folder, run).assemble();
}

}  // namespace continuo::dataset
