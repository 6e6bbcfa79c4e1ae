#include "continuo/kernels/peak.h"

#include <algorithm>
#include <chrono>

#include "dot.h"
#include "peak_table.h"

namespace continuo::kernels {
namespace {

// Below a third more, the rounding of bf16 buys nothing.
constexpr double kWorthIt = 1.3;

double plain_loop(std::size_t rounds) {
  volatile float sum = 1.0F;
  for (std::size_t i = 0; i < rounds; ++i) sum = sum * 1.0001F - 0.0001F;
  return 2.0 * static_cast<double>(rounds);
}

// Operations per second of one burst.
double burst(PeakLoop loop, std::size_t rounds) {
  const auto start = std::chrono::steady_clock::now();
  const double operations = loop(rounds);
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  return operations / std::max(seconds, 1e-9);
}

double rate(PeakLoop loop, std::size_t bursts) {
  double best = 0;
  for (std::size_t i = 0; i < bursts; ++i) best = std::max(best, burst(loop, 100000));
  return best;
}

}  // namespace

double fp32_peak(std::size_t bursts) {
  const PeakTable* table = simd_peak_table(active_isa());
  return rate(table != nullptr ? table->fp32 : plain_loop, bursts);
}

double bf16_peak(std::size_t bursts) {
  if (const Bf16Dot* dot = active_bf16_dot()) return rate(dot->peak, bursts);
  const PeakTable* table = simd_peak_table(active_isa());
  return rate(table != nullptr ? table->widened_bf16 : plain_loop, bursts);
}

float read_numbers(std::span<const float> numbers) {
  const PeakTable* table = simd_peak_table(active_isa());
  if (table != nullptr) return table->read(numbers.data(), numbers.size());
  float sum = 0;
  for (const float number : numbers) sum += number;
  return sum;
}

bool prefers_bf16() { return bf16_dot_pays(active_isa()); }

bool bf16_dot_pays(Isa isa) {
  const Bf16Dot* dot = bf16_dot(isa);
  const PeakTable* table = simd_peak_table(isa);
  if (dot == nullptr || table == nullptr) return false;
  constexpr std::size_t kBursts = 10, kRounds = 1000;
  double bf16 = 0, fp32 = 0;
  // In turn, so that both meet the same clock.
  for (std::size_t i = 0; i < kBursts; ++i) {
    fp32 = std::max(fp32, burst(table->fp32, kRounds));
    bf16 = std::max(bf16, burst(dot->peak, kRounds));
  }
  return bf16 > kWorthIt * fp32;
}

}  // namespace continuo::kernels
