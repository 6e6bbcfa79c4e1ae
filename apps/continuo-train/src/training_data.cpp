#include "training_data.h"

#include <system_error>

#include "continuo/base/thread_pool.h"
#include "continuo/dataset/build.h"
#include "continuo/dataset/dataset.h"

namespace continuo::train_app {
namespace fs = std::filesystem;

Result<bool> is_data_set(const fs::path& source) {
  const auto opened = dataset::TokenDataset::open(source);
  if (opened.ok()) return true;
  if (opened.error().code == ErrorCode::wrong_format) return false;
  return opened.error();
}

Result<fs::path> training_data(const DataRequest& request, cli::Console& console) {
  CONTINUO_ASSIGN(const bool is_built, is_data_set(request.source));
  if (is_built) return request.source;
  dataset::BuildOptions options;
  options.source = request.source;
  options.output = request.run / "data";
  options.replace = request.replace;
  options.tokenizer = request.tokenizer;
  options.seed = request.seed;
  std::error_code failure;
  const bool made = fs::create_directories(request.run, failure);
  if (failure) return Error{ErrorCode::io, "cannot be created (" + failure.message() + ")", {}, request.run.string()};
  ThreadPool threads(request.threads);
  const auto built = [&] {
    cli::TerminalProgress progress("reading");
    return dataset::build(options, threads, progress);
  }();
  if (built.ok()) {
    for (const std::string& warning : built->warnings) console.note("continuo: warning: " + warning);
    return options.output;
  }
  if (made) fs::remove(request.run, failure);  // only when empty
  return built.error();
}

}  // namespace continuo::train_app
