#include "continuo/dataset/build.h"

#include <algorithm>
#include <chrono>
#include <mutex>
#include <optional>
#include <span>
#include <system_error>
#include <utility>

#include "continuo/base/hash.h"
#include "continuo/base/rng.h"
#include "continuo/corpus/list_source.h"
#include "continuo/tokens/registry.h"
#include "continuo/tokens/tokenizer.h"

#include "build/assemble.h"
#include "build/file_encoder.h"
#include "build/tokenizer_choice.h"
#include "build/work_folder.h"
#include "pieces/split.h"
#include "shards/manifest.h"
#include "shards/piece_file.h"

namespace continuo::dataset {
namespace fs = std::filesystem;
namespace {

constexpr int kMostSemitones = 127;

Status check_options(const BuildOptions& options) {
  const auto invalid = [](std::string what) { return Error{ErrorCode::invalid_argument, std::move(what), {}, {}}; };
  const bool shards_ok = options.shard_count >= 1 && options.shard_count <= kMostShards && options.shard_index >= 0 &&
                         options.shard_index < options.shard_count;
  if (!shards_ok)
    return invalid("shard " + std::to_string(options.shard_index) + "/" + std::to_string(options.shard_count) +
                   " makes no sense: i/n has 0 <= i < n <= " + std::to_string(kMostShards));
  for (const int semitones : {options.transpose_down, options.transpose_up})
    if (semitones < 0 || semitones > kMostSemitones)
      return invalid("transposing goes from 0 to " + std::to_string(kMostSemitones) + " semitones each way");
  if (options.filters.min_pitches < 1 || !(options.filters.min_seconds >= 0))
    return invalid("a filter counts from 1 pitch and 0 seconds");
  if (tokens::is_tokenizer_name(options.tokenizer)) return {};
  std::string known;
  for (const std::string_view name : tokens::tokenizer_names())
    known += (known.empty() ? "" : ", ") + std::string(name);
  return Error{ErrorCode::unsupported, "unknown tokenizer '" + options.tokenizer + "'; known are " + known, {}, {}};
}

// Hashes of a source's files. Sums, so that threads can share the work.
struct Fingerprints {
  std::uint64_t files = 0;  // paths, splits and sizes: the same wherever the collection lies
  std::uint64_t state = 0;  // when each was last changed, too: the same while nobody touches this copy of it
};

Fingerprints fingerprints_of(const corpus::Source& source, ThreadPool& threads) {
  std::mutex mutex;
  Fingerprints sum;
  threads.parallel_for(source.entries.size(), [&](std::size_t begin, std::size_t end) {
    Fingerprints part;
    for (std::size_t i = begin; i < end; ++i) {
      const corpus::SourceEntry& entry = source.entries[i];
      std::error_code ignored;
      const fs::path path = source.file_of(i);
      const std::uint64_t size = fs::file_size(path, ignored);
      const auto changed = fs::last_write_time(path, ignored).time_since_epoch().count();
      const std::uint64_t name =
          fnv1a(entry.split ? to_string(*entry.split) : std::string_view("-"), fnv1a(std::string_view(entry.path)));
      part.files += mix_seed(name, size);
      part.state += mix_seed(mix_seed(name, size), std::uint64_t(changed));
    }
    const std::lock_guard lock(mutex);
    sum.files += part.files;
    sum.state += part.state;
  });
  return sum;
}

class Builder {
 public:
  Builder(const BuildOptions& options, corpus::Source source, WorkFolder work, ThreadPool& threads, Progress& progress)
      : options_(options), source_(std::move(source)), work_(std::move(work)), run_(threads, progress) {
    for (std::size_t file = std::size_t(options.shard_index); file < source_.entries.size();
         file += std::size_t(options.shard_count))
      own_files_.push_back(std::uint32_t(file));
  }

  Result<BuildReport> build() {
    auto report = try_build();
    const bool may_go_on = !report.ok() && report.error().code == ErrorCode::interrupted;
    if (may_go_on) work_.keep();
    return report;
  }

 private:
  Result<BuildReport> try_build() {
    run_.add_to_total(own_files_.size());
    CONTINUO_TRY(describe());
    CONTINUO_TRY(read_all());
    auto report = shards() == 1 ? finish_whole() : finish_shard();
    if (report.ok()) report->resumed_pieces = resumed_pieces_;
    return report;
  }

  int shards() const { return options_.shard_count; }

  Status describe() {
    auto chosen = choose_tokenizer(options_, source_, run_);
    // Where no piece can be learned from, any tokenizer will do to find out why, which assembling then reports.
    if (!chosen.ok() && chosen.error().code == ErrorCode::no_notes) chosen = tokens::make_tokenizer("performance");
    CONTINUO_ASSIGN(tokenizer_, std::move(chosen));
    const Fingerprints fingerprints = fingerprints_of(source_, run_.threads());
    BuildDescription description;
    description.name = source_.name;
    description.licence = source_.licence;
    description.layout = source_.layout;
    description.split_rule = source_.official_split ? kOfficialSplitRule : kHashSplitRule;
    description.source_fingerprint = to_hex(fingerprints.files);
    description.source_files = source_.entries.size();
    description.seed = options_.seed;
    description.transpose_down = options_.transpose_down;
    description.transpose_up = options_.transpose_up;
    description.filters = options_.filters;
    description.skipped = source_.skipped;
    description.vocabulary_size = tokenizer_->vocabulary().size();
    description.tokenizer = tokenizer_->to_json();
    header_ = description.to_json();
    header_["shard"] = {{"index", options_.shard_index}, {"count", shards()}};
    header_["source_state"] = to_hex(fingerprints.state);
    // What is read back is text that was made to be UTF-8.
    header_ = nlohmann::json::parse(header_.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace));
    return {};
  }

  Status read_all() {
    CONTINUO_ASSIGN(auto resumed, PieceFileWriter::resume(work_.pieces(), header_));
    if (!resumed) {
      CONTINUO_ASSIGN(resumed, started());
    }
    PieceFileWriter writer = *std::move(resumed);
    resumed_pieces_ = writer.resumed_pieces();
    const auto first = std::lower_bound(own_files_.begin(), own_files_.end(), writer.next_file());
    const std::span<const std::uint32_t> left(first, own_files_.end());
    const FileEncoder encoder(options_, source_, *tokenizer_);
    const Status done = run_.run<FileEncoder::Encoded>(
        left.size(), "tokenising", [&](std::size_t i) { return encoder.encode(left[i]); },
        [&](std::size_t i, FileEncoder::Encoded&& encoded) {
          writer.add(std::move(encoded.records), encoded.tokens, left[i] + 1);
          return writer.flush_when_full();
        });
    if (done.ok()) return writer.finish();
    if (done.error().code == ErrorCode::interrupted) CONTINUO_TRY(writer.flush());
    return done;
  }

  Result<std::optional<PieceFileWriter>> started() const {
    CONTINUO_ASSIGN(auto writer, PieceFileWriter::create(work_.pieces(), header_));
    if (options_.shard_index == 0) {
      std::vector<PieceRecord> records;
      for (const corpus::Reject& reject : source_.rejects) {
        PieceRecord record;
        record.kind = PieceRecord::Kind::kListed;
        record.name = reject.path;
        record.code = to_string(reject.code);
        record.reason = reject.reason;
        records.push_back(std::move(record));
      }
      writer.add(std::move(records), {}, 0);
    }
    return std::optional(std::move(writer));
  }

  Result<BuildReport> finish_whole() {
    CONTINUO_ASSIGN(const fs::path data, work_.make_data());
    auto report = assemble({work_.pieces()}, data, run_);
    if (!report.ok()) return report.error().in_file(source_.folder.string());
    CONTINUO_TRY(work_.commit_data());
    return report;
  }

  Result<BuildReport> finish_shard() {
    CONTINUO_ASSIGN(auto reader, PieceFileReader::open(work_.pieces(), PieceFileReader::Tokens::kSkip));
    BuildReport report;
    report.layout = source_.layout;
    report.licence = source_.licence;
    report.vocabulary_size = tokenizer_->vocabulary().size();
    report.files = own_files_.size();
    while (true) {
      CONTINUO_ASSIGN(const PieceBlock* block, reader.next());
      if (block == nullptr) break;
      for (const PieceRecord& record : block->records) {
        report.notes += record.notes;
        if (record.kind == PieceRecord::Kind::kPiece) continue;
        ++report.rejects[record.code];
        report.examples.try_emplace(record.code, record.name + ": " + record.reason);
      }
    }
    CONTINUO_TRY(work_.commit_pieces());
    return report;
  }

  const BuildOptions& options_;
  corpus::Source source_;
  WorkFolder work_;
  corpus::OrderedRun run_;
  std::vector<std::uint32_t> own_files_;
  std::shared_ptr<const tokens::Tokenizer> tokenizer_;
  nlohmann::json header_;
  std::uint64_t resumed_pieces_ = 0;
};

}  // namespace

Result<BuildReport> build(const BuildOptions& options, ThreadPool& threads, Progress& progress) {
  CONTINUO_TRY(check_options(options));
  CONTINUO_ASSIGN(corpus::Source source, corpus::list_source(options.source));
  CONTINUO_ASSIGN(WorkFolder work, WorkFolder::open(options.output, {options.shard_index, options.shard_count}));
  const fs::path place = work.path();
  auto report = Builder(options, std::move(source), std::move(work), threads, progress).build();
  if (!report.ok()) return said_of_output(report.error(), place, options.output);
  return report;
}

}  // namespace continuo::dataset
