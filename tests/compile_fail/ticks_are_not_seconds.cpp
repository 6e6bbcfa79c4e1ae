#include "continuo/score/time.h"

auto mixed = continuo::score::Ticks(480) + continuo::score::Seconds(1.5);
