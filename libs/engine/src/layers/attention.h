#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "continuo/checkpoint/model_config.h"
#include "continuo/engine/model.h"
#include "continuo/kernels/aligned_floats.h"
#include "continuo/kernels/packed_linear.h"
#include "continuo/kernels/rotary.h"

#include "layers/kv_cache.h"
#include "layers/projection.h"

namespace continuo::engine {

// What all attention layers of a model share.
struct AttentionConfig {
  explicit AttentionConfig(const checkpoint::ModelConfig& model);

  std::size_t width;     // d_model
  std::size_t heads;     // of queries
  std::size_t kv_heads;  // of keys and values: each serves a group of heads / kv_heads heads
  std::size_t head_width;
  std::size_t head_stride;                     // head_width, rounded up to whole panels
  bool causal;                                 // else bidirectional
  std::size_t window;                          // positions that a query attends to, its own included; 0: all
  std::size_t distances = 0;                   // that have keys of their own; relative positions only
  std::size_t distances_ahead = 0;             // of those, how many are of keys after the query
  std::optional<kernels::RotaryTable> rotary;  // rotary positions only, of a context: not where there is a memory
  bool qk_norm;                                // queries and keys are normalised head by head
  float norm_epsilon;

  // Positions before its own that a query attends to, where there is a window.
  std::size_t remembered() const { return window == 0 ? 0 : window - 1; }
  // A group has its queries, keys and values side by side, each a vector of head_width numbers in head_stride columns.
  std::size_t heads_per_group() const { return heads / kv_heads; }
  std::size_t vectors_per_group() const { return heads_per_group() + 2; }
  std::size_t group_width() const { return vectors_per_group() * head_stride; }
  std::size_t qkv_width() const { return kv_heads * group_width(); }
  // The file's row of qkv that is the first of this vector.
  std::size_t row_in_file(std::size_t group, std::size_t vector) const;
};

struct AttentionLayer {
  // Rows group by group, each as queries, keys, values of head_stride rows, so that a thread that owns groups owns
  // whole panels.
  kernels::PackedMatrix qkv;
  // Scales of the norms of each head's queries and keys, [head_width]; empty where there are none.
  std::vector<float> query_scale, key_scale;
  kernels::PackedMatrix distances;  // rows head by head, each padded to whole panels; relative positions only
  kernels::PackedMatrix proj;

  std::size_t bytes() const { return qkv.bytes() + proj.bytes(); }
};

// Errors: by the reader's status().
AttentionLayer read_attention(WeightReader& reader, const std::string& name, const AttentionConfig& config);

// Neighbouring tokens of one sequence.
struct Segment {
  Input input;
  std::size_t first = 0;     // position of the first token; the cache has room for it and what follows
  KvCache* cache = nullptr;  // of all layers, or of one: the only one, or one that serves them in turn
};

// What attention over up to `rows` tokens, `capacity` positions and with up to `threads` threads needs to remember.
struct AttentionMemory {
  AttentionMemory(const AttentionConfig& config, std::size_t rows, std::size_t capacity, int threads);
  // What depends on the positions of a pass, for all of its layers.
  void begin_pass(std::span<const Segment> segments) noexcept;

  kernels::AlignedFloats qkv;    // [rows, qkv_width()]
  kernels::AlignedFloats mixed;  // [rows, width] values that attention has weighted
  std::size_t scores_stride;
  kernels::AlignedFloats scores;  // [threads, scores_stride]
  // With rotary positions and a window: of each row of the pass, since its position may be any number.
  std::optional<kernels::RotaryTable> rotary;
};

// Attention of one layer, without the projection that follows.
class AttentionPass {
 public:
  AttentionPass(const AttentionConfig& config, AttentionMemory& memory, PreparedInput& prepared, const Workers& workers)
      : config_(config), memory_(memory), prepared_(prepared), workers_(workers) {}

  // Appends the values of all tokens and their keys, normalised and rotated where the model does that, to their caches.
  // Shape: input [rows, width], the segments' tokens one after the other; returns [rows, width], valid until the next
  // call.
  kernels::Matrix<const float> run(const AttentionLayer& layer, std::size_t index, kernels::Matrix<const float> input,
                                   std::size_t rows, std::span<const Segment> segments) const noexcept;

 private:
  // A group of heads of a layer, and the first row of a segment.
  struct Place {
    std::size_t layer, group, row;
  };
  void attend_group(const AttentionLayer& layer, const Place& at, const Segment& segment, int worker) const noexcept;
  void attend_head(const AttentionLayer& layer, const Place& at, std::size_t query, const Segment& segment,
                   const kernels::HeadCache& cache, int worker) const noexcept;
  kernels::Matrix<float> vectors(const Place& at, std::size_t vector) const noexcept;
  // Queries or keys of one head, of a segment that begins at `row`: normalised and rotated where the model does that.
  void prepare(kernels::Matrix<float> vectors, std::span<const float> scale, const Segment& segment,
               std::size_t row) const noexcept;

  const AttentionConfig& config_;
  AttentionMemory& memory_;
  PreparedInput& prepared_;
  const Workers& workers_;
};

}  // namespace continuo::engine
