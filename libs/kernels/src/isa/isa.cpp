#include "continuo/kernels/isa.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "continuo/base/text.h"

#include "isa/cpu_features.h"
#include "isa/dispatch.h"
#include "isa/peak_table.h"

namespace continuo::kernels {
namespace {

bool multiplies_bf16(Isa isa) { return isa == Isa::kAvx512Bf16 || isa == Isa::kAmx; }

bool find_available(Isa isa) {
  switch (isa) {
    case Isa::kScalar:
      return true;
    case Isa::kSse4:
    case Isa::kNeon:
    case Isa::kAvx2:
    case Isa::kAvx512:
      return simd_peak_table(isa) != nullptr;
    case Isa::kAvx512Bf16:
      return runs_avx512_bf16() && simd_peak_table(isa) != nullptr;
    case Isa::kAmx:
      return runs_amx_bf16() && simd_peak_table(isa) != nullptr;
  }
  return false;
}

bool is_available(Isa isa) {
  static const auto available = [] {
    std::array<bool, kAllIsas.size()> all{};
    for (const Isa each : kAllIsas) all[static_cast<std::size_t>(each)] = find_available(each);
    return all;
  }();
  return available[static_cast<std::size_t>(isa)];
}

Isa first_choice() {
  if (const char* name = std::getenv("CONTINUO_ISA")) {
    const auto isa = isa_from_name(name);
    if (isa && is_available(*isa)) return *isa;
  }
  // Some processors have an instruction for bf16 that is slower than fp32.
  return *std::find_if(kAllIsas.rbegin(), kAllIsas.rend(),
                       [](Isa isa) { return is_available(isa) && (!multiplies_bf16(isa) || bf16_pays(isa)); });
}

std::atomic<Isa>& current() {
  static std::atomic<Isa> isa{first_choice()};
  return isa;
}

}  // namespace

std::string_view to_string(Isa isa) {
  switch (isa) {
    case Isa::kSse4:
      return "sse4";
    case Isa::kAvx2:
      return "avx2";
    case Isa::kAvx512:
      return "avx512";
    case Isa::kAvx512Bf16:
      return "avx512_bf16";
    case Isa::kAmx:
      return "amx";
    case Isa::kNeon:
      return "neon";
    case Isa::kScalar:
      break;
  }
  return "scalar";
}

std::optional<Isa> isa_from_name(std::string_view name) {
  const auto* found = std::find_if(kAllIsas.begin(), kAllIsas.end(), [&](Isa isa) { return to_string(isa) == name; });
  if (found == kAllIsas.end()) return std::nullopt;
  return *found;
}

std::vector<Isa> available_isas() {
  std::vector<Isa> available;
  for (const Isa isa : kAllIsas) {
    if (is_available(isa)) available.push_back(isa);
  }
  return available;
}

Status check_requested_isa() {
  const char* name = std::getenv("CONTINUO_ISA");
  if (name == nullptr || isa_from_name(name)) return {};
  std::vector<std::string_view> known;
  for (const Isa isa : kAllIsas) known.push_back(to_string(isa));
  return Error{ErrorCode::invalid_argument, "CONTINUO_ISA: unknown instruction set '" +
                                                std::string(name).substr(0, 40) + "' (known: " + joined(known) + ")"};
}

Isa active_isa() { return current().load(std::memory_order_acquire); }
std::string_view isa_name() { return to_string(active_isa()); }

bool use_isa(Isa isa) {
  if (!is_available(isa)) return false;
  current().store(isa, std::memory_order_release);
  return true;
}

}  // namespace continuo::kernels
