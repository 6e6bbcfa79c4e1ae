#include "unigram_seeds.h"

#include <algorithm>

namespace continuo::tokens {
namespace {

// A place in the corpus and how many symbols follow in its sequence, up to the longest.
struct Suffix {
  const Symbol* symbols;
  std::uint32_t length;
};

std::vector<Suffix> suffixes_of(const SequenceCounts& sequences, std::size_t longest) {
  std::vector<Suffix> suffixes;
  suffixes.reserve(sequences.symbols());
  for (const auto& entry : sequences.entries()) {
    const std::span<const Symbol> symbols = sequences[entry];
    for (std::size_t i = 0; i < symbols.size(); ++i)
      suffixes.push_back({symbols.data() + i, std::uint32_t(std::min(longest, symbols.size() - i))});
  }
  std::sort(suffixes.begin(), suffixes.end(), [](const Suffix& a, const Suffix& b) {
    return std::lexicographical_compare(a.symbols, a.symbols + a.length, b.symbols, b.symbols + b.length);
  });
  return suffixes;
}

std::uint32_t common(const Suffix& a, const Suffix& b) {
  const std::uint32_t length = std::min(a.length, b.length);
  return std::uint32_t(std::mismatch(a.symbols, a.symbols + length, b.symbols).first - a.symbols);
}

void keep_most_covering(std::vector<Seed>& seeds, std::size_t most) {
  std::stable_sort(seeds.begin(), seeds.end(),
                   [](const Seed& a, const Seed& b) { return a.count * a.length > b.count * b.length; });
  seeds.resize(std::min(seeds.size(), most));
}

}  // namespace

// Repeats are the stretches of sorted suffixes that begin alike; one pass with a stack finds them.
std::vector<Seed> find_seeds(const SequenceCounts& sequences, std::size_t longest, std::size_t most) {
  const std::vector<Suffix> suffixes = suffixes_of(sequences, longest);
  std::vector<Seed> singles, repeats;
  struct Open {
    std::uint32_t length;
    std::size_t begin;
  };
  std::vector<Open> open;
  const auto close_to = [&](std::uint32_t length, std::size_t end) {
    std::size_t begin = end - 1;
    while (!open.empty() && open.back().length > length) {
      begin = open.back().begin;
      if (open.back().length >= 2)
        repeats.push_back({suffixes[begin].symbols, open.back().length, std::uint64_t(end - begin)});
      open.pop_back();
    }
    if (length > 0 && (open.empty() || open.back().length < length)) open.push_back({length, begin});
  };
  std::size_t first = 0;
  for (std::size_t i = 1; i <= suffixes.size(); ++i) {
    const std::uint32_t length = i < suffixes.size() ? common(suffixes[i - 1], suffixes[i]) : 0;
    close_to(length, i);
    if (repeats.size() > 4 * most + 1024) keep_most_covering(repeats, most);
    if (length > 0) continue;
    singles.push_back({suffixes[first].symbols, 1, std::uint64_t(i - first)});
    first = i;
  }
  keep_most_covering(repeats, most);
  singles.insert(singles.end(), repeats.begin(), repeats.end());
  return singles;
}

}  // namespace continuo::tokens
