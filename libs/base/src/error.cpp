#include "continuo/base/error.h"

namespace continuo {

std::string_view to_string(ErrorCode code) {
  switch (code) {
    case ErrorCode::invalid_argument:
      return "invalid_argument";
    case ErrorCode::not_found:
      return "not_found";
    case ErrorCode::io:
      return "io";
    case ErrorCode::no_space:
      return "no_space";
    case ErrorCode::empty:
      return "empty";
    case ErrorCode::wrong_format:
      return "wrong_format";
    case ErrorCode::truncated:
      return "truncated";
    case ErrorCode::malformed:
      return "malformed";
    case ErrorCode::unsupported:
      return "unsupported";
    case ErrorCode::too_large:
      return "too_large";
    case ErrorCode::no_notes:
      return "no_notes";
    case ErrorCode::out_of_vocabulary:
      return "out_of_vocabulary";
    case ErrorCode::invalid_tokens:
      return "invalid_tokens";
    case ErrorCode::incompatible:
      return "incompatible";
    case ErrorCode::interrupted:
      return "interrupted";
    case ErrorCode::duplicate:
      return "duplicate";
    case ErrorCode::too_short:
      return "too_short";
    case ErrorCode::one_pitch:
      return "one_pitch";
    case ErrorCode::corrupt_meter:
      return "corrupt_meter";
  }
  return "unknown";
}

std::string Error::to_line() const {
  std::string line = path.empty() ? what : path + ": " + what;
  if (!where.empty()) line += ", " + where;
  for (char& c : line) {
    if (static_cast<unsigned char>(c) < 0x20) c = ' ';
  }
  return line;
}

Error Error::in_file(std::string_view file) const {
  Error error = *this;
  if (error.path.empty()) error.path = file;
  return error;
}

}  // namespace continuo
