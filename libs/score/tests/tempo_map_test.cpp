#include "continuo/score/tempo_map.h"

#include <gtest/gtest.h>

#include "continuo/base/rng.h"

namespace continuo::score {
namespace {

TEST(TempoMap, At_BeforeTheFirstChangeIs120) {
  const TempoMap map(480, {{Ticks(960), 1000000}});
  EXPECT_DOUBLE_EQ(map.at(Ticks(0)).quarters_per_minute(), 120.0);
  EXPECT_DOUBLE_EQ(map.at(Ticks(959)).quarters_per_minute(), 120.0);
  EXPECT_DOUBLE_EQ(map.at(Ticks(960)).quarters_per_minute(), 60.0);
}

TEST(TempoMap, TicksToSeconds_CrossesTempoChange) {
  const TempoMap map(480, {{Ticks(0), 500000}, {Ticks(960), 1000000}, {Ticks(1440), 250000}});
  EXPECT_DOUBLE_EQ(map.to_seconds(Ticks(480)).value, 0.5);
  EXPECT_DOUBLE_EQ(map.to_seconds(Ticks(960)).value, 1.0);
  EXPECT_DOUBLE_EQ(map.to_seconds(Ticks(1440)).value, 2.0);
  EXPECT_DOUBLE_EQ(map.to_seconds(Ticks(1920)).value, 2.25);
}

TEST(TempoMap, SecondsToTicks_CrossesTempoChange) {
  const TempoMap map(480, {{Ticks(960), 1000000}});
  EXPECT_EQ(map.to_ticks(Seconds(0.5)), Ticks(480));
  EXPECT_EQ(map.to_ticks(Seconds(1.5)), Ticks(1200));
  EXPECT_EQ(map.to_ticks(Seconds(1.5009)), Ticks(1200));
  EXPECT_EQ(map.to_ticks(Seconds(1.5011)), Ticks(1201));
}

TEST(TempoMap, Constructor_SortsAndKeepsTheLastOfOneTick) {
  const TempoMap map(480, {{Ticks(100), 300000}, {Ticks(0), 400000}, {Ticks(200), 500000}, {Ticks(100), 200000}});
  ASSERT_EQ(map.changes().size(), 3U);
  EXPECT_EQ(map.changes()[0].microseconds_per_quarter, 400000);
  EXPECT_EQ(map.changes()[1].microseconds_per_quarter, 200000);
  EXPECT_EQ(map, TempoMap(480, {{Ticks(0), 400000}, {Ticks(100), 200000}, {Ticks(200), 500000}}));
}

TEST(TempoMap, SecondsToTicks_InvertsTicksToSeconds) {
  Rng rng(7);
  for (const std::int32_t ticks_per_quarter : {1, 96, 384, 480, 960, 24576, 32767}) {
    std::vector<Tempo> changes;
    for (int i = 0; i < 50; ++i) {
      changes.push_back({Ticks(static_cast<std::int64_t>(rng.below(1000000))),
                         static_cast<std::int32_t>(50000 + rng.below(1500000))});
    }
    const TempoMap map(ticks_per_quarter, changes);
    for (std::int64_t i = 0; i < 5000; ++i) {
      const Ticks t(static_cast<std::int64_t>(rng.below(2000000)));
      ASSERT_EQ(map.to_ticks(map.to_seconds(t)), t) << "ticks_per_quarter " << ticks_per_quarter;
    }
    for (const Tempo& change : changes) ASSERT_EQ(map.to_ticks(map.to_seconds(change.onset)), change.onset);
  }
}

TEST(TempoMap, TicksToSeconds_DoesNotDriftOverManyChanges) {
  std::vector<Tempo> changes;
  for (std::int64_t i = 0; i < 300000; ++i) changes.push_back({Ticks(i * 7), i % 2 == 0 ? 333333 : 666667});
  const TempoMap map(480, changes);
  EXPECT_DOUBLE_EQ(map.to_seconds(Ticks(300000 * 7)).value, 300000.0 * 7 * 0.5 / 480);
}

TEST(TempoMap, EnormousTimesStayInRange) {
  const TempoMap map(1, {{Ticks(0), 16777215}});
  const Ticks last(std::int64_t{1} << 60);
  EXPECT_GT(map.to_seconds(last).value, 1e18);
  EXPECT_LE(map.to_ticks(Seconds(1e300)), last);
}

TEST(TempoMap, At_FindsTheLastChangeNotAfterTheTime) {
  const std::vector<Tempo> changes = {{Ticks(10), 100000}, {Ticks(20), 200000}, {Ticks(30), 300000}};
  const TempoMap map(480, changes);
  for (std::int64_t time = 0; time < 50; ++time) {
    std::int32_t expected = 500000;
    for (const Tempo& change : changes) {
      if (change.onset.value <= time) expected = change.microseconds_per_quarter;
    }
    EXPECT_EQ(map.at(Ticks(time)).microseconds_per_quarter, expected) << time;
  }
}

}  // namespace
}  // namespace continuo::score
