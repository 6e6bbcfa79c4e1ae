#include "shards/merged_pieces.h"

#include <utility>

namespace continuo::dataset {

Result<MergedPieces> MergedPieces::open(const std::vector<std::filesystem::path>& files,
                                        PieceFileReader::Tokens tokens) {
  MergedPieces merged;
  merged.has_tokens_ = tokens == PieceFileReader::Tokens::kRead;
  for (const auto& file : files) {
    CONTINUO_ASSIGN(auto reader, PieceFileReader::open(file, tokens));
    merged.shards_.emplace_back();
    merged.shards_.back().reader = std::make_unique<PieceFileReader>(std::move(reader));
    CONTINUO_TRY(merged.shards_.back().advance(merged.left_out_));
  }
  return merged;
}

Status MergedPieces::Shard::advance(corpus::LeftOut& left_out) {
  while (block == nullptr || index == block->records.size()) {
    CONTINUO_ASSIGN(block, reader->next());
    index = 0;
    token = 0;
    if (block == nullptr) return {};
    add_counts(block->left_out, left_out);
  }
  return {};
}

// Shards are few and each file's records follow each other, so looking at all of them is cheap enough.
void MergedPieces::choose_shard() {
  if (current_ != nullptr && current_->record() != nullptr && current_->record()->file == file_) return;
  current_ = nullptr;
  for (Shard& shard : shards_) {
    if (shard.record() == nullptr) continue;
    if (current_ == nullptr || shard.record()->file < current_->record()->file) current_ = &shard;
  }
  if (current_ != nullptr) file_ = current_->record()->file;
}

Result<MergedPieces::Item> MergedPieces::next() {
  choose_shard();
  if (current_ == nullptr) return Item{};
  Item item;
  held_ = std::move(*current_->record());
  item.record = &held_;
  const std::uint64_t count = held_.token_count();
  if (has_tokens_) {
    const auto tokens = std::span(current_->block->tokens).subspan(current_->token, count);
    held_tokens_.assign(tokens.begin(), tokens.end());
    item.tokens = held_tokens_;
  }
  current_->token += count;
  ++current_->index;
  CONTINUO_TRY(current_->advance(left_out_));
  return item;
}

}  // namespace continuo::dataset
