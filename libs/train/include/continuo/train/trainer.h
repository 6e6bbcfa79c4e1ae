#pragma once

#include <optional>

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
//
// Several processes that torchrun, mpirun or srun has started, on one host or on many, train one model together: they
// share the windows of each batch, so with equal options the losses are those of one process but for rounding (and for
// dropout, which is drawn for the windows of each). The first one leads: it alone needs the output folder, reads the
// clock and the user's wishes, and writes; the others need the data set, at options.data, and have nothing to report.
// Where one of them ends or does not answer for 10 s, all end. Errors: io (another process is lost or never came);
// invalid_argument (a batch of fewer windows than processes; a model with a memory; a variable of the environment);
// unsupported (built without gloo).
Result<TrainReport> train(const TrainOptions& options, Progress& progress);

// Of several processes that train together the number of this one; empty where it is alone. A variable of the
// environment that is wrong is left to train() to report.
std::optional<int> rank_among_processes();

}  // namespace continuo::train
