#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "continuo/base/rng.h"
#include "continuo/base/token_id.h"
#include "continuo/tokens/tokenizer.h"

namespace continuo::dataset {

// Rearranges training windows as the tasks of composing show music to a model (tokens/task_sequence.h), so that one
// model learns to continue, to fill gaps and to add tracks. Immutable and thread-safe.
class WindowTasks {
 public:
  // `share` of the windows are rearranged. Range: 0 to 1. Requires: a tokenizer with track cells.
  WindowTasks(std::shared_ptr<const tokens::Tokenizer> tokenizer, double share);

  // What a row reads instead of its window. Task words but Silent and chords do not count as targets: who composes
  // gives them.
  struct Sequence {
    std::vector<TokenId> tokens;       // begins with BOS; at most one more than the context
    std::vector<std::uint8_t> counts;  // by token: whether it counts as a target
  };
  // `window`: consecutive tokens of a piece, with BOS and EOS where it has them. Nothing where the window stays as it
  // is: by the draw, or since it has no whole bar. A function of the arguments alone.
  std::optional<Sequence> rearranged(std::span<const std::uint16_t> window, std::size_t context_length, Rng rng) const;

 private:
  std::shared_ptr<const tokens::Tokenizer> tokenizer_;
  double share_;
};

}  // namespace continuo::dataset
