#include "sinc_table.h"

#include <cmath>
#include <cstring>
#include <numbers>

namespace continuo::render {
namespace {

constexpr int kTaps = 24;    // at cutoff 1: a transition of 0.3 of the Nyquist frequency for 70 dB
constexpr double kBeta = 7;  // of the Kaiser window. Source: Kaiser (1974)
constexpr int kLanes = 4;
// Sums are formed in four lanes on every processor, so that they are the same everywhere.
using Lanes = float __attribute__((vector_size(16)));

// The modified Bessel function of order zero, by its series.
double bessel(double x) {
  double sum = 1, term = 1;
  for (int k = 1; k < 50; ++k) {
    term *= (x / 2 / k) * (x / 2 / k);
    sum += term;
  }
  return sum;
}

// The kernel at a distance of `x` samples.
double kernel(double x, double cutoff, double half) {
  const double share = x / half;
  if (std::abs(share) >= 1) return 0;
  const double angle = std::numbers::pi * cutoff * x;
  const double sinc = std::abs(angle) < 1e-9 ? 1 : std::sin(angle) / angle;
  return sinc * bessel(kBeta * std::sqrt(1 - share * share));
}

Lanes load(const float* from) {
  Lanes lanes;
  std::memcpy(&lanes, from, sizeof lanes);
  return lanes;
}

}  // namespace

SincTable::SincTable(double cutoff) : taps_((static_cast<int>(std::ceil(kTaps / cutoff)) + 7) / 8 * 8) {
  constexpr int kPhases = 1 << kPhaseBits;
  const auto taps = static_cast<std::size_t>(taps_);
  std::vector<double> all((kPhases + 1) * taps);
  for (std::size_t phase = 0; phase <= kPhases; ++phase) {
    double sum = 0;
    for (std::size_t tap = 0; tap < taps; ++tap) {
      const double x = double(tap) - (taps_ / 2 - 1) - double(phase) / kPhases;
      sum += all[phase * taps + tap] = kernel(x, cutoff, taps_ / 2.0);
    }
    for (std::size_t tap = 0; tap < taps; ++tap) all[phase * taps + tap] /= sum;
  }
  rows_.resize(2 * kPhases * taps);
  for (std::size_t phase = 0; phase < kPhases; ++phase) {
    for (std::size_t tap = 0; tap < taps; ++tap) {
      const double here = all[phase * taps + tap], next = all[(phase + 1) * taps + tap];
      rows_[2 * phase * taps + tap] = static_cast<float>(here);
      rows_[(2 * phase + 1) * taps + tap] = static_cast<float>(next - here);
    }
  }
}

// `fixed`: the number of taps where it is known when this is compiled, else 0.
template <int fixed>
void SincTable::read_rows(const float* sound, FixedPlace place, FixedPlace step, std::span<float> out) const {
  constexpr int kRestBits = kFractionBits - kPhaseBits;
  constexpr float kRestScale = 1.0F / (1 << kRestBits);
  const std::int64_t first = whole(place);
  const int taps = fixed > 0 ? fixed : taps_;
  for (float& value : out) {
    const float* x = sound + (whole(place) - first);
    const auto fraction = static_cast<std::uint32_t>(place);
    const float* row = rows_.data() + std::size_t(fraction >> kRestBits) * std::size_t(2 * taps);
    const float rest = static_cast<float>(fraction & ((1U << kRestBits) - 1)) * kRestScale;
    Lanes sum{}, difference{};
    for (int tap = 0; tap < taps; tap += kLanes) {
      const Lanes samples = load(x + tap);
      sum += load(row + tap) * samples;
      difference += load(row + taps + tap) * samples;
    }
    sum += difference * rest;
    value = (sum[0] + sum[2]) + (sum[1] + sum[3]);
    place += step;
  }
}

void SincTable::read(const float* sound, FixedPlace place, FixedPlace step, std::span<float> out) const {
  taps_ == kTaps ? read_rows<kTaps>(sound, place, step, out) : read_rows<0>(sound, place, step, out);
}

}  // namespace continuo::render
