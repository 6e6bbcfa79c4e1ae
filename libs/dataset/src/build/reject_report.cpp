#include "build/reject_report.h"

#include <cerrno>

#include "continuo/base/platform/platform.h"
#include "continuo/corpus/csv.h"

namespace continuo::dataset {

Status RejectReport::open(const std::filesystem::path& path) {
  path_ = path;
  file_.reset(std::fopen(path.c_str(), "wb"));
  if (!file_) return platform::error_from_errno(errno, path, "cannot be written");
  return write("path,code,reason,where\n");
}

Status RejectReport::add(const std::string& name, const std::string& code, const std::string& reason,
                         const std::string& where, BuildReport& report) {
  ++report.rejects[code];
  report.examples.try_emplace(code, name + ": " + reason);
  return write(corpus::csv_field(name) + "," + code + "," + corpus::csv_field(reason) + "," + corpus::csv_field(where) +
               "\n");
}

Status RejectReport::finish() {
  if (std::fclose(file_.release()) == 0) return {};
  return platform::error_from_errno(errno, path_, "cannot be written");
}

Status RejectReport::write(const std::string& text) {
  if (std::fwrite(text.data(), 1, text.size(), file_.get()) == text.size()) return {};
  return platform::error_from_errno(errno, path_, "cannot be written");
}

}  // namespace continuo::dataset
