#pragma once

#include <cstdio>
#include <memory>
#include <span>

#include "continuo/base/result.h"

namespace continuo::render {

// Samples on their way to a file, kept in a temporary file of the system until their peak is known: six hours of sound
// would take 8 GB of memory. Not copyable.
class SoundSpool {
 public:
  // Errors: io, no_space.
  static Result<SoundSpool> create();
  // Errors: io, no_space.
  Status append(std::span<const float> samples);
  // The largest magnitude so far.
  float peak() const { return peak_; }
  // To be called once, after the last append(). Errors: io, no_space.
  Status rewind();
  // The next samples, at most as many as fit; fewer only at the end. Errors: io.
  Result<std::size_t> read(std::span<float> samples);

 private:
  struct Closer {
    void operator()(std::FILE* file) const { std::fclose(file); }
  };
  explicit SoundSpool(std::FILE* file) : file_(file) {}
  std::unique_ptr<std::FILE, Closer> file_;
  float peak_ = 0;
};

}  // namespace continuo::render
