#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "continuo/notation/abc.h"
#include "continuo/notation/musicxml.h"

#include "../src/written/repeats.h"
#include "musicxml_text.h"

// Random forms with repeats, endings and jumps. What they mean is not read from their signs but from the form itself: a
// plain player walks over sections, and the signs of ABC, of MusicXML and of Navigation have to say the same.
namespace continuo::notation {
namespace {

using Order = std::vector<std::size_t>;

// A stretch of measures [begin, end), or a repeat: its body and then the endings, each with its passes.
struct Ending {
  std::vector<int> passes;
  std::size_t end = 0;
};
struct Stretch {
  std::size_t begin = 0, end = 0;  // of the body
  int passes = 1;
  std::vector<Ending> endings;
  std::size_t last() const { return endings.empty() ? end : endings.back().end; }
};

struct Form {
  std::vector<Stretch> stretches;
  std::size_t measures = 0;
  std::optional<std::size_t> jump_after;  // the stretch at whose end a jump is
  std::size_t target = 0;                 // the measure that it leads to
  bool is_dal_segno = false;
  std::optional<std::size_t> fine, to_coda;  // measures
  std::size_t coda = 0;                      // the stretch
};

class PlainPlayer {
 public:
  explicit PlainPlayer(const Form& form) : form_(form) {}

  Order play() {
    const std::size_t last = form_.jump_after ? *form_.jump_after + 1 : form_.stretches.size();
    for (std::size_t i = 0; i < last; ++i) play_all(form_.stretches[i]);
    if (form_.jump_after) play_again();
    return order_;
  }

 private:
  void play_all(const Stretch& stretch) {
    for (int pass = 1; pass <= stretch.passes; ++pass) {
      add(stretch.begin, stretch.end);
      play_ending(stretch, pass);
    }
  }

  void play_ending(const Stretch& stretch, int pass) {
    std::size_t begin = stretch.end;
    for (const Ending& ending : stretch.endings) {
      if (std::ranges::count(ending.passes, pass) > 0) add(begin, ending.end);
      begin = ending.end;
    }
  }

  // Once, from the target on, to the fine, over to the coda, or to the jump.
  void play_again() {
    for (std::size_t i = 0; i <= *form_.jump_after && !is_over_; ++i) {
      const Stretch& stretch = form_.stretches[i];
      if (stretch.last() <= form_.target) continue;
      is_again_ = true;
      add(std::max(stretch.begin, form_.target), stretch.end);
      if (!stretch.endings.empty()) play_ending(stretch, pass_of_goal(stretch));
    }
    if (!form_.to_coda) return;
    is_over_ = is_again_ = false;
    for (std::size_t i = form_.coda; i < form_.stretches.size(); ++i) play_all(form_.stretches[i]);
  }

  int pass_of_goal(const Stretch& stretch) const {
    std::size_t begin = stretch.end;
    for (const Ending& ending : stretch.endings) {
      for (const auto& goal : {form_.fine, form_.to_coda})
        if (goal && *goal >= begin && *goal < ending.end) return ending.passes.front();
      begin = ending.end;
    }
    return stretch.passes;
  }

  void add(std::size_t begin, std::size_t end) {
    for (std::size_t measure = begin; measure < end && !is_over_; ++measure) {
      order_.push_back(measure);
      is_over_ = is_again_ && (form_.fine == measure || form_.to_coda == measure);
    }
  }

  const Form& form_;
  Order order_;
  bool is_again_ = false, is_over_ = false;
};

Stretch any_stretch(std::size_t begin) {
  Stretch stretch{.begin = begin, .end = begin + *rc::gen::inRange<std::size_t>(1, 4)};
  if (*rc::gen::arbitrary<bool>()) return stretch;
  stretch.passes = *rc::gen::inRange(2, 5);
  const int endings = *rc::gen::inRange(0, 4);
  if (endings < 2) return stretch;
  // The first passes go to one ending each, the last one to the last; the others to any.
  stretch.passes = std::max(stretch.passes, endings);
  stretch.endings.resize(static_cast<std::size_t>(endings));
  for (int pass = 1; pass <= stretch.passes; ++pass) {
    const bool is_last = pass == stretch.passes;
    const int ending = is_last ? endings - 1 : pass < endings ? pass - 1 : *rc::gen::inRange(0, endings);
    stretch.endings[static_cast<std::size_t>(ending)].passes.push_back(pass);
  }
  std::size_t end = stretch.end;
  for (Ending& ending : stretch.endings) ending.end = end += *rc::gen::inRange<std::size_t>(1, 3);
  return stretch;
}

Form any_form() {
  Form form;
  const auto count = *rc::gen::inRange<std::size_t>(1, 6);
  for (std::size_t i = 0; i < count; ++i) {
    form.stretches.push_back(any_stretch(form.measures));
    form.measures = form.stretches.back().last();
  }
  if (*rc::gen::inRange(0, 4) == 0) return form;
  const bool has_coda = count > 1 && *rc::gen::arbitrary<bool>();
  form.jump_after = *rc::gen::inRange<std::size_t>(0, has_coda ? count - 1 : count);
  form.is_dal_segno = *rc::gen::arbitrary<bool>();
  const std::size_t jump_end = form.stretches[*form.jump_after].last();
  if (form.is_dal_segno) form.target = form.stretches[*rc::gen::inRange<std::size_t>(0, *form.jump_after + 1)].begin;
  const auto goal = *rc::gen::inRange<std::size_t>(form.target, jump_end);
  if (has_coda) {
    form.coda = *form.jump_after + 1;
    form.to_coda = goal;
  } else if (*rc::gen::arbitrary<bool>()) {
    form.fine = goal;
  }
  return form;
}

std::vector<Navigation> signs_of(const Form& form) {
  std::vector<Navigation> signs(form.measures);
  for (const Stretch& stretch : form.stretches) {
    if (stretch.passes == 1) continue;
    signs[stretch.begin].starts_repeat = true;
    if (stretch.endings.empty()) signs[stretch.end - 1].passes = stretch.passes;
    std::size_t begin = stretch.end;
    for (const Ending& ending : stretch.endings) {
      signs[begin].endings = ending.passes;
      const bool leads_back = ending.passes.front() < stretch.passes;
      if (leads_back || &ending != &stretch.endings.back()) signs[ending.end - 1].passes = 2;
      begin = ending.end;
    }
    signs[stretch.last() - 1].ends_section = true;
  }
  for (Navigation& sign : signs) sign.ends_section |= sign.passes > 0;
  if (!form.jump_after) return signs;
  const std::size_t jump = form.stretches[*form.jump_after].last() - 1;
  (form.is_dal_segno ? signs[jump].dal_segno : signs[jump].da_capo) = true;
  if (form.is_dal_segno) signs[form.target].segno = true;
  if (form.fine) signs[*form.fine].fine = true;
  if (form.to_coda) signs[*form.to_coda].to_coda = true;
  if (form.to_coda) signs[form.stretches[form.coda].begin].coda = true;
  return signs;
}

std::string numbers(const std::vector<int>& passes) {
  std::string text;
  for (const int pass : passes) text += (text.empty() ? "" : ",") + std::to_string(pass);
  return text;
}

constexpr int kFirstPitch = 36;

// The letter and octave of the n-th white key above C2.
std::string abc_note(std::size_t n) {
  const char letter = "CDEFGAB"[n % 7];
  const std::size_t octave = n / 7;
  return octave < 2 ? letter + std::string(2 - octave, ',') : std::string(1, letter) + std::string(octave - 2, '\'');
}

std::string abc_of(const std::vector<Navigation>& signs) {
  std::string text = "X:1\nM:4/4\nL:1/1\nK:C\n";
  for (std::size_t i = 0; i < signs.size(); ++i) {
    const Navigation& sign = signs[i];
    const bool ends_before = i > 0 && signs[i - 1].ends_section && signs[i - 1].passes == 0;
    text += ends_before ? "||" : "|";
    if (sign.starts_repeat) text += ":";
    if (!sign.endings.empty()) text += "[" + numbers(sign.endings) + " ";
    if (sign.segno) text += "!segno!";
    if (sign.coda) text += "!coda!";
    text += abc_note(i);
    if (sign.to_coda) text += "!dacoda!";
    if (sign.fine) text += "!fine!";
    if (sign.da_capo) text += "!D.C.!";
    if (sign.dal_segno) text += "!D.S.!";
    if (sign.passes > 0) text += std::string(static_cast<std::size_t>(sign.passes - 1), ':');
  }
  return text + "|\n";
}

std::string musicxml_of(const std::vector<Navigation>& signs) {
  std::string text;
  const auto sound = [&](bool is_there, const char* attribute) {
    if (is_there) text += testing::sound(attribute);
  };
  for (std::size_t i = 0; i < signs.size(); ++i) {
    const Navigation& sign = signs[i];
    text += "<measure number=\"" + std::to_string(i + 1) + "\">";
    if (i == 0)
      text += "<attributes><divisions>1</divisions><time><beats>4</beats><beat-type>4</beat-type></time></attributes>";
    if (sign.starts_repeat) text += testing::kForward;
    if (!sign.endings.empty())
      text += testing::barline("<ending number=\"" + numbers(sign.endings) + "\" type=\"start\"/>");
    sound(sign.segno, "segno=\"s\"");
    sound(sign.coda, "coda=\"c\"");
    text += testing::note("CDEFGAB"[i % 7], static_cast<int>(2 + i / 7), 4);
    sound(sign.to_coda, "tocoda=\"c\"");
    sound(sign.fine, "fine=\"yes\"");
    sound(sign.da_capo, "dacapo=\"yes\"");
    sound(sign.dal_segno, "dalsegno=\"s\"");
    if (sign.passes > 0)
      text += testing::barline("<repeat direction=\"backward\" times=\"" + std::to_string(sign.passes) + "\"/>");
    else if (sign.ends_section)
      text += testing::barline("<ending number=\"1\" type=\"discontinue\"/>");
    text += "</measure>";
  }
  return testing::score_text(text);
}

// The measures that sound, by their pitches.
Order order_of(const score::Score& score) {
  constexpr int kWhite[7] = {0, 2, 4, 5, 7, 9, 11};
  Order order;
  for (const score::Note& note : score.tracks.at(0).notes) {
    const int above = note.pitch - kFirstPitch;
    const auto* step = std::ranges::find(kWhite, above % 12);
    order.push_back(static_cast<std::size_t>(7 * (above / 12) + (step - kWhite)));
  }
  return order;
}

TEST(PlayOrder, IsThatOfAPlainPlayer) {
  EXPECT_TRUE(rc::check([] {
    const Form form = any_form();
    RC_ASSERT(play_order(signs_of(form)) == PlainPlayer(form).play());
  }));
}

TEST(PlayOrder, OfAbcIsThatOfAPlainPlayer) {
  EXPECT_TRUE(rc::check([] {
    const Form form = any_form();
    const std::string text = abc_of(signs_of(form));
    RC_LOG() << text;
    const auto tunes = read_abc(text, {.strict = true});
    RC_ASSERT(tunes.ok());
    RC_ASSERT(order_of(tunes->front()) == PlainPlayer(form).play());
  }));
}

TEST(PlayOrder, OfMusicXmlIsThatOfAPlainPlayer) {
  EXPECT_TRUE(rc::check([] {
    const Form form = any_form();
    const std::string text = musicxml_of(signs_of(form));
    RC_LOG() << text;
    const auto sheet = read_musicxml(text);
    RC_ASSERT(sheet.ok());
    RC_ASSERT(order_of(sheet->score) == PlainPlayer(form).play());
  }));
}

}  // namespace
}  // namespace continuo::notation
