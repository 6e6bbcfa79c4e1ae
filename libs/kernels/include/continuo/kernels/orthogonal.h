#pragma once

#include <array>
#include <cstddef>

// The step of the optimiser Muon: a gradient matrix becomes the nearest matrix whose singular values are all about 1.
// Number, float or Bf16, is what the products are computed in.
namespace continuo::kernels {

// x -> a x + b x^3 + c x^5 for each singular value x. Each polynomial is the one that comes nearest to 1 over the whole
// range in which the one before it leaves the values, the first over 0.003 to 1; ranges are taken 0.5 % wider, for
// rounding. So four of them do what five equal ones did less evenly ([0.65, 1.25]).
// Source: Amsel et al., "The Polar Express", 2025, whose ranges are others.
struct Quintic {
  float a, b, c;
};
inline constexpr std::array<Quintic, 4> kOrthogonalSteps = {{{8.3432F, -24.4031F, 17.9089F},
                                                             {4.0278F, -2.9705F, 0.5561F},
                                                             {3.5071F, -2.6040F, 0.5154F},
                                                             {2.5099F, -1.8399F, 0.4323F}}};

// Bytes of memory that orthogonalise() needs for a matrix [rows, columns].
template <typename Number>
std::size_t orthogonal_memory(std::size_t rows, std::size_t columns);

// Replaces the matrix U S V^T by U f(S) V^T, where f takes singular values of 0.003 to 1 times the Frobenius norm to
// [0.79, 1.21], smaller ones to less, and 0 to 0. The result does not depend on the matrix's scale; a matrix of zeros
// stays zero. Four quintic polynomials; in bf16 they take values to within 0.3 of 1.
// Source: Jordan et al., "Muon: An optimizer for hidden layers in neural networks", 2024, whose five are all alike;
// Amsel et al., "The Polar Express", 2025.
// Shape: matrix [rows, columns] row-major. Requires: finite numbers; orthogonal_memory() bytes, aligned to 64.
//
// One call is one thread's work; an optimiser shares its matrices among threads.
template <typename Number>
void orthogonalise(std::size_t rows, std::size_t columns, float* matrix, std::byte* memory);

// One step of Muon for one matrix, with Nesterov momentum and decoupled weight decay:
//   m = momentum m + (1 - momentum) g;  w = decay w - step_size orthogonalised(momentum m + (1 - momentum) g)
struct MuonFactors {
  float momentum = 0.95F;
  float decay = 1;      // that values are multiplied by: 1 - learning rate * weight decay
  float step_size = 0;  // learning rate, times what its shape asks for
};
struct MuonState {
  std::size_t rows = 0, columns = 0;
  float *values, *momentum;  // [rows, columns]
  const float* gradient;     // [rows, columns]
};
// The first of both alone, where the values are moved elsewhere.
void muon_momentum(const MuonState& state, const MuonFactors& factors);
// Requires: memory of muon_memory(), aligned to 64 bytes.
template <typename Number>
void muon(const MuonState& state, const MuonFactors& factors, std::byte* memory);
template <typename Number>
std::size_t muon_memory(std::size_t rows, std::size_t columns);

}  // namespace continuo::kernels
