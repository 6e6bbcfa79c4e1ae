#include "bpe_trainer.h"

#include <algorithm>
#include <string>
#include <unordered_map>

namespace continuo::tokens {

// New words by their symbols: two merges may lead to the same word.
class BpeTrainer::WordIndex {
 public:
  // The id that is known for a word, which is `id` when it is new.
  TokenId add(std::span<const Symbol> symbols, TokenId id) {
    const std::u16string word(symbols.begin(), symbols.end());
    return ids_.emplace(word, id).first->second;
  }

 private:
  std::unordered_map<std::u16string, TokenId> ids_;
};

void BpeTrainer::Side::add(TokenId word, std::uint32_t place, std::int32_t times) {
  if (weight[std::size_t(word)] == 0) words.push_back(word);
  weight[std::size_t(word)] += times;
  places.emplace_back(word, place);
}

BpeTrainer::BpeTrainer(SequenceCounts sequences, int symbols)
    : first_new_(symbols), index_(std::make_shared<WordIndex>()) {
  lengths_.assign(kMostSubwords, 1);
  left_.weight.assign(kMostSubwords, 0);
  right_.weight.assign(kMostSubwords, 0);
  lay_out(std::move(sequences));
  count_pairs();
}

// Those that came once stand first and in their order, so that their blocks can go while cells come.
void BpeTrainer::lay_out(SequenceCounts sequences) {
  sequences.close();
  cells_.reserve(sequences.symbols() + sequences.distinct() + 2);
  cells_.push_back(0);
  std::vector<SequenceCounts::Entry> repeated;
  for (const auto& entry : sequences.entries())
    if (entry.count > 1) repeated.push_back(entry);
  std::stable_sort(repeated.begin(), repeated.end(), [](const auto& a, const auto& b) { return a.count < b.count; });
  const auto append = [&](const SequenceCounts::Entry& entry) {
    if (counts_.empty() || counts_.back().second != std::int32_t(entry.count))
      counts_.emplace_back(std::uint32_t(cells_.size()), std::int32_t(entry.count));
    const std::span<const Symbol> symbols = sequences[entry];
    cells_.insert(cells_.end(), symbols.begin(), symbols.end());
    cells_.push_back(0);
  };
  for (const auto& entry : sequences.entries())
    if (entry.count == 1) append(entry);
  for (const auto& entry : repeated) append(entry);
  begins_.assign(cells_.size() / 64 + 1, ~std::uint64_t{0});
}

std::int32_t BpeTrainer::times(std::uint32_t place) const {
  if (counts_.size() == 1 || place < counts_[1].first) return counts_[0].second;
  const auto after = std::upper_bound(counts_.begin(), counts_.end(), place,
                                      [](std::uint32_t at, const auto& from) { return at < from.first; });
  return std::prev(after)->second;
}

void BpeTrainer::count_pairs() {
  for (std::uint32_t place = 1; place + 1 < cells_.size(); ++place) {
    if (cells_[place] == 0 || cells_[place + 1] == 0) continue;
    pairs_[PairTable<Pair>::key(cells_[place], cells_[place + 1])].count += times(place);
  }
}

std::int32_t BpeTrainer::add_places(std::size_t capacity) {
  std::int32_t index = std::int32_t(places_.size());
  if (free_places_.empty()) {
    places_.emplace_back();
  } else {
    index = free_places_.back();
    free_places_.pop_back();
  }
  places_[std::size_t(index)].reserve(capacity);
  return index;
}

BpeTrainer::Places BpeTrainer::take_places(Pair& pair) {
  Places taken;
  if (pair.places == kNoPlaces) return taken;
  taken.swap(places_[std::size_t(pair.places)]);
  free_places_.push_back(pair.places);
  pair.places = kNoPlaces;
  return taken;
}

// From the cells, for all pairs that have come so often.
void BpeTrainer::list_places(std::int32_t at_least) {
  places_.clear();
  free_places_.clear();
  candidates_ = {};
  listed_from_ = at_least;
  pairs_.for_each([&](std::uint32_t, Pair& pair) { pair.places = kNoPlaces; });
  for (std::uint32_t place = 1; place < cells_.size();) {
    const Symbol word = cells_[place];
    const std::uint32_t next = place + lengths_[word];
    if (word != 0 && cells_[next] != 0) {
      Pair& pair = *pairs_.find(PairTable<Pair>::key(word, cells_[next]));
      if (pair.count >= at_least) {
        if (pair.places == kNoPlaces) pair.places = add_places(std::size_t(pair.count) / std::size_t(times(place)));
        places_[std::size_t(pair.places)].push_back(place);
      }
    }
    place = next;
  }
  pairs_.for_each([&](std::uint32_t key, Pair& pair) {
    if (pair.places != kNoPlaces) candidates_.push({pair.count, key});
  });
}

// The pair to merge next, whose places are listed.
bool BpeTrainer::next_candidate(int min_count, Candidate& best) {
  while (true) {
    while (!candidates_.empty()) {
      best = candidates_.top();
      const Pair& pair = *pairs_.find(best.key);
      candidates_.pop();
      if (pair.places == kNoPlaces) continue;
      if (pair.count == best.count) {
        if (best.count < listed_from_) break;
        return best.count >= min_count;
      }
      best.count = pair.count;
      if (best.count > 0) candidates_.push(best);
    }
    if (listed_from_ == 1) return false;
    std::int32_t most = 0;
    pairs_.for_each([&](std::uint32_t, const Pair& pair) {
      if (listed_from_ == 0 || pair.count < listed_from_) most = std::max(most, pair.count);
    });
    if (most < min_count) return false;
    list_places(std::max(1, most / 16));
  }
}

TokenId BpeTrainer::new_word(std::uint32_t key) {
  const auto symbols_of = [&](TokenId word, std::vector<Symbol>& symbols) {
    if (word < first_new_) return symbols.push_back(Symbol(word));
    const std::span<const Symbol> known = new_words_[std::size_t(word - first_new_)];
    symbols.insert(symbols.end(), known.begin(), known.end());
  };
  std::vector<Symbol> symbols;
  symbols_of(TokenId(key >> 16), symbols);
  symbols_of(TokenId(key & 0xFFFF), symbols);
  const TokenId next = first_new_ + TokenId(new_words_.size());
  const TokenId id = index_->add(symbols, next);
  if (id == next) {
    new_words_.add(symbols);
    lengths_[std::size_t(id)] = std::uint16_t(symbols.size());
  }
  return id;
}

// Pairs with a neighbour have gone and come.
void BpeTrainer::settle(const Side& side, bool is_left, std::uint32_t key, TokenId merged) {
  const TokenId gone = is_left ? TokenId(key >> 16) : TokenId(key & 0xFFFF);
  for (const TokenId word : side.words) {
    const std::int32_t weight = side.weight[std::size_t(word)];
    pairs_[key_of(word, gone, is_left)].count -= weight;
    const std::uint32_t new_key = key_of(word, merged, is_left);
    Pair& pair = pairs_[new_key];
    // Where two merges make one word, a pair may have come before, and not often enough to be listed.
    if (pair.places == kNoPlaces && pair.count > 0 && pair.count < listed_from_ && pair.count + weight >= listed_from_)
      grown_.push_back(new_key);
    pair.count += weight;
  }
}

// Lists the places of the new pairs that may be merged soon, and makes the side empty.
void BpeTrainer::list_new_places(Side& side, bool is_left, TokenId merged) {
  TokenId last = -1;
  Pair* pair = nullptr;
  for (const auto& [word, place] : side.places) {
    if (word != last) pair = pairs_.find(key_of(word, merged, is_left));
    last = word;
    if (pair->count < listed_from_) continue;
    if (pair->places == kNoPlaces)
      pair->places = add_places(std::min(std::size_t(side.weight[std::size_t(word)]), side.places.size()));
    places_[std::size_t(pair->places)].push_back(place);
  }
  for (const TokenId word : side.words) {
    side.weight[std::size_t(word)] = 0;
    const std::uint32_t key = key_of(word, merged, is_left);
    const Pair& each = *pairs_.find(key);
    if (each.places != kNoPlaces) candidates_.push({each.count, key});
  }
  side.words.clear();
  side.places.clear();
}

void BpeTrainer::list_again(std::uint32_t key) {
  Pair& pair = *pairs_.find(key);
  if (pair.count < listed_from_) return;
  take_places(pair);
  pair.places = add_places(0);
  Places& places = places_[std::size_t(pair.places)];
  for (std::uint32_t place = 1; place < cells_.size(); place += lengths_[cells_[place]]) {
    const std::uint32_t next = place + lengths_[cells_[place]];
    if (cells_[place] == key >> 16 && cells_[next] == (key & 0xFFFF)) places.push_back(place);
  }
}

void BpeTrainer::merge(std::uint32_t key, TokenId merged, const Places& places) {
  const Symbol left = Symbol(key >> 16), right = Symbol(key & 0xFFFF);
  const std::uint32_t left_length = lengths_[left], length = left_length + lengths_[right];
  for (const std::uint32_t place : places) {
    const std::uint32_t second = place + left_length;
    if (cells_[place] != left || !begins(place) || cells_[second] != right || !begins(second)) continue;
    const std::int32_t count = times(place);
    const std::uint32_t neighbour = before(place);
    if (cells_[neighbour] != 0) left_.add(cells_[neighbour], neighbour, count);
    const std::uint32_t next = place + length;
    if (cells_[next] != 0) right_.add(cells_[next], place, count);
    cells_[place] = Symbol(merged);
    begins_[second >> 6] &= ~(std::uint64_t{1} << (second & 63));
    cells_[next - 1] = Symbol(length);
  }
  settle(left_, true, key, merged);
  settle(right_, false, key, merged);
  list_new_places(left_, true, merged);
  list_new_places(right_, false, merged);
  for (const std::uint32_t each : grown_) list_again(each);
  grown_.clear();
}

Status BpeTrainer::train(int words, int min_count, Progress& progress) {
  const int to_make = words - first_new_;
  Candidate best{};
  while (int(new_words_.size()) < to_make && next_candidate(std::max(1, min_count), best)) {
    Pair& pair = *pairs_.find(best.key);
    Places places = take_places(pair);
    const TokenId left = TokenId(best.key >> 16), right = TokenId(best.key & 0xFFFF);
    // A word's length has to fit its last cell.
    if (lengths_[std::size_t(left)] + lengths_[std::size_t(right)] > 0xFFFF) continue;
    if (left == right) std::sort(places.begin(), places.end());
    const TokenId merged = new_word(best.key);
    made_.push_back({left, right, merged});
    merge(best.key, merged, places);
    if (made_.size() % 64 != 0) continue;
    progress.update(new_words_.size(), std::uint64_t(to_make), std::to_string(best.count) + " times");
    if (progress.stop_requested()) return Error{ErrorCode::interrupted, "training was stopped", {}, {}};
  }
  return {};
}

// A pair that has been merged, come up again and been merged again applies as late as the last time.
std::vector<BpeMerge> BpeTrainer::merges() const {
  PairTable<std::size_t> last(made_.size());
  for (std::size_t i = 0; i < made_.size(); ++i) last[PairTable<std::size_t>::key(made_[i].left, made_[i].right)] = i;
  std::vector<BpeMerge> kept;
  for (std::size_t i = 0; i < made_.size(); ++i)
    if (*last.find(PairTable<std::size_t>::key(made_[i].left, made_[i].right)) == i) kept.push_back(made_[i]);
  return kept;
}

}  // namespace continuo::tokens
