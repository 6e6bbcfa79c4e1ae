#pragma once

#include <cstddef>
#include <map>
#include <memory>
#include <string>

#include "continuo/base/result.h"
#include "continuo/render/sampled_voice.h"

#include "sample.h"

namespace continuo::render {

// The samples that have been asked for, read when first needed. Above the limit those that were used least recently are
// forgotten, but for those that sound.
class SampleStore {
 public:
  explicit SampleStore(std::size_t limit_bytes) : limit_bytes_(limit_bytes) {}
  // Errors: those of Sample::read.
  Result<std::shared_ptr<const Sample>> get(const VoiceSample& wanted, double held_sec);
  std::size_t bytes() const { return bytes_; }

 private:
  struct Entry {
    std::shared_ptr<const Sample> sample;
    std::size_t bytes = 0, last_use = 0;
  };
  void forget_down_to_limit();

  std::size_t limit_bytes_, bytes_ = 0, uses_ = 0;
  std::map<std::string, Entry> entries_;  // by path
};

}  // namespace continuo::render
