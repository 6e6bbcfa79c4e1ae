#!/usr/bin/env python3
"""Compares our words with miditok's on real files, word by word.

usage: miditok_parity.py TOKEN_STRINGS CONTINUO DATA [--only NAME] [--configuration NAME] [--each N]
TOKEN_STRINGS is the program continuo_token_strings, CONTINUO the program, DATA the folder of data sets. Needs miditok 3.1
and symusic. We read the configuration from the file that miditok saves.

For every tokenisation and configuration: how many files of each set are equal, and why the others are not, as far as a
test of each reason tells (for time signatures: that the file is such); the rest with what differs first.

Notes that start in one tick of a file have no order in a Score, so miditok gets them by rising pitch. symusic 0.6 lets
the first pedal of a track begin at 0, so miditok gets the pedals that the controllers say. Without programs miditok
writes a sequence for each track, so both get a file of one track, that of most notes.
"""
import argparse
import collections
import pathlib
import subprocess
import tempfile
import warnings

warnings.filterwarnings("ignore")
import miditok  # noqa: E402
from miditok import TokenizerConfig  # noqa: E402
from symusic import Pedal, Score  # noqa: E402

SETS = {"maestro-v3.0.0": 60, "groove": 60, "pop909": 60, "freedoom": 40, "piano-midi-de": 40, "nottingham": 40}

# Each is a TokenizerConfig's arguments.
CONFIGURATIONS = {
    "default": {},
    "programs": dict(use_programs=True, use_tempos=True, remove_duplicated_notes=True),
    "full": dict(use_programs=True, use_tempos=True, use_key_signatures=True, use_chords=True, use_rests=True,
                 use_sustain_pedals=True, use_pitch_bends=True, num_velocities=16, num_tempos=64, log_tempos=True,
                 pitch_range=(0, 127), drums_pitch_range=(0, 127), beat_res={(0, 2): 12, (2, 4): 6, (4, 8): 3},
                 beat_res_rest={(0, 2): 4, (2, 12): 2}),
}

TOKENIZERS = {
    "remi_plus": ("REMI", {}),
    "tsd": ("TSD", {}),
    "midi_like": ("MIDILike", {}),
    "structured": ("Structured", {}),
    "cp_word": ("CPWord", {}),
    "octuple": ("Octuple", {}),
    "mumidi": ("MuMIDI", {}),
    "per_tok": ("PerTok", {"additional": {"ticks_per_quarter": 320, "use_microtiming": True,
                                          "max_microtiming_shift": 0.125, "num_microtiming_bins": 30}}),
    "mmm": ("MMM", {"additional": {"base_tokenizer": "TSD"}}),
}


def pedals_of(track):
    pedals, down = [], None
    for change in track.controls:
        if change.number == 64 and change.value >= 64 and down is None:
            down = change.time
        elif change.number == 64 and change.value < 64 and down is not None:
            pedals.append(Pedal(down, change.time - down))
            down = None
    if down is not None:
        end = max((n.time + n.duration for n in track.notes), default=down)
        pedals.append(Pedal(down, max(0, end - down)))
    return pedals


def their_words(tokenizer, score):
    for track in score.tracks:
        track.pedals = pedals_of(track)
        track.notes.sort(key=lambda n: (n.time, n.pitch, n.duration))
    sequences = tokenizer.encode(score)
    sequences = sequences if isinstance(sequences, list) else [sequences]
    words = [word for sequence in sequences for word in sequence.tokens]
    return [each for word in words for each in (word if isinstance(word, list) else [word])], len(sequences)


def files_of(data, each):
    for name, count in SETS.items():
        paths = sorted(p for p in (data / name).rglob("*") if p.suffix in (".mid", ".midi"))
        step = max(1, len(paths) // min(count, each))
        for path in paths[::step][:min(count, each)]:
            yield name, path


def first_difference(ours, theirs):
    for at, (a, b) in enumerate(zip(ours, theirs)):
        if a != b:
            return f"{b.split('_')[0]} became {a.split('_')[0]}", at
    return ("ours is longer" if len(ours) > len(theirs) else "ours is shorter"), min(len(ours), len(theirs))


def our_words(program, tokenizer_file, paths):
    lines = subprocess.run([program, tokenizer_file], input="\n".join(map(str, paths)), text=True, capture_output=True,
                           check=True).stdout.split("\n")
    return [line if line.startswith("!") else line.split() for line in lines[:len(paths)]]


def of_one_track(path, folder):
    """A file with the track of most notes alone, or the file itself where there is just one."""
    score = Score(path)
    if len(score.tracks) < 2:
        return path
    score.tracks = [max(score.tracks, key=lambda track: len(track.notes))]
    alone = pathlib.Path(folder, f"{len(list(pathlib.Path(folder).iterdir()))}-{path.stem}.mid")
    score.dump_midi(alone)
    return alone


class Comparison:
    """Of one tokenisation in one configuration."""

    def __init__(self, options, name, arguments, folder):
        kind, extra = TOKENIZERS[name]
        config = TokenizerConfig(**arguments)
        config.additional_params.update(extra.get("additional", {}))
        self.options, self.folder = options, folder
        self.tokenizer = getattr(miditok, kind)(config)
        self.file = f"{folder}/tokenizer.json"
        self.tokenizer.save(self.file)

    def ours(self, paths):
        return our_words(self.options.program, self.file, paths)

    def reason(self, path, ours, theirs):
        """Why the words differ: the first reason that, taken away, leaves equal words or the same words."""
        if isinstance(ours, str):
            return ours
        rewritten = f"{self.folder}/rewritten.mid"
        run = subprocess.run([self.options.continuo, "convert", path, rewritten], capture_output=True)
        if run.returncode == 0 and their_words(self.tokenizer, Score(rewritten))[0] == self.ours([rewritten])[0]:
            return "equal once we have written the file anew, with programs and pedals in the tracks of their notes"
        if sorted(ours) == sorted(theirs):
            return "the same words in another order"
        without = lambda words: [w for w in words if not w.startswith("Tempo_")]
        if without(ours) == without(theirs):
            return "tempo words stand elsewhere, all others are equal"
        meters = Score(path).time_signatures
        if not meters or meters[0].time > 0:
            return "no time signature at the start"
        if {meter.denominator for meter in meters} - {4}:
            return "time signatures of denominators other than 4"
        if len(meters) > 1:
            return "time signatures that change"
        return None


def compare(options, name, label, arguments, files):
    with tempfile.TemporaryDirectory() as folder, tempfile.TemporaryDirectory() as alone:
        comparison = Comparison(options, name, arguments, folder)
        if not arguments.get("use_programs") and name != "mmm":
            files = [(set_name, of_one_track(path, alone)) for set_name, path in files]
        counts = collections.defaultdict(lambda: [0, 0])
        reasons, examples = collections.Counter(), []
        for (set_name, path), ours in zip(files, comparison.ours([path for _, path in files])):
            counts[set_name][1] += 1
            try:
                theirs, _ = their_words(comparison.tokenizer, Score(path))
            except Exception as error:  # noqa: BLE001
                reasons[f"miditok fails: {type(error).__name__}: {error}"] += 1
                continue
            if ours == theirs or (isinstance(ours, str) and not theirs):
                counts[set_name][0] += 1
                continue
            reason = comparison.reason(path, ours, theirs)
            if reason:
                reasons[reason] += 1
                continue
            what, at = first_difference(ours, theirs)
            examples.append((path, what, at, theirs[max(0, at - 6):at + 5], ours[max(0, at - 6):at + 5]))
    equal, total = (sum(c[i] for c in counts.values()) for i in (0, 1))
    sets = ", ".join(f"{n} {a}/{b}" for n, (a, b) in counts.items())
    print(f"{name} {label}: {equal} of {total} equal ({sets})", flush=True)
    for reason, count in reasons.most_common():
        print(f"  {count}: {reason}")
    for path, what, at, theirs, ours in examples:
        print(f"  {path.name} at {at}: {what}\n    miditok {' '.join(theirs)}\n    ours    {' '.join(ours)}")


# per_tok has no pedals, bends, chords and rests of its own; its third configuration does without velocities instead.
PER_TOK_FULL = dict(use_programs=True, use_tempos=True, use_velocities=False, pitch_range=(0, 127),
                    drums_pitch_range=(0, 127), beat_res={(0, 4): 16, (4, 12): 8}, remove_duplicated_notes=True)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("program")
    parser.add_argument("continuo")
    parser.add_argument("data", type=pathlib.Path)
    parser.add_argument("--only", action="append")
    parser.add_argument("--configuration", action="append")
    parser.add_argument("--each", type=int, default=1000, help="files of each set at most")
    options = parser.parse_args()
    files = list(files_of(options.data, options.each))
    for name in options.only or TOKENIZERS:
        for label in options.configuration or CONFIGURATIONS:
            arguments = PER_TOK_FULL if (name, label) == ("per_tok", "full") else CONFIGURATIONS[label]
            compare(options, name, label, arguments, files)


if __name__ == "__main__":
    main()
