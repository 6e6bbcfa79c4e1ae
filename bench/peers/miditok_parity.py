#!/usr/bin/env python3
"""Compares our words with miditok's on real files, word by word.

usage: miditok_parity.py TOKEN_STRINGS DATA [--only NAME] [--each N]
TOKEN_STRINGS is the program continuo_token_strings, DATA the folder of data sets. Needs miditok 3.1 and symusic.

We read the configuration from the file that miditok saves. For every tokenisation and configuration: how many files of each set are equal, and of the others what differs first.
Notes that start in one tick of a file have no order in a Score, so miditok gets them by rising pitch. symusic 0.6 lets
the first pedal of a track begin at 0, so miditok gets the pedals that the controllers say.
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
RESTS = {(0, 1): 8, (1, 2): 4, (2, 12): 2}
METERS = {8: [3, 12, 6], 4: [5, 6, 3, 2, 1, 4]}

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


def compare(program, name, label, arguments, files):
    kind, extra = TOKENIZERS[name]
    config = TokenizerConfig(**arguments)
    if "additional" in extra:
        config.additional_params.update(extra["additional"])
    tokenizer = getattr(miditok, kind)(config)
    with tempfile.TemporaryDirectory() as folder:
        tokenizer.save(f"{folder}/tokenizer.json")
        lines = subprocess.run([program, f"{folder}/tokenizer.json"], input="\n".join(str(p) for _, p in files),
                               text=True, capture_output=True, check=True).stdout.split("\n")
    counts = collections.defaultdict(lambda: [0, 0])
    reasons, examples = collections.Counter(), {}
    for (set_name, path), line in zip(files, lines):
        score = Score(path)
        try:
            theirs, sequences = their_words(tokenizer, score)
        except Exception as error:  # noqa: BLE001
            reasons[f"miditok fails: {type(error).__name__}: {error}"] += 1
            counts[set_name][1] += 1
            continue
        if sequences > 1 and name != "mmm":
            continue  # without programs miditok writes a sequence for each track
        if line.startswith("!") and not theirs:
            continue
        ours = line.split()
        counts[set_name][1] += 1
        if ours == theirs:
            counts[set_name][0] += 1
            continue
        reason, at = first_difference(ours, theirs)
        if line.startswith("!"):
            reason = line
        reasons[reason] += 1
        examples.setdefault(reason, (path, at, theirs[max(0, at - 6):at + 5], ours[max(0, at - 6):at + 5]))
    equal = sum(c[0] for c in counts.values())
    total = sum(c[1] for c in counts.values())
    sets = ", ".join(f"{n} {a}/{b}" for n, (a, b) in counts.items())
    print(f"{name} {label}: {equal} of {total} equal ({sets})", flush=True)
    for reason, count in reasons.most_common(5):
        if reason not in examples:
            print(f"  {count}: {reason}")
            continue
        path, at, theirs, ours = examples[reason]
        print(f"  {count}: {reason}, e.g. {path.name} at {at}\n    miditok {' '.join(theirs)}\n    ours    {' '.join(ours)}")


# per_tok has no pedals, bends, chords and rests of its own; its third configuration does without velocities instead.
PER_TOK_FULL = dict(use_programs=True, use_tempos=True, use_velocities=False, pitch_range=(0, 127),
                    drums_pitch_range=(0, 127), beat_res={(0, 4): 16, (4, 12): 8}, remove_duplicated_notes=True)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("program")
    parser.add_argument("data", type=pathlib.Path)
    parser.add_argument("--only", action="append")
    parser.add_argument("--configuration", action="append")
    parser.add_argument("--each", type=int, default=1000, help="files of each set at most")
    options = parser.parse_args()
    files = list(files_of(options.data, options.each))
    for name in options.only or TOKENIZERS:
        for label in options.configuration or CONFIGURATIONS:
            arguments = PER_TOK_FULL if (name, label) == ("per_tok", "full") else CONFIGURATIONS[label]
            compare(options.program, name, label, arguments, files)


if __name__ == "__main__":
    main()
