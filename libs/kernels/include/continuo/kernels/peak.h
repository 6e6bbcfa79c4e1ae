#pragma once

#include <cstddef>
#include <span>

namespace continuo::kernels {

// What one thread reaches with all operands in registers, measured now: the bound that kernels are held against.
// Takes some milliseconds, in `bursts` of about one each; the best burst counts, since other programs only ever slow it
// down.
// Units: floating-point operations per second, of which a multiply-add is two.
double fp32_peak(std::size_t bursts = 5);
// By the instruction set in use: AMX tiles, AVX-512 pairs, or fp32 with bf16 widened in registers.
double bf16_peak(std::size_t bursts = 5);

// Reads numbers as fast as memory gives them: what a product with one row is held against. Returns about their sum; a
// few at the end may be left out.
float read_numbers(std::span<const float> numbers);

// Whether the instruction set in use computes bf16 products so much faster that their rounding is worth it.
bool prefers_bf16();

}  // namespace continuo::kernels
