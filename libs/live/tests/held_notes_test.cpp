#include "continuo/live/held_notes.h"

#include <gtest/gtest.h>

namespace continuo::live {
namespace {

TEST(HeldNotes, NothingIsHeldAtFirst) {
  EXPECT_TRUE(HeldNotes().empty());
  EXPECT_TRUE(HeldNotes().release().empty());
}

TEST(HeldNotes, EndsWhatSounds) {
  HeldNotes held;
  held.watch(Message::note_on(0, 60, 80));
  held.watch(Message::note_on(3, 64, 80));
  held.watch(Message::note_off(0, 60));
  EXPECT_EQ(held.release(), std::vector{Message::note_off(3, 64)});
}

TEST(HeldNotes, AVelocityOfZeroEndsANote) {
  HeldNotes held;
  held.watch(Message::note_on(0, 60, 80));
  held.watch(Message::note_on(0, 60, 0));
  EXPECT_TRUE(held.empty());
}

TEST(HeldNotes, AKeyStruckTwiceEndsTwice) {
  HeldNotes held;
  held.watch(Message::note_on(0, 60, 80));
  held.watch(Message::note_on(0, 60, 80));
  EXPECT_EQ(held.release(), (std::vector{Message::note_off(0, 60), Message::note_off(0, 60)}));
}

TEST(HeldNotes, LiftsPedalsAndCentresBends) {
  HeldNotes held;
  held.watch(Message::control(1, 64, 100));
  held.watch(Message::bend(1, 9000));
  EXPECT_EQ(held.release(), (std::vector{Message::control(1, 64, 0), Message::bend(1, 8192)}));
  for (const Message& message : held.release()) held.watch(message);
  EXPECT_TRUE(held.empty());
}

}  // namespace
}  // namespace continuo::live
