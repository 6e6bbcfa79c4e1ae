#include "continuo/live/beat_grid.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <complex>
#include <cstddef>
#include <numbers>
#include <optional>

namespace continuo::live {
namespace {

constexpr double kSlowest = 0.7, kFastest = 1.4;  // tempo, of the expected one
constexpr double kOneStrike = 0.04;               // onsets nearer than that are one chord. Units: seconds
constexpr double kFirstPhrase = 8;                // what the tempo is first found in. Units: quarters
constexpr double kMemory = 16;                    // what the last tempo is found in. Units: quarters

// Onsets in seconds from the first, and where each is. A chord counts once.
struct Strikes {
  std::vector<double> seconds, positions;
  std::size_t size() const { return seconds.size(); }
};

// How well onsets fit the beats of a tempo, its halves and its quarters, by the length of the sum of their phases.
double resonance(std::span<const double> seconds, double quarter) {
  double sum = 0;
  for (const double parts : {1.0, 2.0, 4.0}) {
    std::complex<double> phases = 0;
    for (const double time : seconds) phases += std::polar(1.0, 2 * std::numbers::pi * parts * time / quarter);
    sum += std::abs(phases);
  }
  return sum / (3 * double(seconds.size()));
}

// Units: seconds a quarter.
double first_tempo(std::span<const double> seconds, double expected) {
  constexpr int kSteps = 400;
  constexpr double kDoubt = 0.6;  // how much a tempo far from the expected one has to fit better
  const double span = kFirstPhrase * expected;
  const auto end = std::ranges::find_if(seconds, [&](double time) { return time > span; });
  const auto phrase = seconds.first(static_cast<std::size_t>(end - seconds.begin()));
  if (phrase.size() < 4) return expected;
  double best = expected, most = -1;
  for (int i = 0; i <= kSteps; ++i) {
    const double tempo = kSlowest * std::pow(kFastest / kSlowest, double(i) / kSteps);
    const double fit = resonance(phrase, expected / tempo) - kDoubt * std::pow(std::log(tempo), 2);
    if (fit > most) {
      most = fit;
      best = expected / tempo;
    }
  }
  return best;
}

// The sixteenth or third of a quarter that is nearest, sixteenths being preferred.
double on_grid(double position) {
  const double sixteenth = std::round(position * 4) / 4, third = std::round(position * 3) / 3;
  return std::abs(position - third) + 0.05 < std::abs(position - sixteenth) ? third : sixteenth;
}

// Of a line (or, with `curved`, a parabola) of seconds over positions, its value and slope at the last position.
struct Fit {
  double seconds = 0, quarter = 0;
};

// Solves the normal equations of a polynomial in x = position - last, whose first two coefficients are what is asked
// for. Nothing where the positions do not determine it.
template <std::size_t kTerms>
std::optional<Fit> fit_polynomial(const Strikes& strikes, double memory, double halving) {
  const double last = strikes.positions.back();
  std::array<std::array<double, kTerms + 1>, kTerms> rows{};
  for (std::size_t i = 0; i < strikes.size(); ++i) {
    const double x = strikes.positions[i] - last;
    if (x < -memory) continue;
    const double weight = std::exp2(x / halving);
    std::array<double, kTerms> powers{};
    for (std::size_t p = 0; p < kTerms; ++p) powers[p] = p == 0 ? 1 : powers[p - 1] * x;
    for (std::size_t r = 0; r < kTerms; ++r) {
      for (std::size_t c = 0; c < kTerms; ++c) rows[r][c] += weight * powers[r] * powers[c];
      rows[r][kTerms] += weight * powers[r] * strikes.seconds[i];
    }
  }
  for (std::size_t p = 0; p < kTerms; ++p) {  // Gauss-Jordan; the matrix is symmetric and not negative
    if (rows[p][p] < 1e-9) return std::nullopt;
    for (std::size_t r = 0; r < kTerms; ++r) {
      if (r == p) continue;
      const double factor = rows[r][p] / rows[p][p];
      for (std::size_t c = p; c <= kTerms; ++c) rows[r][c] -= factor * rows[p][c];
    }
  }
  return Fit{rows[0][kTerms] / rows[0][0], rows[1][kTerms] / rows[1][1]};
}

// Where the last onset was meant to be, and the tempo there. With few onsets the line of the tempo so far.
Fit local_fit(const Strikes& strikes, double quarter) {
  if (strikes.size() >= 4 && strikes.positions.back() - strikes.positions.front() >= 2)
    if (const auto fit = fit_polynomial<2>(strikes, 6, 4)) return *fit;
  return {strikes.seconds.back(), quarter};
}

Fit final_fit(const Strikes& strikes, double quarter) {
  const double span = strikes.positions.back() - strikes.positions.front();
  if (strikes.size() >= 12 && span >= 8)
    if (const auto fit = fit_polynomial<3>(strikes, kMemory, 1000)) return *fit;
  if (strikes.size() >= 4 && span >= 2)
    if (const auto fit = fit_polynomial<2>(strikes, kMemory, 1000)) return *fit;
  return {strikes.seconds.back(), quarter};
}

double within(double quarter, double expected) { return std::clamp(quarter, expected / kFastest, expected / kSlowest); }

}  // namespace

FollowedBeat follow_beat(std::span<const Time> onsets, const BeatGrid& expected) {
  std::vector<double> seconds;
  for (const Time onset : onsets) seconds.push_back(to_seconds(onset - onsets.front()));
  const double usual = to_seconds(expected.quarter);
  double quarter = first_tempo(seconds, usual);
  Strikes strikes;
  FollowedBeat result;
  for (const double time : seconds) {
    if (strikes.size() == 0) {
      strikes.seconds.push_back(time);
      strikes.positions.push_back(std::round(expected.position(onsets.front()) * 4) / 4);
    } else if (time - strikes.seconds.back() > kOneStrike) {
      const Fit fit = local_fit(strikes, quarter);
      quarter = within(fit.quarter, usual);
      const double position = on_grid(strikes.positions.back() + (time - fit.seconds) / quarter);
      strikes.seconds.push_back(time);
      strikes.positions.push_back(std::max(position, strikes.positions.back()));
    }
    result.positions.push_back(strikes.positions.back());
  }
  const Fit last = final_fit(strikes, quarter);
  result.grid = BeatGrid::through(onsets.front() + from_seconds(last.seconds), strikes.positions.back(),
                                  from_seconds(within(last.quarter, usual)));
  return result;
}

}  // namespace continuo::live
