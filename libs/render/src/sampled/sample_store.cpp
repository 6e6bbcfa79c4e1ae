#include "sample_store.h"

#include <utility>

namespace continuo::render {

Result<std::shared_ptr<const Sample>> SampleStore::get(const VoiceSample& wanted, double held_sec) {
  Entry& entry = entries_[wanted.path.native()];
  if (!entry.sample) {
    auto read = Sample::read(wanted.path, held_sec);
    if (!read.ok()) {
      entries_.erase(wanted.path.native());
      return std::move(read).error();
    }
    // The loop, which may be found later, is no longer than the sound.
    entry.bytes = 2 * sizeof(float) * read->sound().size();
    entry.sample = std::make_shared<const Sample>(*std::move(read));
    bytes_ += entry.bytes;
  }
  entry.last_use = ++uses_;
  std::shared_ptr<const Sample> sample = entry.sample;
  forget_down_to_limit();
  return sample;
}

void SampleStore::forget_down_to_limit() {
  while (bytes_ > limit_bytes_) {
    auto oldest = entries_.end();
    for (auto entry = entries_.begin(); entry != entries_.end(); ++entry) {
      const bool is_free = entry->second.sample.use_count() == 1;
      if (is_free && (oldest == entries_.end() || entry->second.last_use < oldest->second.last_use)) oldest = entry;
    }
    if (oldest == entries_.end()) return;
    bytes_ -= oldest->second.bytes;
    entries_.erase(oldest);
  }
}

}  // namespace continuo::render
