#include "continuo/cli/tokenizer_option.h"

#include "continuo/tokens/registry.h"
#include "continuo/tokens/tokenizer.h"

namespace continuo::cli {

Field tokenizer_option(std::string help) {
  const auto names = tokens::tokenizer_names();
  return {.name = "tokenizer",
          .type = Type::kChoice,
          .unit = "NAME",
          .help = std::move(help),
          .default_value = "remi",
          .choices = {names.begin(), names.end()},
          .or_extension = ".json"};
}

}  // namespace continuo::cli
