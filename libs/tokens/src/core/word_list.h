#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "continuo/base/token_id.h"

namespace continuo::tokens {

// What a word says. Tokenisations that share a kind share its meaning and its reading.
enum class WordKind : std::uint8_t {
  kNone,
  kBar,
  kTimeSignature,
  kPosition,
  kTempo,
  kProgram,
  kPitch,
  kDrumPitch,
  kPitchEnd,
  kDrumPitchEnd,
  kVelocity,
  kDuration,
  kTimeShift,
  kRest,
  kMicroTiming,
  kKey,
  kPedal,
  kPedalEnd,
  kPitchBend,
  kChord,
  kTrack,
  kFamily,
  kIgnore,
  kBarNumber,
  kPlace,
  kPart,
  kTask
};
inline constexpr int kWordKinds = int(WordKind::kTask) + 1;

struct Word {
  WordKind kind = WordKind::kNone;
  std::int32_t value = 0;  // an index into the table of its kind, or the number itself
};

// The words of a vocabulary by kind: those of one kind stand together, in the order of their values.
class WordList {
 public:
  WordList();

  int size() const { return int(words_.size()); }
  // Of kind kNone for special words and ids that are none.
  Word word(TokenId id) const { return id >= 0 && id < size() ? words_[std::size_t(id)] : Word{}; }
  // The id of value 0 of a kind. Requires: count(kind) > 0.
  TokenId first(WordKind kind) const { return first_[std::size_t(kind)]; }
  TokenId id(WordKind kind, std::int64_t value) const { return first(kind) + TokenId(value); }
  int count(WordKind kind) const { return counts_[std::size_t(kind)]; }
  bool has(WordKind kind) const { return count(kind) > 0; }
  // Those that have words, in the order of their ids.
  const std::vector<WordKind>& kinds() const { return kinds_; }
  // Without the special four.
  const std::vector<std::string>& texts() const { return texts_; }

 protected:
  // Requires: a kind that has no words yet.
  void add(WordKind kind, std::vector<std::string> texts);

 private:
  std::vector<Word> words_;  // by id
  std::vector<std::string> texts_;
  std::vector<WordKind> kinds_;
  TokenId first_[kWordKinds] = {};
  int counts_[kWordKinds] = {};
};

// "Pitch_0", "Pitch_1" ... for `count` numbers from `from` on, or for the numbers given.
std::vector<std::string> numbered(std::string_view prefix, int from, int count);
std::vector<std::string> numbered(std::string_view prefix, const std::vector<int>& values);

}  // namespace continuo::tokens
