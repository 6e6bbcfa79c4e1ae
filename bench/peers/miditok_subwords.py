#!/usr/bin/env python3
"""Subwords across the two programs: miditok trains and we encode, we train and miditok encodes; ids must be equal.

usage: miditok_subwords.py TOKEN_STRINGS CONTINUO DATA [--files N] [--words N]
TOKEN_STRINGS is the program continuo_token_strings, CONTINUO the program, DATA the folder of data sets. Needs miditok 3.1
and symusic. Files are taken whose base words are equal in both, so that only subwords are compared.
"""
import argparse
import pathlib
import subprocess
import tempfile
import warnings

warnings.filterwarnings("ignore")
import miditok  # noqa: E402
from miditok import TokenizerConfig  # noqa: E402
from symusic import Score  # noqa: E402

from miditok_parity import files_of, their_words  # noqa: E402

ARGUMENTS = dict(use_programs=True, use_tempos=True, remove_duplicated_notes=True)
CASES = [("remi_plus", "REMI"), ("tsd", "TSD"), ("midi_like", "MIDILike")]


def our_lines(program, tokenizer, paths, *mode):
    return subprocess.run([program, tokenizer, *mode], input="\n".join(map(str, paths)), text=True,
                          capture_output=True, check=True).stdout.split("\n")


def their_ids(tokenizer, path):
    score = Score(path)
    for track in score.tracks:
        track.notes.sort(key=lambda n: (n.time, n.pitch, n.duration))
    sequences = tokenizer.encode(score)
    sequences = sequences if isinstance(sequences, list) else [sequences]
    return [i for sequence in sequences for i in sequence.ids]


def equal_base_words(program, tokenizer, paths, folder):
    tokenizer.save(f"{folder}/base.json")
    lines = our_lines(program, f"{folder}/base.json", paths)
    return [p for p, line in zip(paths, lines) if line.split() == their_words(tokenizer, Score(p))[0]]


def count_equal(program, tokenizer, file, paths):
    lines = our_lines(program, file, paths, "--ids")
    return sum(list(map(int, line.split())) == their_ids(tokenizer, path) for path, line in zip(paths, lines))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("token_strings")
    parser.add_argument("continuo")
    parser.add_argument("data", type=pathlib.Path)
    parser.add_argument("--files", type=int, default=10, help="of each set")
    parser.add_argument("--words", type=int, default=2000)
    options = parser.parse_args()
    all_paths = [path for _, path in files_of(options.data, options.files)]
    for name, kind in CASES:
        for split in ("bar", "beat", "no"):
            for model in ("BPE", "Unigram"):
                if model == "Unigram" and split == "no":
                    continue  # minutes for sequences of whole pieces
                with tempfile.TemporaryDirectory() as folder:
                    tokenizer = getattr(miditok, kind)(TokenizerConfig(encode_ids_split=split, **ARGUMENTS))
                    paths = equal_base_words(options.token_strings, tokenizer, all_paths, folder)
                    tokenizer.train(vocab_size=options.words, model=model, files_paths=paths[::2])
                    tokenizer.save(f"{folder}/theirs.json")
                    theirs = count_equal(options.token_strings, tokenizer, f"{folder}/theirs.json", paths)
                    music = pathlib.Path(folder, "music")
                    music.mkdir()
                    for i, path in enumerate(paths[::2]):
                        (music / f"{i}{path.suffix}").symlink_to(path)
                    subprocess.run([options.continuo, "tokenizer", "train", music, "--tokenizer", f"{folder}/base.json",
                                    "--subwords", model.lower(), "--split", split, "--words", str(options.words), "-o",
                                    f"{folder}/ours.json"], check=True, capture_output=True)
                    loaded = getattr(miditok, kind)(params=pathlib.Path(folder, "ours.json"))
                    ours = count_equal(options.token_strings, loaded, f"{folder}/ours.json", paths)
                    print(f"{name} {model} by {split}: ids equal in {theirs} of {len(paths)} files with miditok's model, "
                          f"{ours} with ours", flush=True)


if __name__ == "__main__":
    main()
