#pragma once

#include <vector>

#include "continuo/base/result.h"
#include "continuo/corpus/read_entry.h"
#include "continuo/corpus/source.h"
#include "continuo/score/score.h"

namespace continuo::corpus {

// The functions of the table of layouts, one file a collection; see Layout in layouts.h.
Result<bool> recognise_maestro(Source& source);
Result<bool> recognise_groove(Source& source);
Result<bool> recognise_jsb(Source& source);
Result<bool> recognise_pop909(Source& source);
Result<bool> recognise_nottingham(Source& source);
Result<bool> recognise_openewld(Source& source);
Result<bool> recognise_lakh(Source& source);
Result<bool> recognise_aria_midi(Source& source);
Result<bool> recognise_gigamidi(Source& source);
// Never true. Errors: unsupported (NSynth and no music file).
Result<bool> refuse_nsynth(Source& source);

Result<std::vector<score::Score>> read_jsb(const Source& source, const SourceEntry& entry, LeftOut& left_out);

}  // namespace continuo::corpus
