#include "continuo/generate/compose.h"
#include "continuo/tokens/registry.h"

namespace continuo::generate {

Result<Composer> Composer::load(const checkpoint::Checkpoint& checkpoint, engine::LoadOptions options) {
  Composer composer;
  CONTINUO_ASSIGN(composer.tokenizer, tokens::tokenizer_from_json(checkpoint.tokenizer));
  CONTINUO_ASSIGN(composer.model, engine::Model::load(checkpoint, options));
  const int words = composer.tokenizer->vocabulary().size(), rows = composer.model->config().vocab_size;
  if (words != rows)
    return Error{ErrorCode::incompatible,
                 "the model has " + std::to_string(rows) + " words, its tokenisation " + std::to_string(words)};
  return composer;
}

}  // namespace continuo::generate
