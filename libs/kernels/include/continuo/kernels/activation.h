#pragma once

namespace continuo::kernels {

// What a layer applies to each of its outputs. GELU is exact (erf), or by the tanh approximation; SiLU, also called
// Swish, is x sigmoid(x). Source: Hendrycks and Gimpel, "Gaussian Error Linear Units", 2016; Ramachandran, Zoph and Le,
// "Searching for Activation Functions", 2017. Squared ReLU is max(0, x)^2: So et al., "Primer", 2021.
enum class Activation { kNone, kGelu, kGeluTanh, kSilu, kRelu2 };

}  // namespace continuo::kernels
