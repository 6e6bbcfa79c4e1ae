#pragma once

#include "continuo/base/progress.h"
#include "continuo/base/result.h"
#include "continuo/train/options.h"
#include "continuo/train/train_report.h"

namespace continuo::train {

// Trains a model on a data set according to `options`, and leaves in options.output
//   best.safetensors, last.safetensors   models that compose; best by validation
//   resume.safetensors                   weights, moments and position in one atomically written file
//   config.toml, metrics.csv, loss.png, samples/step-N.mid
// A stop request ends the run as a limit would, saved and without an error. A killed run continues from the last
// resume.safetensors. What a step does depends on (options, data, step) alone, never on time, so a resumed run repeats
// the losses of an uninterrupted one to the bit, at equal threads and precision. Only a run that is limited by minutes
// follows the clock, with its learning rate (see metrics.csv) as with its number of steps.
//
// With options.resume the stored options hold. Over them go the run's config.toml, as it may have been edited, and what
// the caller has asked for (is_asked()): the folder of the data, limits, patience, threads, and when to validate, save
// and sample. Anything else that differs from the run is refused. A caller's limits replace all of the run's.
// Errors: those of validate, TokenDataset::open and writing; empty (no training data); invalid_argument (the folder
// already contains a run; an option that a resumed run cannot change); not_found (nothing to resume); malformed,
// incompatible (a resume state that is broken or of other data); invalid_argument (the loss is no longer finite, naming
// the step; best.safetensors stays).
Result<TrainReport> train(const TrainOptions& options, Progress& progress);

}  // namespace continuo::train
