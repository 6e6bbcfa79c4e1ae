#pragma once

#include <memory>

#include "continuo/base/result.h"
#include "continuo/corpus/ordered_run.h"
#include "continuo/corpus/source.h"
#include "continuo/dataset/build_options.h"
#include "continuo/tokens/tokenizer.h"

namespace continuo::dataset {

// The tokenizer that a build uses, the same for each shard of it. One that learns its words reads the collection
// twice (to split it, then to learn from its training pieces), and holds the training pieces' notes in memory. One
// that asks only whether all is drums reads files until one is not. Others read nothing. Errors: interrupted,
// unsupported, no_notes (nothing to learn), too_large (more words than a data set holds).
Result<std::shared_ptr<const tokens::Tokenizer>> choose_tokenizer(const BuildOptions& options,
                                                                  const corpus::Source& source,
                                                                  corpus::OrderedRun& run);

}  // namespace continuo::dataset
