#include "continuo/kernels/isa.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <cstdlib>
#include <string>

#include "kernel_table.h"
#include "training/dot.h"

namespace continuo::kernels {
namespace {

// Slowest first.
constexpr std::array<Isa, 7> kAll = {Isa::kScalar, Isa::kSse4,       Isa::kNeon, Isa::kAvx2,
                                     Isa::kAvx512, Isa::kAvx512Bf16, Isa::kAmx};

const KernelTable* table_of(Isa isa) {
  if (isa == Isa::kScalar) return &scalar_table();
  const bool bf16 = isa == Isa::kAvx512Bf16 || isa == Isa::kAmx;
  return bf16 && bf16_dot(isa) == nullptr ? nullptr : simd_table(isa);
}

// What is in use.
struct Choice {
  Isa isa;
  const KernelTable* table;
};
const Choice* choice_of(Isa isa) {
  static const auto choices = [] {
    std::array<Choice, kAll.size()> all{};
    for (std::size_t i = 0; i < all.size(); ++i) all[i] = {kAll[i], table_of(kAll[i])};
    return all;
  }();
  const auto* found = std::find_if(choices.begin(), choices.end(), [&](const Choice& c) { return c.isa == isa; });
  return found == choices.end() || found->table == nullptr ? nullptr : found;
}

const Choice* first_choice() {
  if (const char* name = std::getenv("CONTINUO_ISA")) {
    const auto isa = isa_from_name(name);
    const Choice* choice = isa ? choice_of(*isa) : nullptr;
    if (choice != nullptr) return choice;
  }
  // Some processors have an instruction for bf16 that is slower than fp32.
  const auto fastest = std::find_if(kAll.rbegin(), kAll.rend(), [](Isa isa) {
    const bool bf16 = isa == Isa::kAvx512Bf16 || isa == Isa::kAmx;
    return choice_of(isa) != nullptr && (!bf16 || bf16_dot_pays(isa));
  });
  return choice_of(*fastest);
}

std::atomic<const Choice*>& current() {
  static std::atomic<const Choice*> choice{first_choice()};
  return choice;
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
  const auto* found = std::find_if(kAll.begin(), kAll.end(), [&](Isa isa) { return to_string(isa) == name; });
  if (found == kAll.end()) return std::nullopt;
  return *found;
}

std::vector<Isa> available_isas() {
  std::vector<Isa> available;
  for (const Isa isa : kAll) {
    if (choice_of(isa) != nullptr) available.push_back(isa);
  }
  return available;
}

Status check_requested_isa() {
  const char* name = std::getenv("CONTINUO_ISA");
  if (name == nullptr || isa_from_name(name)) return {};
  std::string known;
  for (const Isa isa : kAll) known += (known.empty() ? "" : ", ") + std::string(to_string(isa));
  return Error{ErrorCode::invalid_argument, "CONTINUO_ISA: unknown instruction set '" +
                                                std::string(name).substr(0, 40) + "' (known: " + known + ")"};
}

Isa active_isa() { return current().load(std::memory_order_acquire)->isa; }
std::string_view isa_name() { return to_string(active_isa()); }

bool use_isa(Isa isa) {
  const Choice* choice = choice_of(isa);
  if (choice == nullptr) return false;
  current().store(choice, std::memory_order_release);
  return true;
}

const KernelTable& kernels_in_use() noexcept { return *current().load(std::memory_order_acquire)->table; }

}  // namespace continuo::kernels
