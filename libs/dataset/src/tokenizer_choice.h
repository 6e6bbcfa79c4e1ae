#pragma once

#include <memory>

#include "continuo/base/result.h"
#include "continuo/dataset/build.h"
#include "continuo/tokens/tokenizer.h"

#include "corpus_reading.h"

namespace continuo::dataset {

// The tokenizer that a build uses, the same for each shard of it. One that learns its words reads the collection
// twice (to split it, then to learn from its training pieces), and holds the training pieces' notes in memory. One
// that asks only whether all is drums reads files until one is not. Others read nothing. Errors: interrupted,
// unsupported, no_notes (nothing to learn), too_large (more words than a data set holds).
Result<std::shared_ptr<const tokens::Tokenizer>> choose_tokenizer(const BuildOptions& options, const Source& source,
                                                                  CorpusRun& run);

}  // namespace continuo::dataset
