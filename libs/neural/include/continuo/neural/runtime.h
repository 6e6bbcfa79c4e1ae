#pragma once

#include <string>
#include <string_view>

#include "continuo/base/result.h"

// How libtorch is set up on this machine. Includes no header of libtorch.
namespace continuo::neural {

// What matrix products are computed in. Master weights, losses, norms and the optimiser are fp32 always.
enum class Precision { kAuto, kFp32, kBf16 };
std::string_view to_string(Precision precision);  // "auto", "fp32", "bf16"
// Errors: invalid_argument, naming the choices.
Result<Precision> precision_from_string(std::string_view name);

// What was found at start-up, for the run's report.
struct Runtime {
  int threads = 1;
  Precision precision = Precision::kFp32;  // never kAuto
  double bf16_speed_up = 0;                // of a product of typical size over fp32; 0 when not measured
  std::string warning;                     // one line, or empty
};

// Sets the number of libtorch's threads, keeps freed memory in the process (glibc would otherwise return every large
// tensor and fault it in again at each step), and chooses what kAuto stands for by timing a product in both types,
// which takes some milliseconds. To be called once, before other work. Range: threads from 1.
Runtime prepare_runtime(int threads, Precision wanted);

// The file of the BLAS library that this process has loaded; empty where unknown.
std::string loaded_blas();

}  // namespace continuo::neural
