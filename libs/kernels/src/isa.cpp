#include "continuo/kernels/isa.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <cstdlib>

#include "kernel_table.h"

namespace continuo::kernels {
namespace {

constexpr std::array<Isa, 5> kAll = {Isa::kScalar, Isa::kSse4, Isa::kNeon, Isa::kAvx2, Isa::kAvx512};

const KernelTable* table_of(Isa isa) { return isa == Isa::kScalar ? &scalar_table() : simd_table(isa); }

const KernelTable* first_choice() {
  if (const char* name = std::getenv("CONTINUO_ISA")) {
    const auto isa = isa_from_name(name);
    const KernelTable* table = isa ? table_of(*isa) : nullptr;
    if (table != nullptr) return table;
  }
  return table_of(available_isas().back());
}

std::atomic<const KernelTable*>& current() {
  static std::atomic<const KernelTable*> table{first_choice()};
  return table;
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
    if (table_of(isa) != nullptr) available.push_back(isa);
  }
  return available;
}

Isa active_isa() { return kernels_in_use().isa; }
std::string_view isa_name() { return to_string(active_isa()); }

bool use_isa(Isa isa) {
  const KernelTable* table = table_of(isa);
  if (table == nullptr) return false;
  current().store(table, std::memory_order_release);
  return true;
}

const KernelTable& kernels_in_use() noexcept { return *current().load(std::memory_order_acquire); }

}  // namespace continuo::kernels
