#include "build/file_encoder.h"

#include <algorithm>
#include <utility>

#include "continuo/corpus/read_entry.h"
#include "continuo/score/transpose.h"
#include "continuo/tokens/vocabulary.h"

#include "pieces/split_assignment.h"

namespace continuo::dataset {
namespace {

// `at` is a PieceRecord or one of its copies.
template <typename Place>
void set_reason(Place& at, const Error& error) {
  at.code = to_string(error.code);
  at.reason = error.what;
  at.where = error.where;
}

}  // namespace

std::vector<int> moves_of(const score::Score& score, const BuildOptions& options) {
  const bool pitched = std::any_of(score.tracks.begin(), score.tracks.end(),
                                   [](const score::Track& track) { return !track.is_drum && !track.notes.empty(); });
  std::vector<int> moves;
  for (int semitones = -options.transpose_down; semitones <= options.transpose_up; ++semitones)
    if (semitones != 0 && pitched) moves.push_back(semitones);
  return moves;
}

bool is_filtered(const corpus::Source& source, const Filters& filters) {
  return !source.official_split || filters.official;
}

FileEncoder::Encoded FileEncoder::encode(std::size_t file) const {
  Encoded encoded;
  const corpus::SourceEntry& entry = source_.entries[file];
  PieceRecord record;
  record.kind = PieceRecord::Kind::kRejected;
  record.file = std::uint32_t(file);
  record.split = entry.split;
  const auto scores = corpus::read_entry(source_, file, &encoded.left_out);
  if (!scores.ok()) {
    record.name = entry.path;
    set_reason(record, scores.error());
    encoded.records.push_back(std::move(record));
    return encoded;
  }
  for (std::size_t tune = 0; tune < scores->size(); ++tune) {
    PieceRecord piece = record;
    piece.name = corpus::piece_name(entry.path, tune, scores->size());
    encode_piece((*scores)[tune], std::move(piece), encoded);
  }
  return encoded;
}

void FileEncoder::encode_piece(const score::Score& score, PieceRecord&& record, Encoded& encoded) const {
  std::optional<Error> fault;
  if (score.note_count() == 0) {
    fault = Error{ErrorCode::no_notes, "has no notes", {}, {}};
  } else if (is_filtered(source_, options_.filters)) {
    fault = fault_of(score, options_.filters);
  }
  if (fault) {
    set_reason(record, *fault);
    encoded.records.push_back(std::move(record));
    return;
  }
  record.key = piece_key(score);
  if (const auto count = append_tokens(score, encoded.tokens); count.ok()) {
    record.kind = PieceRecord::Kind::kPiece;
    record.notes = std::uint32_t(score.note_count());
    record.copies.push_back({.tokens = *count});
    if (may_train(record)) encode_copies(score, record, encoded.tokens);
  } else {
    record.kind = PieceRecord::Kind::kUnencoded;
    set_reason(record, count.error());
  }
  encoded.records.push_back(std::move(record));
}

bool FileEncoder::may_train(const PieceRecord& record) const {
  if (record.split) return record.split == Split::kTrain;
  const bool trains = falls_into_training(record.key.group, options_.seed, options_.hash_shares());
  if (trains) training_seen_ = true;
  return trains || !training_seen_;
}

void FileEncoder::encode_copies(const score::Score& score, PieceRecord& record,
                                std::vector<std::uint16_t>& tokens) const {
  for (const int semitones : moves_of(score, options_)) {
    const auto moved = score::transposed(score, semitones);
    if (!moved.ok()) {
      ++record.out_of_range;
      continue;
    }
    PieceRecord::Copy copy{.semitones = semitones};
    if (const auto count = append_tokens(*moved, tokens); count.ok()) {
      copy.tokens = *count;
    } else {
      set_reason(copy, count.error());
    }
    record.copies.push_back(std::move(copy));
  }
}

Result<std::uint32_t> FileEncoder::append_tokens(const score::Score& score, std::vector<std::uint16_t>& tokens) const {
  CONTINUO_ASSIGN(const auto ids, tokenizer_.encode(score));
  tokens.reserve(tokens.size() + ids.size() + 2);
  tokens.push_back(std::uint16_t(tokens::kBos));
  for (const TokenId id : ids) tokens.push_back(std::uint16_t(id));
  tokens.push_back(std::uint16_t(tokens::kEos));
  return std::uint32_t(ids.size() + 2);
}

}  // namespace continuo::dataset
