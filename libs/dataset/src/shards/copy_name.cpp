#include "shards/copy_name.h"

namespace continuo::dataset {

std::string copy_name(std::string_view piece, int semitones) {
  return std::string(piece) + (semitones > 0 ? "@+" : "@") + std::to_string(semitones);
}

std::optional<std::string_view> original_of_copy(std::string_view name) {
  const auto at = name.rfind('@');
  if (at == std::string_view::npos || at + 2 >= name.size()) return std::nullopt;
  const bool has_sign = name[at + 1] == '+' || name[at + 1] == '-';
  if (!has_sign || name.find_first_not_of("0123456789", at + 2) != std::string_view::npos) return std::nullopt;
  return name.substr(0, at);
}

}  // namespace continuo::dataset
