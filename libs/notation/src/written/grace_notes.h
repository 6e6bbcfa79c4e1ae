#pragma once

#include "score.h"

// Grace notes have no duration of their own: they take the beginning of the note that they lead to, or the end of the
// note that they follow.
namespace continuo::notation::written {

// Puts the grace notes of a measure between its notes, as abc.h and musicxml.h say. A note that they lead to begins
// later (Note::delay), one that they follow ends sooner unless it is tied on. Rounded to 1/480 of a quarter.
void place_grace_notes(Measure& measure, Units quarter);

}  // namespace continuo::notation::written
