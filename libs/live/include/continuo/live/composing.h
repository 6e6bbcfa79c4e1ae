#pragma once

#include <functional>
#include <memory>
#include <optional>

#include "continuo/base/result.h"
#include "continuo/score/score.h"

namespace continuo::live {

// Somebody who composes while the music plays.
class Composing {
 public:
  virtual ~Composing() = default;
  // Asks for the bar after the last one of `piece`, which has notes. An earlier question is dropped.
  virtual void ask(score::Score piece) = 0;
  // The piece with that bar, once it is there; each answer is given once. Nothing while there is none.
  virtual std::optional<Result<score::Score>> answer() = 0;
};

// Composes on a thread of its own. Not copyable.
class ComposingThread final : public Composing {
 public:
  // `should_stop` says that nobody waits for the answer any more. Called from that thread.
  using Compose =
      std::function<Result<score::Score>(const score::Score& piece, const std::function<bool()>& should_stop)>;

  explicit ComposingThread(Compose compose);
  ~ComposingThread() override;
  ComposingThread(const ComposingThread&) = delete;
  ComposingThread& operator=(const ComposingThread&) = delete;

  void ask(score::Score piece) override;
  std::optional<Result<score::Score>> answer() override;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace continuo::live
