#!/usr/bin/env python3
"""Compares the structureness of `continuo metrics --structure` with that of libfmp, file by file.

usage: structure_parity.py CONTINUO FILE_OR_FOLDER... [--each N]

CONTINUO is the program. The pitch classes of frames are computed from the notes that pretty_midi reads of the same
file, without drums; everything after that by libfmp's own functions. Needs numpy, pretty_midi and libfmp.

Prints the largest difference, and the files that differ by more than 1e-6. Exit status: 0 where none does.
"""
import argparse
import json
import pathlib
import subprocess
import sys
import warnings

warnings.filterwarnings("ignore")
import libfmp.c3  # noqa: E402
import libfmp.c4  # noqa: E402
import numpy  # noqa: E402
import pretty_midi  # noqa: E402

LIMIT = 1e-6
RATE, MOST, SMOOTHED, ALONG = 2, 360, 9, 16
RANGES = {"structureness_short": (3, 8), "structureness_mid": (8, 15), "structureness_long": (15, MOST)}


def pitch_classes(midi):
    notes = [note for each in midi.instruments if not each.is_drum for note in each.notes]
    if not notes:
        return None
    begin, end = min(note.start for note in notes), max(note.end for note in notes)
    frames = numpy.zeros((12, min(MOST, int(numpy.ceil((end - begin) * RATE)))))
    for note in notes:
        start, stop = (note.start - begin) * RATE, (note.end - begin) * RATE
        for i in range(int(start), min(frames.shape[1], int(numpy.ceil(stop)))):
            frames[note.pitch % 12, i] += min(stop, i + 1) - max(start, i)
    window = numpy.ones(SMOOTHED) / SMOOTHED
    smooth = numpy.array([numpy.convolve(row, window)[SMOOTHED // 2:][:frames.shape[1]] for row in frames])
    return libfmp.c3.normalize_feature_sequence(smooth, norm="2", threshold=0.001)


def of_libfmp(midi):
    frames = pitch_classes(midi)
    if frames is None or frames.shape[1] < 3 * RATE:
        return {name: None for name in RANGES}
    similar, _ = libfmp.c4.compute_sm_ti(frames, frames, L=ALONG, tempo_rel_set=numpy.array([1]), shift_set=numpy.arange(12))
    similar = libfmp.c4.threshold_matrix(similar, 0.15, strategy="relative", scale=True, penalty=-2)
    similar = libfmp.c4.normalization_properties_ssm(similar)
    fitness = libfmp.c4.compute_fitness_scape_plot(similar)[0]
    values = {}
    for name, (least, most) in RANGES.items():
        count = fitness.shape[0]
        found = [fitness[length - 1, : count - length + 1].max() for length in range(least * RATE, min(most * RATE, count) + 1)]
        values[name] = max(0.0, max(found)) if found else None
    return values


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("continuo")
    parser.add_argument("path", nargs="+", type=pathlib.Path)
    parser.add_argument("--each", type=int, default=1, metavar="N", help="compares each Nth file of a folder")
    options = parser.parse_args()
    files = []
    for path in options.path:
        files += sorted(path.rglob("*.mid*"))[:: options.each] if path.is_dir() else [path]
    largest, different, read_otherwise = 0.0, [], 0
    for path in files:
        done = subprocess.run([options.continuo, "metrics", "--json", "--structure", path], stdout=subprocess.PIPE, text=True)
        piece = json.loads(done.stdout)["each"][0]
        measures = piece["measures"]
        midi = pretty_midi.PrettyMIDI(str(path))
        notes = sum(len(each.notes) for each in midi.instruments)
        shares = midi.get_pitch_class_histogram(use_duration=True, normalize=True)
        ours = numpy.array(piece["features"]["pitch_classes"])
        seconds = measures["mgeval"]["inter_onset_interval"] or 0
        interval = numpy.mean(numpy.diff(midi.get_onsets())) if notes > 1 else 0
        if notes != measures["continuo"]["notes"] or abs(interval - seconds) > 1e-9 or numpy.abs(ours - shares).max() > 1e-9:
            read_otherwise += 1  # tempi of other tracks, notes of one pitch that overlap
            continue
        ours = measures["musdr"]
        for name, value in of_libfmp(midi).items():
            if (ours[name] is None) != (value is None) or value is not None and abs(ours[name] - value) > LIMIT:
                different.append(f"{path}: {name}: {ours[name]} here, {value} there")
            elif value is not None:
                largest = max(largest, abs(ours[name] - value))
    print(f"{len(files)} files, {read_otherwise} of them read otherwise by pretty_midi, {len(different)} measures differ; of the others at most by {largest:.1e}")
    print("\n".join(different))
    sys.exit(1 if different else 0)


if __name__ == "__main__":
    main()
