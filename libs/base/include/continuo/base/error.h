#pragma once

#include <string>
#include <string_view>

namespace continuo {

// Why an operation on somebody's input could not be done. Corpus runs count rejected files by this code, so a
// code names a kind of defect and not a place in our program.
enum class ErrorCode {
  invalid_argument,   // an option or a request that makes no sense
  not_found,          // no such file, folder, tensor or name
  io,                 // reading or writing failed (permissions, a device error)
  no_space,           // the disk is full
  empty,              // a file of no bytes, or a folder of no usable file
  wrong_format,       // not the format that it claims to be
  truncated,          // the file ends too early
  malformed,          // the right format, but broken inside
  unsupported,        // valid, but something that Continuo does not do
  too_large,          // beyond a stated limit
  no_notes,           // music without a single note
  out_of_vocabulary,  // music that the vocabulary at hand cannot encode
  invalid_tokens,     // a token sequence that its grammar does not allow
  incompatible,       // two parts that do not belong together (a model and a data set, say)
  interrupted,        // the user asked to stop
  duplicate,          // the same music as another piece of the collection
  too_short,          // music below a stated length
  one_pitch,          // music that repeats a single pitch
  corrupt_meter,      // time signatures that no music can have
};

// The code's name as reports print it, e.g. "out_of_vocabulary".
std::string_view to_string(ErrorCode code);

// One failure, for people and for programs. `path` is the file (may be empty), `what` a sentence without a full
// stop, `where` the place inside the file ("byte 1042, track 3"; may be empty).
struct Error {
  ErrorCode code = ErrorCode::invalid_argument;
  std::string what;
  std::string where;
  std::string path;

  // "PATH: what, where", leaving out what is empty; always one line.
  std::string to_line() const;
  // The same error said about `file`, unless a path is already known.
  Error in_file(std::string_view file) const;
};

}  // namespace continuo
