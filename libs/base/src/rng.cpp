#include "continuo/base/rng.h"

#include <bit>

namespace continuo {
namespace {

std::uint64_t splitmix64(std::uint64_t& state) {
  std::uint64_t z = (state += 0x9e3779b97f4a7c15ULL);
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
  return z ^ (z >> 31);
}

}  // namespace

Rng::Rng(std::uint64_t seed) : state_{} {
  for (auto& word : state_) word = splitmix64(seed);
}

std::uint64_t Rng::next_u64() {
  const std::uint64_t result = std::rotl(state_[0] + state_[3], 23) + state_[0];
  const std::uint64_t t = state_[1] << 17;
  state_[2] ^= state_[0];
  state_[3] ^= state_[1];
  state_[1] ^= state_[2];
  state_[0] ^= state_[3];
  state_[2] ^= t;
  state_[3] = std::rotl(state_[3], 45);
  return result;
}

double Rng::uniform() { return static_cast<double>(next_u64() >> 11) * 0x1.0p-53; }

std::uint64_t Rng::below(std::uint64_t bound) {
  const std::uint64_t threshold = (0 - bound) % bound;  // values under it would favour low results
  while (true) {
    const std::uint64_t value = next_u64();
    if (value >= threshold) return value % bound;
  }
}

Rng Rng::fork(std::uint64_t index) const { return Rng(mix_seed(state_[0] ^ std::rotl(state_[2], 32), index)); }

std::uint64_t mix_seed(std::uint64_t seed, std::uint64_t index) {
  std::uint64_t state = seed;
  const std::uint64_t first = splitmix64(state);
  state = first ^ (index * 0xd1342543de82ef95ULL + 0x2545f4914f6cdd1dULL);
  return splitmix64(state);
}

}  // namespace continuo
