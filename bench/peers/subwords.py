#!/usr/bin/env python3
"""Learns and applies BPE on the same bars with Continuo and with Hugging Face tokenizers, in alternation.

usage: subwords.py SUBWORDS_BENCH FOLDER [--words N] [--rounds N] [--files N]
SUBWORDS_BENCH is the program continuo_subwords_bench, FOLDER holds MIDI files. Needs the package tokenizers. Base words
are those of REMI with MidiTok's defaults. One thread each; times are those of the processor, so that a busy machine
counts less. Prints the ratios of medians, and whether merges and ids are equal.
"""
import argparse
import json
import os
import pathlib
import resource
import statistics
import subprocess
import sys
import tempfile
import time

BASE = {"name": "remi_plus", "options": {"programs": False, "tempos": False, "lowest_pitch": 21, "highest_pitch": 109,
                                         "lowest_drum": 27, "highest_drum": 88, "overlaps": "shortest"}}


def peer(bars_path, words, model_path):
    """Runs in a process of its own: tokenizers on the same bars."""
    from tokenizers import Tokenizer, models, pre_tokenizers, trainers

    file = json.load(open(model_path))
    alphabet = [chr(33 + i) for i in range(len(file["_vocab_base"]))]
    with open(bars_path, newline="\n") as lines:
        bars = [line.rstrip("\n") for line in lines]
    tokenizer = Tokenizer(models.BPE(continuing_subword_prefix="", end_of_word_suffix=""))
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace()
    trainer = trainers.BpeTrainer(vocab_size=words, special_tokens=alphabet[:4], initial_alphabet=alphabet,
                                  show_progress=False, continuing_subword_prefix="", end_of_word_suffix="")
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    start = time.process_time()
    tokenizer.train_from_iterator(bars, trainer)
    train = time.process_time() - start
    memory = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    theirs, ours = json.loads(tokenizer.to_str())["model"], json.loads(file["_model"])["model"]
    start = time.process_time()
    for begin in range(0, len(bars), 1000):
        tokenizer.encode_batch([[bar] for bar in bars[begin:begin + 1000]], is_pretokenized=True)
    encode = time.process_time() - start
    some = range(0, len(bars), 50)
    wanted = {i: line for i, line in enumerate(open(bars_path + ".ids")) if i % 50 == 0}
    equal = sum(tokenizer.encode([bars[i]], is_pretokenized=True).ids == list(map(int, wanted[i].split())) for i in some)
    print(json.dumps({"train_s": train, "train_mib": memory, "encode_s": encode, "ids_equal": [equal, len(some)],
                      "merges_equal": theirs["merges"] == ours["merges"] and theirs["vocab"] == ours["vocab"]}))


def main():
    if sys.argv[1] == "--peer":
        return peer(sys.argv[2], int(sys.argv[3]), sys.argv[4])
    parser = argparse.ArgumentParser()
    parser.add_argument("program")
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--words", type=int, default=10000)
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--files", type=int, default=0, help="only so many")
    options = parser.parse_args()
    paths = sorted(p for p in options.folder.rglob("*") if p.suffix in (".mid", ".midi"))
    paths = "\n".join(map(str, paths[:options.files or None]))
    ours, theirs = [], []
    with tempfile.TemporaryDirectory() as folder:
        pathlib.Path(folder, "base.json").write_text(json.dumps(BASE))
        bars, model = f"{folder}/bars.txt", f"{folder}/model.json"
        for _ in range(options.rounds):
            ours.append(json.loads(subprocess.run(
                [options.program, f"{folder}/base.json", str(options.words), "--dump", bars, "--save", model, "--ids",
                 bars + ".ids"], input=paths, text=True, capture_output=True, check=True).stdout))
            print("continuo", ours[-1], flush=True)
            theirs.append(json.loads(subprocess.run(
                [sys.executable, __file__, "--peer", bars, str(options.words), model], text=True, capture_output=True,
                check=True, env={**os.environ, "TOKENIZERS_PARALLELISM": "false", "RAYON_NUM_THREADS": "1"}).stdout))
            print("tokenizers", theirs[-1], flush=True)
    for key, what in (("train_s", "training: times as fast"), ("train_mib", "memory: times less"),
                      ("encode_s", "encoding: times as fast")):
        a, b = (statistics.median(run[key] for run in runs) for runs in (ours, theirs))
        print(f"{what} {b / a:.1f} ({a:.2f} against {b:.2f})")


if __name__ == "__main__":
    main()
