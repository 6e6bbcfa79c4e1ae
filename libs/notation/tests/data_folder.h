#pragma once

#include <cstdlib>
#include <filesystem>

namespace continuo::notation::testing {

inline std::filesystem::path data_folder() {
  if (const char* given = std::getenv("CONTINUO_DATA")) return given;
  return std::filesystem::path(CONTINUO_SOURCE_DIR) / ".." / "shared" / "data";
}

}  // namespace continuo::notation::testing
