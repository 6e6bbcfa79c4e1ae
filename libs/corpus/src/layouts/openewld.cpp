#include <algorithm>
#include <cstdint>
#include <string_view>

#include "continuo/base/file.h"

#include "layouts/recognise.h"

namespace continuo::corpus {

// dataset/COMPOSERS/SONG/SONG.mxl; since others may lie like that, its own README.md as well.
Result<bool> recognise_openewld(Source& source) {
  constexpr std::uint64_t kReadmeLimitBytes = std::uint64_t{1} << 20;
  const auto readme = read_text_file(source.folder / "README.md", kReadmeLimitBytes);
  if (!readme.ok() || readme->find("OpenEWLD") == std::string::npos) return false;
  const auto is_sheet = [](std::string_view path) { return path.starts_with("dataset/") && path.ends_with(".mxl"); };
  return std::any_of(source.entries.begin(), source.entries.end(),
                     [&](const SourceEntry& entry) { return is_sheet(entry.path); }) ||
         std::any_of(source.rejects.begin(), source.rejects.end(),
                     [&](const Reject& reject) { return is_sheet(reject.path); });
}

}  // namespace continuo::corpus
