#pragma once

#include <torch/types.h>
#include <torch/version.h>

namespace continuo::neural {

// A device for tests whose tensors are not host memory: their addresses lie in pages that nobody may read or write, so
// whatever takes them for host memory ends the process. Numbers go there and come back by copies alone, and each
// operation copies its inputs to the CPU, is done there, and copies its results back. It shows that a network, an
// optimiser or a run are right on any device; nothing of its speed.
torch::Device far_device();

// Whether this libtorch can train on it. Newer ones ask CUDA for the streams of such a device, which fails without a
// GPU, and have no recurrent layers for it.
inline constexpr bool kTrainsFarAway = TORCH_VERSION_MAJOR < 2;

}  // namespace continuo::neural
