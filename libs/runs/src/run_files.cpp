#include "continuo/runs/run_files.h"

namespace continuo::runs {

Result<std::filesystem::path> model_file(const std::filesystem::path& path) {
  std::error_code ignored;
  if (!std::filesystem::is_directory(path, ignored)) return path;
  for (const char* name : {kBestFile, kLastFile}) {
    if (std::filesystem::is_regular_file(path / name, ignored)) return path / name;
  }
  return Error{ErrorCode::not_found, "no model in this folder (best.safetensors of a run)", {}, path.string()};
}

}  // namespace continuo::runs
