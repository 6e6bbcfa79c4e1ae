#pragma once

#include <array>
#include <cstdint>

namespace continuo {

// A stream of random numbers that is the same on every platform and in every build for the same seed.
// Not thread-safe: give each thread its own, by fork(). A copy is 32 bytes and continues the same stream.
// Source: xoshiro256++ 1.0 and splitmix64 (Blackman and Vigna, "Scrambled linear pseudorandom number
// generators", ACM TOMS 47(4), 2021).
class Rng {
 public:
  using State = std::array<std::uint64_t, 4>;

  explicit Rng(std::uint64_t seed);
  explicit Rng(const State& state) : state_(state) {}

  std::uint64_t next_u64();
  // Range: [0, 1), 53 random bits.
  double uniform();
  // Range: 0 to bound - 1, without bias. Requires: bound > 0.
  std::uint64_t below(std::uint64_t bound);
  // A stream of its own for each (this stream's seed state, index); does not advance this one.
  Rng fork(std::uint64_t index) const;

  const State& state() const { return state_; }

 private:
  State state_;
};

// One well-mixed number out of two; for seeds that belong to (seed, step) or (seed, epoch).
std::uint64_t mix_seed(std::uint64_t seed, std::uint64_t index);

}  // namespace continuo
