#include "continuo/engine/model.h"
#include "continuo/score/score.h"  // the engine knows tokens, not notes
