#pragma once

#include "continuo/base/result.h"
#include "continuo/dataset/source.h"

namespace continuo::dataset {

// Finds out which collection of the catalogue a listed folder is, by what lies in it, and applies its rules: licence,
// official split, files that are no pieces of their own. Requires: entries sorted by path. Errors: malformed (a csv of
// a known layout), unsupported (sounds).
Status apply_layout(Source& source);

}  // namespace continuo::dataset
