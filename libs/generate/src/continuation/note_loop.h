#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <optional>

#include "../rules/token_facts.h"

namespace continuo::generate {

// Watches the notes that are drawn in clock time, where no bar lines show what comes again (BarLoop), and which
// passages of them are played again at once: a repeated key, a trill, a figure of up to kLongestPassage notes.
//
// A model grows surer of a figure each time that it comes, and may trill to the end of the piece. For each length of a
// passage a running mean over some kPlayings playings holds the share of notes that repeat those one passage before.
// From nothing it reaches kLargestShare in kPlayings playings; then, where the figure has lasted kLeastSeconds, the key
// that would continue it is not struck until the mean has fallen. A mean, and no count of playings in a row: else a
// strange note now and then would let the figure go on for ever. Of 1,000 notes that pianists play, such a rule would
// change one or two (docs/results/control.md).
class NoteLoop {
 public:
  static constexpr std::size_t kLongestPassage = 16;  // notes
  static constexpr int kPlayings = 16;
  static constexpr double kLargestShare = 0.632;  // 1 - 1/e
  static constexpr double kShareThatBegins = 0.3;
  static constexpr double kLeastSeconds = 3;

  // `facts` outlive it.
  explicit NoteLoop(const TokenFacts& facts) : facts_(facts) {}

  // A token that has been drawn, and the time at which it is heard, in seconds from any start.
  void push(TokenId token, double seconds);
  // The token that would play a passage once too often.
  std::optional<TokenId> avoided() const;

 private:
  struct Strike {
    TokenId token = 0;
    double seconds = 0;
  };
  struct Passage {
    double repeated = 0;  // share of the latest notes that are those one passage before
    double since = 0;     // when it last reached kShareThatBegins, seconds
  };

  const Strike& back(std::size_t notes) const { return strikes_[(count_ - notes) % kLongestPassage]; }
  std::size_t known() const { return std::min(count_, kLongestPassage); }

  const TokenFacts& facts_;
  std::array<Strike, kLongestPassage> strikes_;  // a ring
  std::size_t count_ = 0;
  std::array<Passage, kLongestPassage> passages_;  // of 1 note, of 2 ...
};

}  // namespace continuo::generate
