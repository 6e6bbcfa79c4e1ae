#include <algorithm>
#include <string_view>

#include "layouts/recognise.h"

namespace continuo::corpus {
namespace {

bool is_hexadecimal(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
}

// HEX/MD5.mid, in the folder or in lmd_full/ below it, where HEX is the first digit.
bool is_named_by_content(const SourceEntry& entry) {
  std::string_view path = entry.path;
  if (path.starts_with("lmd_full/")) path.remove_prefix(9);
  return path.size() == 38 && path[1] == '/' && path[0] == path[2] && is_hexadecimal(path.substr(2, 32)) &&
         path.ends_with(".mid");
}

}  // namespace

Result<bool> recognise_lakh(Source& source) {
  const auto& entries = source.entries;
  return !entries.empty() && std::all_of(entries.begin(), entries.end(), is_named_by_content);
}

}  // namespace continuo::corpus
