#pragma once

// For sources that Highway compiles once for each instruction set: which ones, and how to find what was compiled.
//
//   #undef HWY_TARGET_INCLUDE
//   #define HWY_TARGET_INCLUDE "this_file.cpp"
//   #include "isa/simd_targets.h"            chooses the targets
//   #include <hwy/foreach_target.h>
//   ... namespace continuo::kernels::HWY_NAMESPACE { constexpr Table kTable = {...}; }
//   #if HWY_ONCE
//   const Table* table(Isa isa) { CONTINUO_RETURN_SIMD_TABLE(isa, kTable); return nullptr; }
//   #endif

#define HWY_DISABLED_TARGETS (HWY_SSSE3 | HWY_AVX3_DL | HWY_SVE | HWY_SVE2 | HWY_SVE_256 | HWY_SVE2_128 | HWY_RVV)
#include <hwy/targets.h>

// Whether the target that is being compiled has vectors: the plain one is done without Highway.
#define CONTINUO_IS_SIMD_TARGET (HWY_TARGET != HWY_SCALAR && HWY_TARGET != HWY_EMU128)

#include "continuo/kernels/isa.h"

#include "isa/cpu_features.h"

#if HWY_TARGETS & HWY_AVX3
#define CONTINUO_RETURN_AVX3(isa, name) \
  if (((isa) == Isa::kAvx512 || (isa) == Isa::kAvx512Bf16 || (isa) == Isa::kAmx) && runs_avx3()) return &N_AVX3::name
#else
#define CONTINUO_RETURN_AVX3(isa, name) static_cast<void>(isa)
#endif
#if HWY_TARGETS & HWY_AVX2
#define CONTINUO_RETURN_AVX2(isa, name) \
  if ((isa) == Isa::kAvx2 && runs_avx2()) return &N_AVX2::name
#else
#define CONTINUO_RETURN_AVX2(isa, name) static_cast<void>(isa)
#endif
#if HWY_TARGETS & HWY_SSE4
#define CONTINUO_RETURN_SSE4(isa, name) \
  if ((isa) == Isa::kSse4 && runs_sse4()) return &N_SSE4::name
#else
#define CONTINUO_RETURN_SSE4(isa, name) static_cast<void>(isa)
#endif
#if HWY_TARGETS & HWY_NEON
#define CONTINUO_RETURN_NEON(isa, name) \
  if ((isa) == Isa::kNeon) return &N_NEON::name
#else
#define CONTINUO_RETURN_NEON(isa, name) static_cast<void>(isa)
#endif

// Returns a pointer to `name` of the namespace of `isa`, where this build has it and this CPU runs it.
#define CONTINUO_RETURN_SIMD_TABLE(isa, name) \
  CONTINUO_RETURN_AVX3(isa, name);            \
  CONTINUO_RETURN_AVX2(isa, name);            \
  CONTINUO_RETURN_SSE4(isa, name);            \
  CONTINUO_RETURN_NEON(isa, name)

// Defines `find` for both types of numbers, where `name` is a template of tables: what kernels of floats and of bf16
// need.
#define CONTINUO_SIMD_TABLES_OF_NUMBERS(Table, find, name) \
  template <>                                              \
  const Table<float>* find<float>(Isa isa) {               \
    CONTINUO_RETURN_SIMD_TABLE(isa, name<float>);          \
    return nullptr;                                        \
  }                                                        \
  template <>                                              \
  const Table<Bf16>* find<Bf16>(Isa isa) {                 \
    CONTINUO_RETURN_SIMD_TABLE(isa, name<Bf16>);           \
    return nullptr;                                        \
  }
