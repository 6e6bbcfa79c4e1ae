#include "continuo/dataset/note_lengths.h"

#include <algorithm>
#include <cmath>
#include <vector>

namespace continuo::dataset {
namespace {

void add_lengths(const score::Score& score, tokens::TimeDomain domain, std::vector<double>& lengths) {
  const score::TempoMap tempos = score.tempo_map();
  for (const score::Track& track : score.tracks) {
    for (const score::Note& note : track.notes) {
      switch (domain) {
        case tokens::TimeDomain::kMusical:
          lengths.push_back(double(note.duration.value) / score.ticks_per_quarter);
          break;
        case tokens::TimeDomain::kClock:
          lengths.push_back(tempos.to_seconds(note.end()).value - tempos.to_seconds(note.onset).value);
          break;
      }
    }
  }
}

}  // namespace

double longest_note_of(const TokenSequences& pieces, const tokens::Tokenizer& tokenizer, double share,
                       std::size_t most_pieces) {
  const tokens::TimeDomain domain = tokenizer.traits().time_domain;
  const std::size_t count = std::min(pieces.pieces(), most_pieces);
  std::vector<double> lengths;
  for (std::size_t i = 0; i < count; ++i) {
    const auto stored = pieces.piece(i * pieces.pieces() / count);
    const std::vector<TokenId> tokens(stored.begin(), stored.end());
    if (const auto score = tokenizer.decode(tokens); score.ok()) add_lengths(*score, domain, lengths);
  }
  if (lengths.empty()) return 0;
  const auto rank = static_cast<std::size_t>(std::ceil(share * double(lengths.size()))) - 1;
  const auto at = lengths.begin() + static_cast<std::ptrdiff_t>(rank);
  std::ranges::nth_element(lengths, at);
  return *at;
}

}  // namespace continuo::dataset
