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
#include "continuo/base/text.h"
#include "continuo/corpus/list_source.h"
#include "continuo/tokens/registry.h"
#include "continuo/tokens/tokenizer.h"

#include "build/assemble.h"
#include "build/existing_data.h"
#include "build/file_encoder.h"
#include "build/tokenizer_choice.h"
#include "build/work_folder.h"
#include "pieces/split_assignment.h"
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
                   " is not i/n with 0 <= i < n <= " + std::to_string(kMostShards));
  for (const int semitones : {options.transpose_down, options.transpose_up})
    if (semitones < 0 || semitones > kMostSemitones)
      return invalid("transposing goes from 0 to " + std::to_string(kMostSemitones) + " semitones each way");
  if (options.split && !options.split->is_valid())
    return invalid("the shares of the splits are percentages that sum to 100, with at least 1 for training");
  if (options.filters.min_pitches < 1 || !(options.filters.min_seconds >= 0))
    return invalid("the filters need at least 1 pitch and 0 seconds");
  if (tokens::is_tokenizer_name(options.tokenizer)) return {};
  return Error{ErrorCode::unsupported,
               "unknown tokenizer '" + options.tokenizer + "'; known are " + joined(tokens::tokenizer_names()),
               {},
               {}};
}

// Hashes of a source's files. Sums, so that threads can share the work.
struct Fingerprints {
  std::uint64_t files = 0;  // paths, splits and sizes: the same wherever the collection lies
  std::uint64_t state = 0;  // when each was last changed, too: the same while nobody touches this copy of it
  fs::file_time_type newest = fs::file_time_type::min();
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
      const fs::file_time_type time = fs::last_write_time(path, ignored);
      const auto changed = time.time_since_epoch().count();
      part.newest = std::max(part.newest, time);
      const std::uint64_t name =
          fnv1a(entry.split ? to_string(*entry.split) : std::string_view("-"), fnv1a(std::string_view(entry.path)));
      part.files += mix_seed(name, size);
      part.state += mix_seed(mix_seed(name, size), std::uint64_t(changed));
    }
    const std::lock_guard lock(mutex);
    sum.files += part.files;
    sum.state += part.state;
    sum.newest = std::max(sum.newest, part.newest);
  });
  return sum;
}

class Builder {
 public:
  Builder(const BuildOptions& options, corpus::Source source, WorkFolder work, ThreadPool& threads, Progress& progress)
      : options_(options), source_(std::move(source)), work_(std::move(work)), run_(threads, progress) {
    if (!options.replace && options.shard_count == 1) existing_ = ExistingData::find(options.output);
    for (std::size_t file = std::size_t(options.shard_index); file < source_.entries.size();
         file += std::size_t(options.shard_count))
      own_files_.push_back(std::uint32_t(file));
  }

  Result<BuildReport> build() {
    auto report = try_build();
    const bool may_go_on = !report.ok() && report.error().code == ErrorCode::interrupted;
    if (may_go_on || holds_other_work_) work_.keep();
    if (report.ok()) report->warnings.insert(report->warnings.begin(), source_.notes.begin(), source_.notes.end());
    return report;
  }

 private:
  Result<BuildReport> try_build() {
    run_.add_to_total(own_files_.size());
    CONTINUO_ASSIGN(const bool complete, describe());
    if (complete) return existing_->report();
    CONTINUO_TRY(read_all());
    auto report = shards() == 1 ? finish_whole() : finish_shard();
    if (!report.ok()) return report;
    report->resumed_pieces = resumed_pieces_;
    return report;
  }

  int shards() const { return options_.shard_count; }

  // Whether the output holds this data set already. Errors: incompatible when it holds another.
  Result<bool> describe() {
    const Fingerprints fingerprints = fingerprints_of(source_, run_.threads());
    BuildDescription description = description_of(fingerprints);
    const std::string_view tokenizer =
        options_.made_tokenizer ? options_.made_tokenizer->name() : std::string_view(options_.tokenizer);
    if (existing_) CONTINUO_TRY(kept_on_error(existing_->check_options(description, tokenizer)));
    auto chosen = choose_tokenizer(options_, source_, run_);
    // Where no piece can be learned from, any tokenizer will do to find out why, which assembling then reports.
    if (!chosen.ok() && chosen.error().code == ErrorCode::no_notes) chosen = tokens::make_tokenizer("performance");
    CONTINUO_ASSIGN(tokenizer_, std::move(chosen));
    description.vocabulary_size = tokenizer_->vocabulary().size();
    description.tokenizer = tokenizer_->to_json();
    header_ = description.to_json();
    header_["shard"] = {{"index", options_.shard_index}, {"count", shards()}};
    header_["source_state"] = to_hex(fingerprints.state);
    // What is read back is text that was made to be UTF-8.
    header_ = nlohmann::json::parse(header_.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace));
    if (!existing_) return false;
    description.tokenizer = header_["tokenizer"];
    CONTINUO_TRY(kept_on_error(existing_->check(description)));
    const bool complete = fingerprints.newest <= existing_->time();
    if (complete) keep_other_work();
    return complete;
  }

  // All but the tokenizer.
  BuildDescription description_of(const Fingerprints& fingerprints) const {
    BuildDescription description;
    description.name = source_.name;
    description.licence = source_.licence;
    description.layout = source_.layout;
    description.split_rule =
        source_.official_split ? std::string(kOfficialSplitRule) : hash_split_rule(options_.hash_shares());
    description.source_fingerprint = to_hex(fingerprints.files);
    description.source_files = source_.entries.size();
    description.seed = options_.seed;
    description.transpose_down = options_.transpose_down;
    description.transpose_up = options_.transpose_up;
    description.filters = options_.filters;
    description.skipped = source_.skipped;
    return description;
  }

  Status kept_on_error(Status checked) {
    if (!checked.ok()) keep_other_work();
    return checked;
  }
  // A build that has nothing to do leaves what another one, stopped halfway, has read so far.
  void keep_other_work() {
    std::error_code ignored;
    holds_other_work_ = fs::exists(work_.pieces(), ignored);
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
    Status done = run_.run<FileEncoder::Encoded>(
        left.size(), "tokenising", [&](std::size_t i) { return encoder.encode(left[i]); },
        [&](std::size_t i, FileEncoder::Encoded&& encoded) {
          writer.add(std::move(encoded.records), encoded.tokens, encoded.left_out, left[i] + 1);
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
      writer.add(std::move(records), {}, {}, 0);
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
      add_counts(block->left_out, report.left_out);
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
  std::optional<ExistingData> existing_;  // that may not be replaced by another one
  std::uint64_t resumed_pieces_ = 0;
  bool holds_other_work_ = false;  // the work folder has pieces that are not this build's
};

// The splits by content are then the only ones.
void drop_official_split(corpus::Source& source) {
  source.official_split = false;
  for (corpus::SourceEntry& entry : source.entries) entry.split.reset();
}

}  // namespace

Result<BuildReport> build(const BuildOptions& options, ThreadPool& threads, Progress& progress) {
  CONTINUO_TRY(check_options(options));
  CONTINUO_ASSIGN(corpus::Source source, corpus::list_source(options.source));
  if (options.split) drop_official_split(source);
  CONTINUO_ASSIGN(WorkFolder work, WorkFolder::open(options.output, {options.shard_index, options.shard_count}));
  const fs::path place = work.path();
  auto report = Builder(options, std::move(source), std::move(work), threads, progress).build();
  if (!report.ok()) return said_of_output(report.error(), place, options.output);
  return report;
}

}  // namespace continuo::dataset
