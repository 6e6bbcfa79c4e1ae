#pragma once

#include <queue>

#include "pair_table.h"
#include "sequence_counts.h"
#include "subword_model.h"

namespace continuo::tokens {

// Learns merges from counted sequences, in the order and with the ids that the BPE trainer of Hugging Face tokenizers
// has.
//
// All sequences lie in one row of 16-bit cells, parted by 0. A word of several symbols stands in its first cell; its
// last cell holds how many cells it has, and a bit tells cells in which words begin, so that both neighbours are found
// without links. For pairs that are frequent enough to be merged soon, the places where they occurred are listed; when
// the counts have fallen below that, one pass lists the places again for a lower bound. Places go stale when a
// neighbour is merged, and are checked when used.
class BpeTrainer {
 public:
  // `symbols`: how many there are; new words get ids from there on. Uses up `sequences`.
  BpeTrainer(SequenceCounts sequences, int symbols);
  // Until there are so many words or no pair that has come so often. Requires: words <= kMostSubwords.
  // Errors: interrupted.
  Status train(int words, int min_count, Progress& progress);

  // In the order in which they apply.
  std::vector<BpeMerge> merges() const;
  // The symbols of all words that are not special or base, by id.
  const SymbolStrings& new_words() const { return new_words_; }

 private:
  struct Pair {
    std::int32_t count = 0;
    std::int32_t places = kNoPlaces;  // an index into places_
  };
  struct Candidate {
    std::int32_t count;
    std::uint32_t key;
    // The most frequent first, of equals the lowest pair.
    bool operator<(const Candidate& other) const {
      return count != other.count ? count < other.count : key > other.key;
    }
  };
  using Places = std::vector<std::uint32_t>;
  // What one side of a merge changes, by the neighbouring word.
  struct Side {
    std::vector<std::int32_t> weight;  // by word
    std::vector<TokenId> words;        // that have a weight
    std::vector<std::pair<TokenId, std::uint32_t>> places;
    void add(TokenId word, std::uint32_t place, std::int32_t times);
  };
  static constexpr std::int32_t kNoPlaces = -1;

  void lay_out(SequenceCounts sequences);
  void count_pairs();
  void list_places(std::int32_t at_least);
  std::int32_t add_places(std::size_t capacity);
  Places take_places(Pair& pair);
  bool next_candidate(int min_count, Candidate& best);
  TokenId new_word(std::uint32_t key);
  void merge(std::uint32_t key, TokenId merged, const Places& places);
  void settle(const Side& side, bool is_left, std::uint32_t key, TokenId merged);
  void list_new_places(Side& side, bool is_left, TokenId merged);
  void list_again(std::uint32_t key);
  static std::uint32_t key_of(TokenId neighbour, TokenId word, bool is_left) {
    return is_left ? PairTable<Pair>::key(neighbour, word) : PairTable<Pair>::key(word, neighbour);
  }

  bool begins(std::uint32_t cell) const { return begins_[cell >> 6] >> (cell & 63) & 1; }
  std::uint32_t before(std::uint32_t place) const { return begins(place - 1) ? place - 1 : place - cells_[place - 1]; }
  std::int32_t times(std::uint32_t place) const;

  std::vector<Symbol> cells_;
  std::vector<std::uint64_t> begins_;
  std::vector<std::uint16_t> lengths_;                          // by word, in cells
  std::vector<std::pair<std::uint32_t, std::int32_t>> counts_;  // from this cell on sequences have come so often
  PairTable<Pair> pairs_;
  std::vector<Places> places_;
  std::vector<std::int32_t> free_places_;
  std::priority_queue<Candidate> candidates_;
  std::int32_t listed_from_ = 0;  // the count from which places are listed
  Side left_, right_;
  std::vector<std::uint32_t> grown_;  // pairs that have to be listed from the cells
  int first_new_;
  SymbolStrings new_words_;
  std::vector<BpeMerge> made_;
  class WordIndex;
  std::shared_ptr<WordIndex> index_;
};

}  // namespace continuo::tokens
