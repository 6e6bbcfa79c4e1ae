#include "tokenizer_option.h"

#include <array>

#include "continuo/base/file.h"
#include "continuo/tokens/registry.h"
#include "continuo/tokens/tokenizer.h"

#include "outputs.h"

namespace continuo::app {

cli::Field tokenizer_output_option() {
  return {.name = "output",
          .letter = 'o',
          .type = cli::Type::kPath,
          .unit = "FILE.json",
          .help = "Tokenizer file to write",
          .required = true};
}

Status check_tokenizer_output(const std::filesystem::path& path) {
  constexpr std::array<std::string_view, 1> kExtensions = {".json"};
  CONTINUO_TRY(check_extension(path, kExtensions));
  return check_writable(path);
}

cli::Field tokenizer_option(std::string help) {
  const auto names = tokens::tokenizer_names();
  return {.name = "tokenizer",
          .type = cli::Type::kChoice,
          .unit = "NAME",
          .help = std::move(help),
          .default_value = "remi",
          .choices = {names.begin(), names.end()},
          .or_extension = ".json"};
}

}  // namespace continuo::app
