#pragma once

#include <cstdint>
#include <span>

#include "continuo/checkpoint/model_config.h"
#include "continuo/checkpoint/tensor_names.h"

namespace continuo::neural {

// Fills one tensor of a new model; each tensor has a random stream of its own, named by its index in tensor_specs.
//   Transformer: normal(0, 0.02), projections into the residual stream divided by sqrt(2 n_layers), norms 1, biases 0.
//   Source: Radford et al., "Language Models are Unsupervised Multitask Learners", 2019, section 2.3.
//   Recurrent: uniform within 1/sqrt(d_model), input weights sqrt(3) times that, so that layers hand signals on at
//   their own size: a stack then learns about as fast as one layer. Biases 0 except 1 for the forget gate of the LSTM.
//   Source: Jozefowicz et al., "An Empirical Exploration of Recurrent Network Architectures", 2015.
void fill_initial(const checkpoint::ModelConfig& config, const checkpoint::TensorSpec& spec, std::uint64_t seed,
                  std::uint64_t index, std::span<float> out);

// Adds normal(0, spread) noise.
void add_noise(double spread, std::uint64_t seed, std::span<float> values);

}  // namespace continuo::neural
