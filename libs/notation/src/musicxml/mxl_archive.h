#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "continuo/base/result.h"

namespace continuo::notation {

inline constexpr std::size_t kMaxXmlBytes = std::size_t{64} << 20;

bool is_zip(std::string_view bytes);

// The score in a compressed MusicXML file: what META-INF/container.xml names first or, where it names nothing that is
// there, the first .xml or .musicxml outside of META-INF. Errors: malformed, truncated, wrong_format (no score in it),
// too_large (beyond kMaxXmlBytes unpacked, or a thousand entries).
Result<std::string> score_of_mxl(std::string_view bytes);

}  // namespace continuo::notation
