#pragma once

#include <memory>
#include <span>
#include <vector>

#include "continuo/engine/model.h"

#include "../request/request.h"

namespace continuo::generate {

// What a causal model reads of a piece in bars: BOS, bars that are given ahead, then bar after bar. Where the context
// is full it is read again from a later bar on; what is ahead always stays.
class CellContext {
 public:
  // Errors: unsupported (the model is not causal). `request` must outlive it.
  static Result<CellContext> start(const Request& request);

  // Tokens that the model can read at once.
  std::size_t limit() const;
  // Before anything else. Not read yet.
  void set_ahead(std::vector<TokenId> tokens) { ahead_ = std::move(tokens); }
  void add_bar(std::vector<TokenId> tokens) { bars_.push_back(std::move(tokens)); }
  // Has the model read these tokens, the next of the last bar. Requires: a bar.
  void read(std::span<const TokenId> tokens);
  // After what was read last. Shape: [vocab], valid until the next call of read().
  std::span<const float> logits() const { return logits_; }

 private:
  CellContext(const Request& request, std::unique_ptr<engine::Session> session);
  void read_again();
  void feed(std::span<const TokenId> tokens);

  const Request* request_;
  std::unique_ptr<engine::Session> session_;
  std::unique_ptr<tokens::LengthMeter> meter_;
  std::span<const float> logits_;
  std::vector<TokenId> ahead_;
  std::vector<std::vector<TokenId>> bars_;  // the last one as far as it has been read
};

}  // namespace continuo::generate
