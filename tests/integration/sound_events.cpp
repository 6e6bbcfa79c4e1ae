// What the synthesiser is given for each file, as a number: usage: continuo_sound_events [--list] FILE...
// Prints "HASH FILE" for each, or "- FILE" where it cannot be read. Sound is made from these events, the number of
// tracks and which of them are drums, and from nothing else, so files of one number sound alike (tools/compare_sound).
// --list prints the events instead: sample, channel, kind, and what it sets.
#include "sound_events.h"

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <string_view>

#include "continuo/notation/notation.h"

namespace {

constexpr int kSampleRate = 44100;

// FNV-1a.
class Hash {
 public:
  void add(std::int64_t number) {
    for (int shift = 0; shift < 64; shift += 8) {
      value_ ^= static_cast<std::uint64_t>(number) >> shift & 0xFF;
      value_ *= 0x100000001B3;
    }
  }
  std::uint64_t value() const { return value_; }

 private:
  std::uint64_t value_ = 0xCBF29CE484222325;
};

std::uint64_t hash_of(const continuo::score::Score& score) {
  Hash hash;
  hash.add(static_cast<std::int64_t>(score.tracks.size()));
  for (const auto& track : score.tracks) hash.add(static_cast<std::int64_t>(track.is_drum));
  for (const auto& event : continuo::render::sound_events(score, kSampleRate)) {
    for (const std::int64_t number :
         {event.sample, static_cast<std::int64_t>(event.kind), static_cast<std::int64_t>(event.channel),
          static_cast<std::int64_t>(event.first), static_cast<std::int64_t>(event.second)})
      hash.add(number);
  }
  return hash.value();
}

void list(const continuo::score::Score& score) {
  for (const auto& event : continuo::render::sound_events(score, kSampleRate))
    std::printf("%lld %d %d %d %d\n", static_cast<long long>(event.sample), event.channel, static_cast<int>(event.kind),
                event.first, event.second);
}

}  // namespace

int main(int argc, char** argv) {
  const bool lists = argc > 1 && std::string_view(argv[1]) == "--list";
  for (int i = lists ? 2 : 1; i < argc; ++i) {
    const auto file = continuo::notation::read_music_file(argv[i]);
    const bool is_music = file.ok() && !file->pieces.empty();
    if (is_music && lists) {
      list(file->pieces.front().score);
    } else if (is_music) {
      std::printf("%016llx %s\n", static_cast<unsigned long long>(hash_of(file->pieces.front().score)), argv[i]);
    } else {
      std::printf("- %s\n", argv[i]);
    }
  }
}
