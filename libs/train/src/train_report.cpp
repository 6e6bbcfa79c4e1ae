#include "continuo/train/train_report.h"

namespace continuo::train {

std::string_view to_string(StoppedBy reason) {
  switch (reason) {
    case StoppedBy::kCompleted:
      return "completed";
    case StoppedBy::kTimeLimit:
      return "time limit";
    case StoppedBy::kNoImprovement:
      return "no improvement";
    case StoppedBy::kInterrupted:
      break;
  }
  return "interrupted";
}

}  // namespace continuo::train
