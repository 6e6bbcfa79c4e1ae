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

double rate(PeakLoop loop, std::size_t bursts) {
  constexpr std::size_t kRounds = 100000;
  double best = 0;
  for (std::size_t burst = 0; burst < bursts; ++burst) {
    const auto start = std::chrono::steady_clock::now();
    const double operations = loop(kRounds);
    const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    best = std::max(best, operations / std::max(seconds, 1e-9));
  }
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

bool prefers_bf16() { return active_bf16_dot() != nullptr && bf16_peak() > kWorthIt * fp32_peak(); }

}  // namespace continuo::kernels
