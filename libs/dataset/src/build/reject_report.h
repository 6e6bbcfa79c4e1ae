#pragma once

#include <cstdio>
#include <filesystem>
#include <memory>
#include <string>

#include "continuo/base/result.h"
#include "continuo/dataset/build_options.h"

namespace continuo::dataset {

// Writes rejects.csv. Source: docs/formats/dataset.md.
class RejectReport {
 public:
  // Errors: io, no_space; so for the others.
  Status open(const std::filesystem::path& path);
  // Also counts it in the build's report.
  Status add(const std::string& name, const std::string& code, const std::string& reason, const std::string& where,
             BuildReport& report);
  // Nothing may follow. Does not wait for the disk.
  Status finish();

 private:
  struct Closer {
    void operator()(std::FILE* file) const { std::fclose(file); }
  };
  Status write(const std::string& text);

  std::filesystem::path path_;
  std::unique_ptr<std::FILE, Closer> file_;
};

}  // namespace continuo::dataset
