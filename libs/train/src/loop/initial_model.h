#pragma once

#include "continuo/base/result.h"
#include "continuo/checkpoint/checkpoint.h"
#include "continuo/dataset/dataset.h"
#include "continuo/train/options.h"

namespace continuo::train {

// The options that describe the network of a model file, in place of what `options` leave open, so that they alone
// give it again. The dropout is theirs if they have one, else that of the file. Errors: invalid_argument (an option of
// the model that contradicts the file); incompatible (another kind of tokenizer than the data set's).
Result<TrainOptions> options_of_model(const TrainOptions& options, const checkpoint::Checkpoint& model,
                                      const dataset::TokenDataset& data);

}  // namespace continuo::train
