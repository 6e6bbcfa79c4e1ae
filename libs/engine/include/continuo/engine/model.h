#pragma once

#include <concepts>
#include <memory>
#include <optional>
#include <span>
#include <string_view>

#include "continuo/base/musical_place.h"
#include "continuo/base/result.h"
#include "continuo/base/thread_pool.h"
#include "continuo/base/token_id.h"
#include "continuo/checkpoint/checkpoint.h"
#include "continuo/kernels/precision.h"

namespace continuo::engine {

class Ensemble;
class Session;

using kernels::Precision;

struct LoadOptions {
  // Precision of the matrices; embeddings, norms and biases stay fp32. Empty: as the file has them. Numbers that the
  // file has in this precision are taken exactly. Activations are fp32, but rounded to 16 bits before products with
  // int8, and to bf16 before those with bf16 where the CPU multiplies bf16 itself.
  std::optional<Precision> weights = {};
  // Precision of the KV cache: fp32, bf16 or int8. Empty: fp32 for fp32 weights, int8 for int8 ones, else bf16.
  std::optional<Precision> cache = {};
  // Threads that load the model, which changes nothing but the time. Range: 1 upwards; 0 means default_thread_count().
  int threads = 1;
};

// What a model reads: tokens, and for models with musical places where in the music the token after each is. No places:
// all are the first. Views only: what they show outlives the call that takes them.
// Requires: as many places as tokens, or none; places in the ranges of ModelConfig.
struct Input {
  Input() = default;
  template <typename Tokens>
  requires std::convertible_to<const Tokens&, std::span<const TokenId>> Input(
      const Tokens& sequence, std::span<const MusicalPlace> their_places = {})  // NOLINT(google-explicit-constructor)
      : tokens(sequence), places(their_places) {}

  std::size_t size() const { return tokens.size(); }
  Input part(std::size_t begin, std::size_t count) const {
    return {tokens.subspan(begin, count), places.empty() ? places : places.subspan(begin, count)};
  }

  std::span<const TokenId> tokens;
  std::span<const MusicalPlace> places;
};

// How a checkpoint's matrices are stored.
Precision stored_precision(const checkpoint::Checkpoint& checkpoint);

// The weights of one network, laid out for the instruction set that is in use when they are loaded. Immutable, shared
// by any number of Sessions and threads.
class Model {
 public:
  // Errors: unsupported (tensors other than F32, F16, BF16 and I8; an fp16 cache); malformed (a weight that is infinite
  // or not a number, or does not fit fp16); not_found (a tensor is missing).
  static Result<std::shared_ptr<const Model>> load(const checkpoint::Checkpoint& checkpoint, LoadOptions options = {});
  virtual ~Model() = default;

  virtual const checkpoint::ModelConfig& config() const = 0;
  virtual Precision precision() const = 0;
  // What one step has to read: all matrices, and attention's keys and values of `positions` positions, or of as many as
  // it looks back.
  // Units: bytes.
  virtual std::size_t bytes_per_step(std::size_t positions) const = 0;

  // The whole sequence at once, each token seeing what the model's masking lets it see. Positions count from 0.
  // Shape: logits [input.size(), vocab]. Requires: input.size() <= context_length where
  // config().is_limited_to_context(); ids in range.
  virtual void forward(Input input, std::span<float> logits, ThreadPool& threads) const = 0;

  // What Session::start() and Ensemble::of() call. Requires: masking is causal; the model and `threads` outlive the
  // result.
  virtual std::unique_ptr<Session> new_session(ThreadPool& threads) const = 0;
  virtual std::unique_ptr<Ensemble> new_ensemble(int most_sessions, ThreadPool& threads) const = 0;
};

// One sequence being generated: the state after a prefix (KV cache or recurrent state). Causal models only. Not
// thread-safe.
//
// Logits do not depend on the number of threads, nor on whether tokens came by step(), prefill(), forward() or an
// Ensemble, nor on whether the session is a fork: within one instruction set they are equal to the bit, in every
// precision of weights and cache.
class Session {
 public:
  // Null when the model is not causal. `threads` must outlive the session.
  static std::unique_ptr<Session> start(const std::shared_ptr<const Model>& model, ThreadPool& threads);
  virtual ~Session() = default;

  // Another session after the same prefix, for continuing it in several ways. Costs a copy of the state.
  virtual std::unique_ptr<Session> fork() const = 0;
  // Forgets everything.
  virtual void reset() noexcept = 0;
  // Tokens that were fed. A model that is limited to its context holds context_length at most; one with a memory
  // has no end, at the cost of memory_length + 1 positions a token.
  virtual int position() const noexcept = 0;
  virtual bool full() const noexcept = 0;
  // Feeds many tokens; the span is valid until the next call. Requires: room for them, at least one.
  // Shape: returns logits [vocab] after the last one.
  virtual std::span<const float> prefill(Input input) = 0;
  // The same with the logits after each token. Shape: logits [input.size(), vocab].
  virtual void read(Input input, std::span<float> logits);
  // Feeds one token; does not allocate. Requires: !full(). Shape: returns logits [vocab].
  virtual std::span<const float> step(TokenId token, MusicalPlace place) noexcept = 0;
  std::span<const float> step(TokenId token) noexcept { return step(token, MusicalPlace{}); }
};

// Lets several sessions of one model advance together: their tokens go through the layers as the rows of one matrix, so
// the weights are read once for all. Sessions may join and leave at any step. Not thread-safe.
class Ensemble {
 public:
  // Null when the model is not causal. `threads` must outlive the ensemble. Range: most_sessions 1 upwards.
  static std::unique_ptr<Ensemble> of(const std::shared_ptr<const Model>& model, int most_sessions,
                                      ThreadPool& threads);
  virtual ~Ensemble() = default;

  // Feeds token i of the input to sessions[i]; does not allocate. Shape: returns logits [sessions, vocab], valid until
  // the next call.
  // Requires: as many tokens as sessions, at least one and at most most_sessions; all different, of this model, not
  // full.
  virtual std::span<const float> step(std::span<Session* const> sessions, Input input) noexcept = 0;
};

}  // namespace continuo::engine
