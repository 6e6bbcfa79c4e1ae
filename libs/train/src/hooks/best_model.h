#pragma once

#include <cstdint>
#include <optional>

#include "hooks/hook.h"
#include "hooks/run_model.h"
#include "hooks/validation.h"
#include "state/run_state.h"

namespace continuo::train {

// Gives best.safetensors its final figure. Validations on the way measure few tokens, so at the end the best model is
// measured again, over the whole validation split or as much of it as a tenth of the run's time (at least 10 s) allows;
// a note reports if it was not all. Without validation pieces the last model becomes the best one.
class BestModel final : public Hook {
 public:
  BestModel(RunState& state, RunModel& model, const Validation& validation)
      : state_(state), model_(model), validation_(validation) {}

  // Of a resumed run: a process that was killed may have found a better model than its last saved state knows of.
  void restore();
  Status close(StoppedBy reason) override;
  std::optional<double> closing_sec() const override;

 private:
  // What measuring is going to do.
  struct Measurement {
    bool wanted = false;            // more than the validations on the way measured
    std::uint64_t most_tokens = 0;  // 0: all
    double seconds = 0;             // expected; 0: not known
  };
  Measurement planned() const;
  Status measure();

  RunState& state_;
  RunModel& model_;
  const Validation& validation_;
};

}  // namespace continuo::train
