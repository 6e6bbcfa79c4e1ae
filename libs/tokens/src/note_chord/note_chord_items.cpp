#include "note_chord_items.h"

#include <bit>
#include <charconv>

#include "continuo/base/rng.h"

namespace continuo::tokens {
namespace {

// As std::compare: whether the pitches of `a`, from the lowest on, come before those of `b` in a dictionary.
bool before_in_dictionary(const PitchSet& a, const PitchSet& b) {
  for (std::size_t half = 0; half < 2; ++half) {
    const std::uint64_t differing = a.bits[half] ^ b.bits[half];
    if (differing == 0) continue;
    const int lowest = std::countr_zero(differing);
    const bool a_has_it = (a.bits[half] >> lowest) & 1;
    const PitchSet& other = a_has_it ? b : a;
    const bool other_goes_on = (other.bits[half] >> lowest) != 0 || (half == 0 && other.bits[1] != 0);
    return a_has_it == other_goes_on;
  }
  return false;
}

// The number at the front of `text`, which it is taken from; -1 if there is none. "007" is no number.
int take_number(std::string_view& text) {
  int number = -1;
  const auto [rest, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || number < 0) return -1;
  text.remove_prefix(std::size_t(rest - text.data()));
  return number;
}

}  // namespace

std::vector<std::uint8_t> PitchSet::pitches() const {
  std::vector<std::uint8_t> list;
  for (std::size_t half = 0; half < 2; ++half) {
    for (std::uint64_t left = bits[half]; left != 0; left &= left - 1)
      list.push_back(std::uint8_t(64 * half + std::size_t(std::countr_zero(left))));
  }
  return list;
}

std::string ChordItem::word() const {
  std::string text;
  for (const std::uint8_t pitch : pitches.pitches()) text += (text.empty() ? "" : ".") + std::to_string(pitch);
  return text + ":" + std::to_string(duration);
}

std::optional<ChordItem> ChordItem::parse(std::string_view word) {
  ChordItem item;
  std::string_view text = word;
  while (true) {
    const int pitch = take_number(text);
    if (pitch < 0 || pitch > 127 || text.empty()) return std::nullopt;
    item.pitches.add(pitch);
    const char separator = text.front();
    text.remove_prefix(1);
    if (separator == ':') break;
    if (separator != '.') return std::nullopt;
  }
  item.duration = take_number(text);
  if (item.duration < 1 || !text.empty() || item.word() != word) return std::nullopt;
  return item;
}

bool operator<(const ChordItem& a, const ChordItem& b) {
  if (a.duration != b.duration) return a.duration < b.duration;
  return before_in_dictionary(a.pitches, b.pitches);
}

std::size_t ChordItemHash::operator()(const ChordItem& item) const {
  return mix_seed(mix_seed(item.pitches.bits[0], item.pitches.bits[1]), std::uint64_t(item.duration));
}

Result<std::shared_ptr<const ChordItemTable>> ChordItemTable::make(std::vector<ChordItem> items, int max_steps) {
  const auto malformed = [](std::string what) { return Error{ErrorCode::malformed, std::move(what)}; };
  if (items.empty()) return malformed("the vocabulary has no notes");
  std::shared_ptr<ChordItemTable> table(new ChordItemTable());
  for (std::size_t i = 0; i < items.size(); ++i) {
    if (i > 0 && !(items[i - 1] < items[i])) return malformed("the word '" + items[i].word() + "' is out of order");
    if (items[i].duration > max_steps) return malformed("the word '" + items[i].word() + "' is too long");
    table->ids_.emplace(items[i], kSpecialTokens + TokenId(i));
  }
  table->items_ = std::move(items);
  table->max_steps_ = max_steps;
  return std::shared_ptr<const ChordItemTable>(std::move(table));
}

std::optional<TokenId> ChordItemTable::find(const ChordItem& item) const {
  const auto found = ids_.find(item);
  if (found == ids_.end()) return std::nullopt;
  return found->second;
}

}  // namespace continuo::tokens
