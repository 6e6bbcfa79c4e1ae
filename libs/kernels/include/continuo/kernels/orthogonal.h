#pragma once

#include <cstddef>

// The step of the optimiser Muon: a gradient matrix becomes the nearest matrix whose singular values are all about 1.
// Number, float or Bf16, is what the products are computed in.
namespace continuo::kernels {

// Bytes of memory that orthogonalise() needs for a matrix [rows, columns].
template <typename Number>
std::size_t orthogonal_memory(std::size_t rows, std::size_t columns);

// Replaces the matrix U S V^T by U f(S) V^T, where f takes singular values of 0.003 to 1 times the Frobenius norm to
// [0.65, 1.25], smaller ones to less, and 0 to 0. The result does not depend on the matrix's scale; a matrix of zeros
// stays zero. Five steps of a quintic Newton-Schulz iteration.
// Source: Jordan et al., "Muon: An optimizer for hidden layers in neural networks", 2024.
// Shape: matrix [rows, columns] row-major. Requires: finite numbers; orthogonal_memory() bytes, aligned to 64.
//
// One call is one thread's work; an optimiser shares its matrices among threads.
template <typename Number>
void orthogonalise(std::size_t rows, std::size_t columns, float* matrix, std::byte* memory);

}  // namespace continuo::kernels
