#include "continuo/neural/runtime.h"

#include <filesystem>
#include <fstream>

#include <torch/torch.h>

#include "continuo/base/platform/platform.h"
#include "continuo/kernels/isa.h"
#include "continuo/kernels/peak.h"
#include "continuo/neural/parallel.h"

#include "runtime/caching_allocator.h"

#if defined(__GLIBC__)
#include <malloc.h>
#endif

namespace continuo::neural {
namespace {

// What is not a tensor. glibc would return large freed blocks to the system and fault them in again at each step.
void keep_freed_memory() {
#if defined(__GLIBC__)
  constexpr int kNever = 2147483647;
  mallopt(M_MMAP_THRESHOLD, kNever);
  mallopt(M_TRIM_THRESHOLD, kNever);
  mallopt(M_TOP_PAD, 64 << 20);
#endif
}

// Of the reference BLAS the file is .../blas/libblas.so.3.x, of OpenBLAS and others .../openblas-*/ or another name.
bool is_reference_blas(const std::string& file) {
  return file.find("libblas.so") != std::string::npos && file.find("openblas") == std::string::npos &&
         file.find("atlas") == std::string::npos && file.find("blis") == std::string::npos &&
         file.find("mkl") == std::string::npos;
}

}  // namespace

int default_threads() { return platform::usable_processors(); }

std::string_view to_string(Precision precision) {
  switch (precision) {
    case Precision::kFp32:
      return "fp32";
    case Precision::kBf16:
      return "bf16";
    case Precision::kAuto:
      break;
  }
  return "auto";
}

Result<Precision> precision_from_string(std::string_view name) {
  for (const Precision precision : {Precision::kAuto, Precision::kFp32, Precision::kBf16}) {
    if (name == to_string(precision)) return precision;
  }
  return Error{ErrorCode::invalid_argument, "precision is auto, fp32 or bf16, not '" + std::string(name) + "'"};
}

std::string loaded_blas() {
  std::ifstream maps("/proc/self/maps");
  std::string line, fallback;
  while (std::getline(maps, line)) {
    const auto slash = line.find('/');
    if (slash == std::string::npos) continue;
    const std::string file = line.substr(slash);
    const std::string name = std::filesystem::path(file).filename().string();
    if (name.starts_with("libblas.so")) return file;
    if (name.starts_with("libopenblas") || name.starts_with("libmkl_rt")) fallback = file;
  }
  return fallback;
}

Runtime prepare_runtime(const RuntimeOptions& options) {
  keep_freed_memory();
  use_caching_allocator();
  // Where our kernels do the work, threads of libtorch's would only wait, by spinning on the processors that ours need.
  at::set_num_threads(options.fused ? 1 : options.threads);
  use_threads(options.fused ? options.threads : 1);
  Runtime runtime;
  runtime.threads = options.threads;
  runtime.precision = options.precision;
  if (options.precision == Precision::kAuto)
    runtime.precision = kernels::prefers_bf16() ? Precision::kBf16 : Precision::kFp32;
  runtime.isa = kernels::isa_name();
  if (is_reference_blas(loaded_blas())) {
    runtime.warning = "libtorch runs on the reference BLAS, which is some 20 times slower; install libopenblas0-openmp";
  }
  return runtime;
}

}  // namespace continuo::neural
