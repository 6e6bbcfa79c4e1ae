#include "continuo/generate/composer.h"

#include <string>

#include "continuo/tokens/registry.h"

namespace continuo::generate {

Result<Composer> Composer::load(const checkpoint::Checkpoint& checkpoint, engine::LoadOptions options) {
  Composer composer;
  CONTINUO_ASSIGN(composer.tokenizer, tokens::tokenizer_from_json(checkpoint.tokenizer));
  CONTINUO_ASSIGN(composer.model, engine::Model::load(checkpoint, options));
  const int tokens = composer.tokenizer->vocabulary().size(), rows = composer.model->config().vocab_size;
  if (tokens != rows)
    return Error{ErrorCode::incompatible, "the model has a vocabulary of " + std::to_string(rows) +
                                              " tokens, its tokenisation one of " + std::to_string(tokens)};
  const auto& config = composer.model->config();
  if (!tokens::fits(composer.tokenizer->length_meter()->position_range(), config.places, config.slots,
                    config.masking == checkpoint::Masking::kBidirectional))
    return Error{ErrorCode::incompatible, "the model's musical places are not those of its tokenisation"};
  composer.longest_note = checkpoint.provenance.longest_note;
  return composer;
}

}  // namespace continuo::generate
