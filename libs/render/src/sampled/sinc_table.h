#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace continuo::render {

// A place in a sound: whole samples above bit 32, the fraction below. Exact sums make playing deterministic.
using FixedPlace = std::int64_t;
inline constexpr int kFractionBits = 32;
inline FixedPlace to_place(double samples) { return static_cast<FixedPlace>(samples * 4294967296.0); }
inline std::int64_t whole(FixedPlace place) { return place >> kFractionBits; }
inline double to_samples(FixedPlace place) { return static_cast<double>(place) / 4294967296.0; }

// A band-limited interpolator: a sinc under a Kaiser window, tabulated for 256 phases between which it is interpolated
// linearly (error under -100 dB). A polynomial through few samples would dull a 16 kHz sound from 4 kHz on and let its
// images through, which begin at 8 kHz, well within hearing.
class SincTable {
 public:
  // `cutoff`: the middle of the transition, as a share of the sound's Nyquist frequency; below 1 for sounds that are
  // read faster than they were recorded, to keep them from aliasing. Range: 1/256 to 1.
  explicit SincTable(double cutoff);

  // Samples that one output sample reads: as many before its place as after it, less one.
  int taps() const { return taps_; }

  // Requires: `sound` points at the sample `taps() / 2 - 1` before whole(place), and all that is read is there.
  void read(const float* sound, FixedPlace place, FixedPlace step, std::span<float> out) const;

 private:
  static constexpr int kPhaseBits = 8;
  template <int fixed>
  void read_rows(const float* sound, FixedPlace place, FixedPlace step, std::span<float> out) const;

  int taps_;
  std::vector<float> rows_;  // [phase, taps then their differences to the next phase]
};

}  // namespace continuo::render
