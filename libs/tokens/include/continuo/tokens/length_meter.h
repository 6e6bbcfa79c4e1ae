#pragma once

#include <cstddef>
#include <memory>

#include "continuo/base/token_id.h"
#include "continuo/score/time.h"
#include "continuo/tokens/musical_position.h"

namespace continuo::tokens {

// How far a token sequence has come, kept up to date token by token, so that a composer can stop at a length without
// reading its sequence again. Takes any token; those that mean nothing to it are passed over. Not thread-safe.
class LengthMeter {
 public:
  virtual ~LengthMeter() = default;
  virtual std::unique_ptr<LengthMeter> clone() const = 0;
  virtual void reset() = 0;
  // O(1).
  virtual void accept(TokenId token) = 0;
  // Clock time of the place that has been reached: where a note named next would start.
  virtual score::Seconds elapsed() const = 0;
  // Measures begun; always 0 for tokenisations that do not mark them.
  virtual std::size_t bars_begun() const { return 0; }
  // Of the token that comes next.
  virtual MusicalPosition position() const = 0;
  // The same whatever has been accepted.
  virtual PositionRange position_range() const = 0;
};

}  // namespace continuo::tokens
