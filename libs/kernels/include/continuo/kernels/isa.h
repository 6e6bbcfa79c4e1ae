#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "continuo/base/result.h"

namespace continuo::kernels {

// The instruction sets that kernels exist for. kScalar is plain C++, the reference for all others. kAvx512Bf16 and kAmx
// are kAvx512 with another way to multiply bf16.
enum class Isa { kScalar, kSse4, kAvx2, kAvx512, kAvx512Bf16, kAmx, kNeon };

// "scalar", "sse4", "avx2", "avx512", "avx512_bf16", "amx", "neon"
std::string_view to_string(Isa isa);
std::optional<Isa> isa_from_name(std::string_view name);

// Those that this build has and this CPU runs, slowest first; never empty.
std::vector<Isa> available_isas();

// The one in use: at first what the environment variable CONTINUO_ISA names, if it is available, else the last of
// available_isas() whose products of bf16, measured when the program first asks, are worth their rounding.
Isa active_isa();
// For the start of a program: whether CONTINUO_ISA, if it is set, is the name of an instruction set. One that this CPU
// lacks is no error. Errors: invalid_argument, with the names that there are.
Status check_requested_isa();
std::string_view isa_name();

// Switches. False, and nothing changes, when it is not available. Results differ between instruction sets in
// the last bits. Requires: no kernel is running.
bool use_isa(Isa isa);

}  // namespace continuo::kernels
