#pragma once

#include <string>
#include <string_view>

#include "continuo/base/result.h"

// What networks are computed on. Includes no header of libtorch.
namespace continuo::neural {

inline constexpr std::string_view kCpu = "cpu";

// Whether a text is a wish that find_device() knows: auto, cpu, cuda or cuda:N.
bool names_device(std::string_view text);

// The device that is wished for, as "cpu" or "cuda:N". auto: the first of CUDA, where there is one, else the CPU.
// Errors: invalid_argument (no such name; fewer devices of CUDA than that); unsupported (this libtorch knows none of
// them, or finds none).
Result<std::string> find_device(std::string_view wish);

}  // namespace continuo::neural
