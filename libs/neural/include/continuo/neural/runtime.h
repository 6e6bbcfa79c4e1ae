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
  std::string device = "cpu";              // as of find_device()
  Precision precision = Precision::kFp32;  // never kAuto
  std::string isa;                         // of the kernels
  std::string warning;                     // one line, or empty
};

// Threads that training runs on unless told otherwise: one for each core of the process.
int default_threads();

struct RuntimeOptions {
  int threads = 1;  // Range: from 1
  Precision precision = Precision::kAuto;
  bool fused = true;           // the threads are for the project's kernels, else for libtorch's functions
  std::string device = "cpu";  // as of find_device(); not the CPU: nothing is fused
};

// Starts the threads; keeps freed tensors for the next ones of their size, on huge pages (glibc would return every
// large one to the system and fault it in again at each step); and chooses what kAuto stands for by how fast the device
// multiplies both types, which takes some milliseconds. To be called once, before other work.
Runtime prepare_runtime(const RuntimeOptions& options);

// The file of the BLAS library that this process has loaded; empty where unknown.
std::string loaded_blas();

}  // namespace continuo::neural
