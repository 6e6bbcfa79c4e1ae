#include "word_kinds.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <ranges>
#include <string>
#include <utility>
#include <vector>

#include "continuo/base/text.h"
#include "continuo/tokens/track_cells.h"

namespace continuo::generate {
namespace {

Error invalid(std::string what) { return Error{ErrorCode::invalid_argument, std::move(what)}; }

// Special and task words are no music, and never drawn among one another.
bool is_drawn(const tokens::Tokenizer& tokenizer, TokenId token) {
  const tokens::TrackCells* cells = tokenizer.track_cells();
  return token >= tokens::kSpecialTokens && (!cells || cells->role(token) != tokens::TrackCells::Role::kTask);
}

// Those of which there are two words at least, in lower case.
std::map<std::string, std::vector<TokenId>> words_by_kind(const tokens::Tokenizer& tokenizer) {
  std::map<std::string, std::vector<TokenId>> words;
  for (TokenId token = 0; token < tokenizer.vocabulary().size(); ++token)
    if (is_drawn(tokenizer, token)) words[lower_case(tokenizer.vocabulary().kind(token))].push_back(token);
  std::erase_if(words, [](const auto& kind) { return kind.second.size() < 2; });
  return words;
}

}  // namespace

Result<sampling::TokenGroups> groups_of(const tokens::Tokenizer& tokenizer, std::span<const KindTemperature> kinds) {
  sampling::TokenGroups groups;
  if (kinds.empty()) return groups;
  const auto words = words_by_kind(tokenizer);
  groups.group.resize(std::size_t(tokenizer.vocabulary().size()));
  for (const KindTemperature& kind : kinds) {
    const auto found = words.find(lower_case(kind.kind));
    if (found == words.end())
      return invalid("the model has no words of the kind '" + kind.kind + "' to choose among; it has " +
                     joined(words | std::views::keys));
    if (!(kind.temperature >= 0) || !std::isfinite(kind.temperature))
      return invalid("the temperature of the kind '" + kind.kind + "' has to be 0 or more");
    if (groups.group[std::size_t(found->second.front())] != 0)
      return invalid("the kind of word '" + kind.kind + "' is given two temperatures");
    groups.temperatures.push_back(kind.temperature);
    for (const TokenId token : found->second)
      groups.group[std::size_t(token)] = std::uint16_t(groups.temperatures.size());
  }
  return groups;
}

}  // namespace continuo::generate
