#include "continuo/dataset/build.h"

#include <algorithm>
#include <optional>

#include "continuo/base/file.h"
#include "continuo/base/hash.h"
#include "continuo/score/transpose.h"
#include "continuo/tokens/tokenizer.h"

#include "corpus_reading.h"
#include "csv.h"
#include "manifest.h"
#include "output_folder.h"
#include "split.h"
#include "survey.h"
#include "token_file.h"

namespace continuo::dataset {
namespace fs = std::filesystem;
namespace {

using TokenizerPointer = std::shared_ptr<const tokens::Tokenizer>;

constexpr int kMostSemitones = 127;
constexpr const char* kOutOfRange = "moved copies that would leave the range of MIDI";

struct EncodedPiece {
  Split split = Split::kTrain;
  std::string name;
  std::vector<TokenId> tokens;
};

struct EncodedFile {
  std::vector<EncodedPiece> pieces;
  std::vector<Reject> rejects;
  std::uint64_t notes = 0, out_of_range = 0;
};

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
  const auto names = tokens::tokenizer_names();
  if (std::find(names.begin(), names.end(), options.tokenizer) != names.end()) return {};
  std::string known;
  for (const std::string_view name : names) known += (known.empty() ? "" : ", ") + std::string(name);
  return Error{ErrorCode::unsupported, "unknown tokenizer '" + options.tokenizer + "'; known are " + known, {}, {}};
}

std::string fingerprint_of(const Source& source) {
  std::uint64_t hash = kFnvBasis;
  for (const SourceEntry& entry : source.entries) {
    hash = fnv1a(entry.path, hash);
    hash = fnv1a(entry.split ? to_string(*entry.split) : std::string_view("-"), hash);
  }
  return to_hex(hash);
}

// What learning looks at: notes, tempo and meter.
score::Score for_learning(score::Score score) {
  for (score::Track& track : score.tracks) {
    track.controls = {};
    track.pitch_bends = {};
    track.notes.shrink_to_fit();
  }
  score.chord_symbols = {};
  score.markers = {};
  return score;
}

bool has_pitched_notes(const score::Score& score) {
  return std::any_of(score.tracks.begin(), score.tracks.end(),
                     [](const score::Track& track) { return !track.is_drum && !track.notes.empty(); });
}

class Builder {
 public:
  Builder(const BuildOptions& options, Source source, OutputFolder output, ThreadPool& threads, Progress& progress)
      : options_(options), source_(std::move(source)), output_(std::move(output)), run_(threads, progress, 0) {
    for (std::size_t file = 0; file < source_.entries.size(); ++file)
      if (int(file % std::size_t(options.shard_count)) == options.shard_index) own_files_.push_back(file);
  }

  Result<BuildReport> build() {
    CONTINUO_TRY(plan());
    CONTINUO_TRY(make_tokenizer());
    CONTINUO_TRY(encode_all());
    CONTINUO_TRY(check_not_empty());
    CONTINUO_TRY(write_descriptions());
    CONTINUO_TRY(output_.commit());
    return std::move(report_);
  }

 private:
  Status plan() {
    report_.layout = source_.layout;
    report_.licence = source_.licence;
    report_.split_rule = source_.official_split ? kOfficialSplitRule : kHashSplitRule;
    report_.files = own_files_.size();
    run_.add_to_total(own_files_.size());
    if (is_first_shard()) {
      report_.rejects = source_.rejects;
      report_.skipped = source_.skipped;
    }
    if (source_.official_split) return {};
    run_.add_to_total(source_.entries.size());
    CONTINUO_ASSIGN(plan_, survey(source_, options_.seed, run_));
    for (const auto& [file, reject] : plan_.rejects)
      if (is_own(file)) report_.rejects.push_back(reject);
    return {};
  }

  bool is_first_shard() const { return options_.shard_index == 0; }
  bool is_own(std::size_t file) const { return int(file % std::size_t(options_.shard_count)) == options_.shard_index; }

  // Where a piece goes. For official splits this is the file's; a plan knows each piece.
  std::optional<Split> split_of(std::size_t file, std::size_t tune) const {
    if (source_.official_split) return source_.entries[file].split;
    const auto& pieces = plan_.files[file];
    return tune < pieces.size() ? pieces[tune].split : std::nullopt;
  }

  bool may_train(std::size_t file) const {
    if (source_.official_split) return source_.entries[file].split == Split::kTrain;
    const auto& pieces = plan_.files[file];
    return std::any_of(pieces.begin(), pieces.end(), [](const auto& piece) { return piece.split == Split::kTrain; });
  }

  // Files whose training pieces the tokenizer is made from: all if it learns words. Others only ask what kind
  // of music it is, so a few will do, with one that is not all drums if there is any.
  std::vector<std::size_t> files_to_learn_from() const {
    std::vector<std::size_t> training;
    for (std::size_t file = 0; file < source_.entries.size(); ++file)
      if (may_train(file)) training.push_back(file);
    constexpr std::size_t kSample = 16;
    if (tokens::needs_learning(options_.tokenizer) || training.size() <= kSample) return training;
    std::vector<std::size_t> sample;
    for (std::size_t i = 0; i < kSample; ++i) sample.push_back(training[i * training.size() / kSample]);
    for (std::size_t file = 0; file < plan_.files.size(); ++file) {
      const auto& pieces = plan_.files[file];
      const bool pitched = std::any_of(pieces.begin(), pieces.end(), [](const auto& piece) {
        return piece.split == Split::kTrain && !piece.all_drums;
      });
      if (!pitched) continue;
      sample.push_back(file);
      break;
    }
    return sample;
  }

  Status make_tokenizer() {
    const auto files = files_to_learn_from();
    run_.add_to_total(files.size());
    std::vector<score::Score> corpus;
    CONTINUO_TRY(run_.run<std::vector<score::Score>>(
        files.size(), "learning the vocabulary", [&](std::size_t i) { return training_scores(files[i]); },
        [&](std::size_t, std::vector<score::Score>&& scores) {
          std::move(scores.begin(), scores.end(), std::back_inserter(corpus));
          return Status();
        }));
    if (corpus.empty() && tokens::needs_learning(options_.tokenizer)) return nothing_usable();
    CONTINUO_ASSIGN(tokenizer_, tokens::make_tokenizer(options_.tokenizer, corpus));
    report_.vocabulary_size = tokenizer_->vocabulary().size();
    if (report_.vocabulary_size <= kLargestVocabulary) return {};
    return Error{ErrorCode::too_large,
                 "the vocabulary has " + std::to_string(report_.vocabulary_size) + " words; a data set holds " +
                     std::to_string(kLargestVocabulary),
                 {},
                 source_.folder.string()};
  }

  std::vector<score::Score> training_scores(std::size_t file) const {
    std::vector<score::Score> corpus;
    auto scores = read_entry(source_, file);
    for (std::size_t tune = 0; scores.ok() && tune < scores->size(); ++tune) {
      if (split_of(file, tune) != Split::kTrain) continue;
      corpus.push_back(for_learning(std::move((*scores)[tune])));
      const score::Score original = corpus.back();
      for (const int semitones : moves_of(original))
        if (auto moved = score::transposed(original, semitones); moved.ok()) corpus.push_back(*std::move(moved));
    }
    return corpus;
  }

  std::vector<int> moves_of(const score::Score& score) const {
    std::vector<int> moves;
    for (int semitones = -options_.transpose_down; semitones <= options_.transpose_up; ++semitones)
      if (semitones != 0 && has_pitched_notes(score)) moves.push_back(semitones);
    return moves;
  }

  Status encode_all() {
    for (int i = 0; i < kSplitCount; ++i) {
      const auto name = tokens_name(Split(i), options_.shard_index, options_.shard_count);
      CONTINUO_ASSIGN(auto writer, TokenFileWriter::create(output_.temporary() / name, report_.vocabulary_size));
      writers_.push_back(std::move(writer));
    }
    CONTINUO_TRY(run_.run<EncodedFile>(
        own_files_.size(), "tokenising", [&](std::size_t i) { return encode_file(own_files_[i]); },
        [&](std::size_t i, EncodedFile&& encoded) { return store(own_files_[i], std::move(encoded)); }));
    for (std::size_t i = 0; i < writers_.size(); ++i) {
      CONTINUO_TRY(writers_[i].finish());
      report_.pieces[i] = writers_[i].pieces();
      report_.tokens[i] = writers_[i].tokens();
    }
    return {};
  }

  EncodedFile encode_file(std::size_t file) const {
    EncodedFile encoded;
    const SourceEntry& entry = source_.entries[file];
    const bool all_rejected =
        !source_.official_split &&
        std::none_of(plan_.files[file].begin(), plan_.files[file].end(), [](const auto& piece) { return piece.split; });
    if (all_rejected) return encoded;
    const auto scores = read_entry(source_, file);
    const bool changed = !source_.official_split && (!scores.ok() || scores->size() != plan_.files[file].size());
    if (changed) {
      encoded.rejects.push_back({entry.path, ErrorCode::io, "changed while the data set was built"});
    } else if (!scores.ok()) {
      encoded.rejects.push_back(reject_for(entry.path, scores.error()));
    } else {
      for (std::size_t tune = 0; tune < scores->size(); ++tune)
        if (const auto split = split_of(file, tune))
          encode_piece((*scores)[tune], *split, piece_name(entry, tune, scores->size()), encoded);
    }
    return encoded;
  }

  void encode_piece(const score::Score& score, Split split, const std::string& name, EncodedFile& encoded) const {
    auto ids = encode(score);
    if (!ids.ok()) {
      encoded.rejects.push_back(reject_for(name, ids.error()));
      return;
    }
    encoded.notes += score.note_count();
    encoded.pieces.push_back({split, name, *std::move(ids)});
    if (split != Split::kTrain) return;
    for (const int semitones : moves_of(score)) {
      const std::string moved_name = name + (semitones > 0 ? "@+" : "@") + std::to_string(semitones);
      const auto moved = score::transposed(score, semitones);
      if (!moved.ok()) {
        ++encoded.out_of_range;
      } else if (auto moved_ids = encode(*moved); moved_ids.ok()) {
        encoded.pieces.push_back({split, moved_name, *std::move(moved_ids)});
      } else {
        encoded.rejects.push_back(reject_for(moved_name, moved_ids.error()));
      }
    }
  }

  Result<std::vector<TokenId>> encode(const score::Score& score) const {
    if (score.note_count() == 0) return Error{ErrorCode::no_notes, "has no notes", {}, {}};
    CONTINUO_ASSIGN(auto ids, tokenizer_->encode(score));
    ids.insert(ids.begin(), tokens::kBos);
    ids.push_back(tokens::kEos);
    return ids;
  }

  Status store(std::size_t file, EncodedFile&& encoded) {
    for (const EncodedPiece& piece : encoded.pieces)
      CONTINUO_TRY(writers_[std::size_t(piece.split)].add(std::uint32_t(file), piece.name, piece.tokens));
    std::move(encoded.rejects.begin(), encoded.rejects.end(), std::back_inserter(report_.rejects));
    report_.notes += encoded.notes;
    if (encoded.out_of_range > 0) report_.skipped[kOutOfRange] += encoded.out_of_range;
    return {};
  }

  Status check_not_empty() {
    std::stable_sort(report_.rejects.begin(), report_.rejects.end(),
                     [](const Reject& a, const Reject& b) { return a.path < b.path; });
    if (options_.shard_count > 1 || report_.pieces[std::size_t(Split::kTrain)] > 0) return {};
    return nothing_usable();
  }

  Error nothing_usable() const {
    const auto counts = report_.reject_counts();
    std::string what = "no piece to train on among " + std::to_string(report_.files) + " music files";
    if (source_.entries.empty() && counts.empty()) what = "holds no music file";
    std::string reasons;
    for (const auto& [code, count] : counts) {
      const auto example = std::find_if(report_.rejects.begin(), report_.rejects.end(),
                                        [&](const Reject& reject) { return to_string(reject.code) == code; });
      reasons += (reasons.empty() ? ": " : "; ") + std::to_string(count) + " " + code + " (" + example->path + ": " +
                 example->reason + ")";
    }
    return {ErrorCode::empty, what + reasons, {}, source_.folder.string()};
  }

  Status write_descriptions() const {
    Manifest manifest;
    manifest.name = source_.name;
    manifest.licence = source_.licence;
    manifest.layout = source_.layout;
    manifest.split_rule = report_.split_rule;
    manifest.source_fingerprint = fingerprint_of(source_);
    manifest.seed = options_.seed;
    manifest.tokenizer = tokenizer_->to_json();
    manifest.vocabulary_size = report_.vocabulary_size;
    manifest.transpose_down = options_.transpose_down;
    manifest.transpose_up = options_.transpose_up;
    manifest.shard_index = options_.shard_index;
    manifest.shard_count = options_.shard_count;
    manifest.pieces = report_.pieces;
    manifest.tokens = report_.tokens;
    manifest.files = report_.files;
    manifest.notes = report_.notes;
    manifest.rejects = report_.reject_counts();
    manifest.skipped = report_.skipped;

    std::string csv = "path,code,reason\n";
    for (const Reject& reject : report_.rejects)
      csv += csv_field(reject.path) + "," + std::string(to_string(reject.code)) + "," + csv_field(reject.reason) + "\n";
    const fs::path folder = output_.temporary();
    CONTINUO_TRY(write_file(folder / rejects_name(options_.shard_index, options_.shard_count), csv));
    return write_file(folder / manifest_name(options_.shard_index, options_.shard_count), manifest.to_text());
  }

  const BuildOptions& options_;
  Source source_;
  OutputFolder output_;
  BatchRun run_;
  std::vector<std::size_t> own_files_;
  Plan plan_;
  TokenizerPointer tokenizer_;
  std::vector<TokenFileWriter> writers_;
  BuildReport report_;
};

}  // namespace

std::map<std::string, std::uint64_t> BuildReport::reject_counts() const {
  std::map<std::string, std::uint64_t> counts;
  for (const Reject& reject : rejects) ++counts[std::string(to_string(reject.code))];
  return counts;
}

Result<BuildReport> build(const BuildOptions& options, ThreadPool& threads, Progress& progress) {
  CONTINUO_TRY(check_options(options));
  CONTINUO_ASSIGN(Source source, list_source(options.source));
  CONTINUO_ASSIGN(OutputFolder output, OutputFolder::prepare(options.output, options.shard_index, options.shard_count));
  const std::string temporary = output.temporary().string();
  auto report = Builder(options, std::move(source), std::move(output), threads, progress).build();
  if (!report.ok() && report.error().path.starts_with(temporary)) {
    Error error = report.error();
    error.path = options.output.string();  // people know the final name
    return error;
  }
  return report;
}

}  // namespace continuo::dataset
