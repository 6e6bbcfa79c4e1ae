#include "continuo/kernels/peak.h"

#include <algorithm>
#include <chrono>

#include "isa/cpu_features.h"
#include "isa/peak_table.h"

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
  if (const PeakLoop loop = bf16_peak_loop(active_isa())) return rate(loop, bursts);
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

bool prefers_bf16() { return bf16_pays(active_isa()); }

PeakLoop bf16_peak_loop([[maybe_unused]] Isa isa) {
#if defined(__x86_64__)
  if (isa == Isa::kAvx512Bf16 && runs_avx512_bf16()) return avx512_bf16_peak;
  if (isa == Isa::kAmx && runs_amx_bf16()) return amx_bf16_peak;
#endif
  return nullptr;
}

bool bf16_pays(Isa isa) {
  const PeakLoop loop = bf16_peak_loop(isa);
  const PeakTable* table = simd_peak_table(isa);
  if (loop == nullptr || table == nullptr) return false;
  constexpr std::size_t kBursts = 10, kRounds = 1000;
  double bf16 = 0, fp32 = 0;
  // In turn, so that both run at the same clock.
  for (std::size_t i = 0; i < kBursts; ++i) {
    fp32 = std::max(fp32, burst(table->fp32, kRounds));
    bf16 = std::max(bf16, burst(loop, kRounds));
  }
  return bf16 > kWorthIt * fp32;
}

}  // namespace continuo::kernels
