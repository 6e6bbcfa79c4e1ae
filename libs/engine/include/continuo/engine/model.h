#pragma once

#include <memory>
#include <span>
#include <string_view>

#include "continuo/base/result.h"
#include "continuo/base/thread_pool.h"
#include "continuo/base/token_id.h"
#include "continuo/checkpoint/checkpoint.h"

namespace continuo::engine {

class Session;

// The weights of one network, laid out for this CPU. Immutable, shared by any number of Sessions and threads.
class Model {
 public:
  // Errors: unsupported (a precision that the engine does not run: it takes F32 and BF16; positions that are not
  // learned); malformed (a weight
  // that is infinite or not a number); not_found (a tensor is missing). Computes in fp32.
  static Result<std::shared_ptr<const Model>> load(const checkpoint::Checkpoint& checkpoint);
  virtual ~Model() = default;

  virtual const checkpoint::ModelConfig& config() const = 0;

  // The whole sequence at once, each token seeing what the model's masking lets it see. Positions count from 0.
  // Shape: logits [tokens.size(), vocab]. Requires: for Transformers tokens.size() <= context_length; ids in
  // range.
  virtual void forward(std::span<const TokenId> tokens, std::span<float> logits, ThreadPool& threads) const = 0;

  // What Session::start() calls. Requires: masking is causal; the model and `threads` outlive the session.
  virtual std::unique_ptr<Session> new_session(ThreadPool& threads) const = 0;
};

// One piece being written: the state after a prefix (KV cache or recurrent state). Causal models only. Not
// thread-safe. Results are equal to the bit for any number of threads. step(), prefill() and forward() sum in
// different orders and agree within 1e-4 (absolute, logits).
class Session {
 public:
  // Null when the model is not causal. `threads` must outlive the session.
  static std::unique_ptr<Session> start(std::shared_ptr<const Model> model, ThreadPool& threads);
  virtual ~Session() = default;

  // Forgets everything.
  virtual void reset() noexcept = 0;
  // Tokens in the state. A Transformer holds at most context_length.
  virtual int position() const noexcept = 0;
  virtual bool full() const noexcept = 0;
  // Feeds many tokens; the span is valid until the next call. Requires: room for them, tokens not empty.
  // Shape: returns logits [vocab] after the last one.
  virtual std::span<const float> prefill(std::span<const TokenId> tokens) = 0;
  // Feeds one token; does not allocate. Requires: !full(). Shape: returns logits [vocab].
  virtual std::span<const float> step(TokenId token) noexcept = 0;
};

}  // namespace continuo::engine
