#!/usr/bin/env python3
"""Compares `continuo metrics` with the packages whose measures it has, file by file.

usage: metrics_parity.py CONTINUO FILE_OR_FOLDER... [--each N] [--against FOLDER]

CONTINUO is the program. MusPy's measures are computed by muspy 0.5 on the notes that it reads of the same file, with a
measure of the file's first time signature; mean inter-onset interval and pitch transitions by pretty_midi; overlaps, divergences
and distances by scipy's gaussian_kde and quad as mgeval calls them, from continuo's own features of the files and of
--against (default: the same files, every second one against the others).

Needs numpy, scipy, muspy and pretty_midi. Prints for each measure how many files there are, how many differ by more
than 1e-6, and the largest difference; then the files that differ. Exit status: 0 where none does.
"""
import argparse
import json
import math
import pathlib
import subprocess
import sys
import warnings

warnings.filterwarnings("ignore")
import muspy  # noqa: E402
import numpy  # noqa: E402
import pretty_midi  # noqa: E402
from scipy import integrate, stats  # noqa: E402

LIMIT = 1e-6
MUSPY = ("n_pitches_used", "n_pitch_classes_used", "pitch_range", "empty_beat_rate", "polyphony", "polyphony_rate",
         "scale_consistency", "drum_pattern_consistency", "pitch_entropy", "pitch_class_entropy")
OF_PITCHES = ("n_pitches_used", "n_pitch_classes_used", "polyphony_rate")
OF_MEASURES = ("empty_measure_rate", "groove_consistency")


def measured(options, paths):
    done = subprocess.run([options.continuo, "metrics", "--json", "--max-pieces", "0", *map(str, paths)],
                          stdout=subprocess.PIPE, text=True)
    return json.loads(done.stdout)["each"]


def of_muspy(path):
    music = muspy.read_midi(str(path))
    for track in music.tracks:  # MusPy takes a piece to last until the last of them
        track.lyrics, track.annotations = [], []
    first = min((each.time for each in music.time_signatures), default=0)
    signatures = [each for each in music.time_signatures if each.time == first]  # of one tick the last counts
    numerator, denominator = (signatures[-1].numerator, signatures[-1].denominator) if signatures else (4, 4)
    measure = max(1, 4 * music.resolution * numerator // denominator)
    values = {name: getattr(muspy, name)(music) for name in MUSPY}
    if values["pitch_range"] == -127:  # drums alone
        values["pitch_range"] = None
    values.update({name: getattr(muspy, name)(music, measure) for name in OF_MEASURES})
    return values


def of_pretty_midi(path):
    midi = pretty_midi.PrettyMIDI(str(path))
    onsets = midi.get_onsets()
    return (sum(len(each.notes) for each in midi.instruments), midi.get_end_time(),
            float(numpy.mean(numpy.diff(onsets))) if len(onsets) > 1 else 0.0,
            midi.get_pitch_class_transition_matrix(time_thresh=0.05 - 1e-9).ravel())


def overlap(a, b):
    of_a, of_b = stats.gaussian_kde(a), stats.gaussian_kde(b)
    low, high = min(numpy.min(a), numpy.min(b)), max(numpy.max(a), numpy.max(b))
    return integrate.quad(lambda x: min(of_a(x)[0], of_b(x)[0]), low, high, limit=500, epsabs=1e-9)[0]


def divergence(a, b):
    places_a, places_b = (numpy.linspace(numpy.min(each), numpy.max(each), 1000) for each in (a, b))
    return stats.entropy(stats.gaussian_kde(a)(places_a), stats.gaussian_kde(b)(places_b))


def distances_within(vectors):
    return numpy.array([numpy.linalg.norm(a - b) for i, a in enumerate(vectors) for j, b in enumerate(vectors) if i != j])


class Table:
    def __init__(self):
        self.counts, self.files = {}, []

    def add(self, measure, where, ours, theirs):
        theirs = None if theirs is None or (isinstance(theirs, float) and math.isnan(theirs)) else float(theirs)
        if ours is None or theirs is None:
            difference = 0.0 if ours is None and theirs is None else math.inf
        else:
            difference = abs(ours - theirs)
        count, differ, most = self.counts.get(measure, (0, 0, 0.0))
        self.counts[measure] = (count + 1, differ + (difference > LIMIT), max(most, difference))
        if difference > LIMIT:
            self.files.append(f"{measure}: {where}: {ours} here, {theirs} there")

    def print(self):
        for measure, (count, differ, most) in self.counts.items():
            print(f"{measure:40} {count:5} compared, {differ:4} differ, at most by {most:.2e}")
        for line in self.files[:60]:
            print(line)


def compare_sets(table, first, second, options):
    """The same files' features by scipy."""
    done = subprocess.run([options.continuo, "metrics", "--json", "--max-pieces", "0", *map(str, first), "--against", second],
                          stdout=subprocess.PIPE, text=True)
    result = json.loads(done.stdout)
    for name, ours in result["comparison"]["features"].items():
        a, b = ([numpy.array(each["features"][name]) for each in of["each"] if each["features"]["note_count"][0] > 0]
                for of in (result, result["against"]))
        within_a, within_b = distances_within(a), distances_within(b)
        between = numpy.array([numpy.linalg.norm(one - other) for one in a for other in b])
        table.add("distance within a set", name, ours["distance_within_a"], numpy.mean(within_a))
        table.add("distance between sets", name, ours["distance_between"], numpy.mean(between))
        for key, within in (("a_to_between", within_a), ("b_to_between", within_b)):
            if ours[key] is None:
                continue
            table.add("overlap", f"{name} {key}", ours[key]["overlap"], overlap(within, between))
            table.add("divergence", f"{name} {key}", ours[key]["divergence"], divergence(within, between))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("continuo")
    parser.add_argument("path", nargs="+", type=pathlib.Path)
    parser.add_argument("--each", type=int, default=1, metavar="N", help="compares each Nth file of a folder")
    parser.add_argument("--against", metavar="FOLDER", help="a folder of few pieces to compare the first 20 files with")
    options = parser.parse_args()
    table, read_otherwise = Table(), 0
    files = []
    for path in options.path:
        found = path.rglob("*.mid*") if path.is_dir() else [path]
        files += sorted(found)[:: options.each]
    for path in files:
        pieces = measured(options, [path])
        if len(pieces) != 1:
            continue
        measures, features = pieces[0]["measures"], pieces[0]["features"]
        for name, theirs in of_muspy(path).items():
            if measures["muspy"]["polyphony"] is None and name in OF_PITCHES:
                continue  # of drums alone MusPy has zeros
            table.add(f"muspy {name}", path, measures["muspy"][name], theirs)
        notes, seconds, interval, transitions = of_pretty_midi(path)
        ours = measures["continuo"]
        if notes != ours["notes"] or abs(seconds - ours["seconds"]) > LIMIT * seconds:
            read_otherwise += 1
            continue
        table.add("pretty_midi inter_onset_interval", path, measures["mgeval"]["inter_onset_interval"], interval)
        ours = numpy.array(features["pitch_transitions"])
        table.add("pretty_midi pitch_transitions", path, float(numpy.abs(ours - transitions).sum()), 0.0)
    if options.against:
        compare_sets(table, files[:20], options.against, options)
    table.print()
    print(f"{read_otherwise} files have other notes or tempi in pretty_midi and are not compared with it")
    sys.exit(bool(table.files))


if __name__ == "__main__":
    main()
