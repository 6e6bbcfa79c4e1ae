#pragma once

#include <memory>

#include "continuo/base/result.h"
#include "continuo/engine/model.h"
#include "continuo/tokens/tokenizer.h"

namespace continuo::generate {

// A model with the tokenisation that it was trained on. Cheap to copy: both are shared.
struct Composer {
  std::shared_ptr<const engine::Model> model;
  std::shared_ptr<const tokens::Tokenizer> tokenizer;
  double longest_note = 0;  // Provenance::longest_note

  // Errors: those of Checkpoint::open, Model::load and tokenizer_from_json; incompatible (vocabularies or musical
  // places differ).
  static Result<Composer> load(const checkpoint::Checkpoint& checkpoint, engine::LoadOptions options = {});
};

}  // namespace continuo::generate
