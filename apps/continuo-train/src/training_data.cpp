#include "training_data.h"

#include <memory>
#include <system_error>

#include "continuo/base/thread_pool.h"
#include "continuo/checkpoint/checkpoint.h"
#include "continuo/dataset/build.h"
#include "continuo/dataset/dataset.h"
#include "continuo/runs/run_files.h"
#include "continuo/tokens/registry.h"

namespace continuo::train_app {
namespace fs = std::filesystem;

namespace {

// `owner`: "the data set".
Status check_same(const std::string& asked, const nlohmann::json& description, const char* owner,
                  const fs::path& where) {
  CONTINUO_ASSIGN(const bool same, tokens::can_make(asked, description));
  if (same) return {};
  const std::string name = description.value("name", "another");
  return Error{ErrorCode::invalid_argument,
               "--tokenizer is " + asked + ", but " + owner + " has " + name +
                   (name == asked ? " with other options" : "") + ": leave --tokenizer out",
               {},
               where.string()};
}

// That of the model that training starts from, or the one of its kind that is asked for; null where it starts from
// none. Errors: those of Checkpoint::open and make_tokenizer; invalid_argument (one of another kind is asked for).
Result<std::shared_ptr<const tokens::Tokenizer>> tokenizer_of_model(const DataRequest& request) {
  if (request.init_from.empty()) return std::shared_ptr<const tokens::Tokenizer>();
  CONTINUO_ASSIGN(const fs::path file, runs::model_file(request.init_from));
  CONTINUO_ASSIGN(const auto model, checkpoint::Checkpoint::open(file));
  if (request.tokenizer) {
    const Status same = check_same(*request.tokenizer, model.tokenizer, "the model that training starts from", file);
    if (!same && tokens::needs_learning(*request.tokenizer)) return same.error();
    if (!same) {
      CONTINUO_ASSIGN(auto asked, tokens::make_tokenizer(*request.tokenizer));
      if (!tokens::is_same_kind(asked->to_json(), model.tokenizer)) return same.error();
      return asked;
    }
  }
  auto made = tokens::tokenizer_from_json(model.tokenizer);
  if (!made.ok()) return made.error().in_file(file.string());
  return made;
}

}  // namespace

Result<bool> is_data_set(const fs::path& source) {
  const auto opened = dataset::TokenDataset::open(source);
  if (opened.ok()) return true;
  if (opened.error().code == ErrorCode::wrong_format) return false;
  return opened.error();
}

Status check_tokenizer(const fs::path& data_set, const std::string& tokenizer) {
  CONTINUO_ASSIGN(const auto data, dataset::TokenDataset::open(data_set));
  return check_same(tokenizer, data.tokenizer(), "the data set", data_set);
}

Result<fs::path> training_data(const DataRequest& request, cli::Console& console) {
  CONTINUO_ASSIGN(const bool is_built, is_data_set(request.source));
  if (is_built) {
    if (request.tokenizer) CONTINUO_TRY(check_tokenizer(request.source, *request.tokenizer));
    return request.source;
  }
  dataset::BuildOptions options;
  options.source = request.source;
  options.output = request.run / "data";
  options.replace = request.replace;
  if (request.tokenizer) options.tokenizer = *request.tokenizer;
  CONTINUO_ASSIGN(options.made_tokenizer, tokenizer_of_model(request));
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
