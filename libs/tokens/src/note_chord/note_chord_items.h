#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "continuo/base/result.h"
#include "continuo/tokens/vocabulary.h"

namespace continuo::tokens {

// A set of MIDI pitches.
struct PitchSet {
  std::array<std::uint64_t, 2> bits{};

  void add(int pitch) { bits[std::size_t(pitch) / 64] |= std::uint64_t{1} << (pitch % 64); }
  bool empty() const { return bits[0] == 0 && bits[1] == 0; }
  std::vector<std::uint8_t> pitches() const;
  friend bool operator==(const PitchSet&, const PitchSet&) = default;
};

// One word of note_chord that sounds: pitches that start together and are equally long. Units: duration in steps.
struct ChordItem {
  PitchSet pitches;
  int duration = 1;

  // "60.64.67:4"
  std::string word() const;
  // Nothing unless `word` is exactly what word() would write. Range: pitches 0-127, duration >= 1.
  static std::optional<ChordItem> parse(std::string_view word);
  friend bool operator==(const ChordItem&, const ChordItem&) = default;
  // By duration, then by the pitches from the lowest on.
  friend bool operator<(const ChordItem& a, const ChordItem& b);
};

struct ChordItemHash {
  std::size_t operator()(const ChordItem& item) const;
};

// The words of one note_chord vocabulary by their ids: the special four, the items in order, "+1" to "+max_steps".
// Since ids rise with the items' order, "items at one onset stand in order" means rising ids. Immutable.
class ChordItemTable {
 public:
  // Errors: malformed (no item, an item out of order, twice or longer than max_steps).
  static Result<std::shared_ptr<const ChordItemTable>> make(std::vector<ChordItem> items, int max_steps);

  int max_steps() const { return max_steps_; }
  const std::vector<ChordItem>& items() const { return items_; }
  TokenId first_item() const { return kSpecialTokens; }
  TokenId first_advance() const { return kSpecialTokens + TokenId(items_.size()); }
  TokenId end() const { return first_advance() + max_steps_; }
  bool is_item(TokenId id) const { return id >= first_item() && id < first_advance(); }
  bool is_advance(TokenId id) const { return id >= first_advance() && id < end(); }
  // Requires: is_item(id).
  const ChordItem& item(TokenId id) const { return items_[std::size_t(id - first_item())]; }
  // Units: steps. Requires: is_advance(id).
  int advance(TokenId id) const { return id - first_advance() + 1; }
  std::optional<TokenId> find(const ChordItem& item) const;

 private:
  ChordItemTable() = default;
  std::vector<ChordItem> items_;
  std::unordered_map<ChordItem, TokenId, ChordItemHash> ids_;
  int max_steps_ = 0;
};

}  // namespace continuo::tokens
