#include "continuo/corpus/list_source.h"

#include <algorithm>
#include <system_error>

#include "layouts/layouts.h"
#include "source/music_folder.h"
#include "source/source_list.h"

namespace continuo::corpus {
namespace fs = std::filesystem;

Result<Source> list_source(const fs::path& path) {
  std::error_code code;
  const fs::file_status status = fs::status(path, code);
  if (!fs::exists(status)) return Error{.code = ErrorCode::not_found, .what = "no such folder", .path = path.string()};
  if (fs::is_regular_file(status) && !is_music_file(path)) return read_source_list(path);
  if (!fs::is_directory(status)) return Error{.code = ErrorCode::io, .what = "is not a folder", .path = path.string()};
  CONTINUO_ASSIGN(Source source, read_music_folder(path));
  CONTINUO_TRY(apply_layout(source));
  const auto by_path = [](const auto& a, const auto& b) { return a.path < b.path; };
  std::sort(source.rejects.begin(), source.rejects.end(), by_path);
  return source;
}

}  // namespace continuo::corpus
