#include "continuo/tokens/beat_tokenizers.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "../beat/beat_options_json.h"
#include "members.h"

namespace continuo::tokens {
namespace {

struct Member {
  std::string_view name;
  std::shared_ptr<const Tokenizer> (*make)(const BeatOptions& options);
};

constexpr Member kMembers[] = {{"remi_plus", &make_remi_plus},
                               {"midi_like", &make_midi_like},
                               {"tsd", &make_tsd},
                               {"structured", &make_structured},
                               {"cp_word", &make_cp_word},
                               {"octuple", &make_octuple},
                               {"mumidi", &make_mumidi},
                               {"mmm", &make_mmm},
                               {"bar_tracks", &make_bar_tracks},
                               {"per_tok", &make_per_tok}};

bool divide(const std::vector<BeatResolution>& ranges, int ticks) {
  return std::all_of(ranges.begin(), ranges.end(),
                     [&](const BeatResolution& range) { return ticks % range.steps == 0; });
}

}  // namespace

Result<std::shared_ptr<const Tokenizer>> make_beat_tokenizer(std::string_view name, const BeatOptions& options) {
  const auto member =
      std::find_if(std::begin(kMembers), std::end(kMembers), [&](const Member& each) { return each.name == name; });
  if (member == std::end(kMembers))
    return Error{ErrorCode::unsupported, "there is no beat tokenizer '" + std::string(name) + "'"};
  CONTINUO_TRY(check_options(options));
  if (name == "per_tok" && !divide(options.resolutions, options.ticks_per_beat))
    return Error{ErrorCode::invalid_argument, "per_tok's ticks_per_beat is no multiple of its steps"};
  return member->make(options);
}

Result<std::shared_ptr<const Tokenizer>> beat_tokenizer_from_json(const nlohmann::json& description) {
  CONTINUO_ASSIGN(const BeatOptions options, options_from_json(description));
  auto made = make_beat_tokenizer(description.value("name", ""), options);
  if (!made.ok()) return Error{ErrorCode::unsupported, made.error().what};
  return made;
}

}  // namespace continuo::tokens
