#include "continuo/live/beat_grid.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>

namespace continuo::live {
namespace {

constexpr double kSlowest = 0.7, kFastest = 1.4;  // tempo, of the expected one
constexpr double kOneStrike = 0.04;               // onsets nearer than that are one chord. Units: seconds
// How unsteady fingers are, how far a tempo is from the expected one, and how much it changes from quarter to quarter:
// standard deviations. Units: seconds; 1; 1
constexpr double kFinger = 0.008, kTempo = 0.06, kChange = 0.004;

// What somebody struck, and where: a chord counts once.
struct Strikes {
  std::vector<double> seconds, positions;  // from the first; quarters
  std::vector<bool> is_on_grid;            // trills and grace notes are not, and say nothing of the beat
  double cost = 0;                         // how improbable all that is. Units: nats
  std::size_t size() const { return seconds.size(); }
};

// Where on the grid notes are, and how much rarer they are there than on the beat.
struct Place {
  double parts;  // of a quarter
  double cost;   // nats
};
constexpr std::array kPlaces = {Place{1, 0}, Place{2, 0.7}, Place{4, 2}, Place{3, 3}};

struct OnGrid {
  double position = 0, cost = 0;
  bool is_on_grid = true;
};

// The likeliest place for a note that is expected at `position`. Requires: quarter > 0.
OnGrid on_grid(double position, double quarter) {
  constexpr double kOffGrid = 5;  // nats
  OnGrid best{std::round(position * 12) / 12, kOffGrid, false};
  for (const Place& place : kPlaces) {
    const double on = std::round(position * place.parts) / place.parts;
    const double off = (position - on) * quarter / (2 * kFinger);
    if (const double cost = place.cost + off * off / 2; cost < best.cost) best = {on, cost, true};
  }
  return best;
}

// Where the last onset was meant to be, and the tempo there.
struct Fit {
  double seconds = 0, quarter = 0;
};

// A parabola of seconds over positions through the strikes of the last `memory` quarters, bent towards a line of the
// given tempo by as much as few or unsteady strikes say little: the mode of a normal distribution.
Fit fit(const Strikes& strikes, double quarter, double memory) {
  constexpr std::size_t kTerms = 3;
  const double last = strikes.positions.back();
  std::array<std::array<double, kTerms + 1>, kTerms> rows{};  // the normal equations in x = position - last
  for (std::size_t i = strikes.size(); i-- > 0 && last - strikes.positions[i] <= memory;) {
    if (!strikes.is_on_grid[i]) continue;
    const double x = strikes.positions[i] - last;
    const std::array<double, kTerms> powers = {1, x, x * x};
    for (std::size_t r = 0; r < kTerms; ++r) {
      for (std::size_t c = 0; c < kTerms; ++c) rows[r][c] += powers[r] * powers[c];
      rows[r][kTerms] += powers[r] * strikes.seconds[i];
    }
  }
  if (rows[0][0] == 0) return {strikes.seconds.back(), quarter};
  const auto weight = [](double deviation) { return std::pow(kFinger / deviation, 2); };
  rows[1][1] += weight(kTempo * quarter);
  rows[1][kTerms] += weight(kTempo * quarter) * quarter;
  rows[2][2] += weight(kChange * quarter / 2);
  for (std::size_t p = 0; p < kTerms; ++p) {  // Gauss-Jordan; the matrix is symmetric and positive
    for (std::size_t r = 0; r < kTerms; ++r) {
      if (r == p) continue;
      const double factor = rows[r][p] / rows[p][p];
      for (std::size_t c = p; c <= kTerms; ++c) rows[r][c] -= factor * rows[p][c];
    }
  }
  return {rows[0][kTerms] / rows[0][0], rows[1][kTerms] / rows[1][1]};
}

double within(double quarter, double expected) { return std::clamp(quarter, expected / kFastest, expected / kSlowest); }

// Puts each strike on the grid where those before, at this tempo first, expect it.
Strikes follow(std::span<const double> seconds, double first_position, double quarter, double expected) {
  constexpr double kMemory = 6;
  Strikes strikes{{seconds.front()}, {first_position}, {true}, std::pow(std::log(quarter / expected) / kTempo, 2) / 2};
  for (const double time : seconds.subspan(1)) {
    const Fit before = fit(strikes, quarter, kMemory);
    const double now = within(before.quarter, expected);
    const OnGrid place = on_grid(strikes.positions.back() + (time - before.seconds) / now, now);
    strikes.seconds.push_back(time);
    strikes.positions.push_back(std::max(place.position, strikes.positions.back()));
    strikes.is_on_grid.push_back(place.is_on_grid);
    strikes.cost += place.cost;
  }
  return strikes;
}

// Of all tempos the one at which the strikes are likeliest.
struct Followed {
  Strikes strikes;
  double quarter = 0;  // at first
};
Followed follow_likeliest(std::span<const double> seconds, double first_position, double expected) {
  constexpr int kSteps = 60;
  Followed best{follow(seconds, first_position, expected, expected), expected};
  if (seconds.size() < 4) return best;
  for (int i = 0; i <= kSteps; ++i) {
    const double quarter = expected / (kSlowest * std::pow(kFastest / kSlowest, double(i) / kSteps));
    Strikes strikes = follow(seconds, first_position, quarter, expected);
    if (strikes.cost < best.strikes.cost) best = {std::move(strikes), quarter};
  }
  return best;
}

}  // namespace

FollowedBeat follow_beat(std::span<const Time> onsets, const BeatGrid& expected) {
  constexpr double kMemory = 16;
  std::vector<double> seconds;      // of strikes, from the first
  std::vector<std::size_t> strike;  // of each onset
  for (const Time onset : onsets) {
    const double time = to_seconds(onset - onsets.front());
    if (seconds.empty() || time - seconds.back() > kOneStrike) seconds.push_back(time);
    strike.push_back(seconds.size() - 1);
  }
  const double usual = to_seconds(expected.quarter);
  const double first = std::round(expected.position(onsets.front()) * 4) / 4;
  const auto [strikes, quarter] = follow_likeliest(seconds, first, usual);
  FollowedBeat result;
  for (const std::size_t i : strike) result.positions.push_back(strikes.positions[i]);
  const Fit last = fit(strikes, quarter, kMemory);
  result.grid = BeatGrid::through(onsets.front() + from_seconds(last.seconds), strikes.positions.back(),
                                  from_seconds(within(last.quarter, usual)));
  return result;
}

}  // namespace continuo::live
