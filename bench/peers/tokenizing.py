#!/usr/bin/env python3
"""Files to ids and ids to scores, beside miditok and beside symusic's reading alone, in alternation.

usage: tokenizing.py TOKEN_STRINGS DATA [--only encode|parse|decode]... [--set NAME] [--kind KIND]... [--rounds N] [--stride N]
TOKEN_STRINGS is the program continuo_token_strings, DATA the folder of data sets. Needs miditok 3.1 and symusic. MidiTok's
default options; both get them from the file that miditok saves. One thread each. Times are those of the processor, so that
a busy machine counts less; files are in the page cache. --stride takes every N-th file.
"""
import argparse
import json
import os
import pathlib
import re
import statistics
import subprocess
import sys
import tempfile
import time
import warnings

KINDS = ("REMI", "TSD", "MIDILike", "CPWord")
SETS = {"maestro": "maestro-v3.0.0", "groove": "groove"}
ONE_THREAD = {**os.environ, "OMP_NUM_THREADS": "1", "RAYON_NUM_THREADS": "1", "TOKENIZERS_PARALLELISM": "false"}


def peer(task, kind, paths):
    """Runs in a process of its own; prints seconds, files and tokens."""
    warnings.filterwarnings("ignore")
    import miditok
    from symusic import Score

    tokenizer = getattr(miditok, kind)()
    spent = files = tokens = 0
    for path in paths:
        try:
            start = time.process_time()
            score = Score(path)
            if task == "parse":
                spent += time.process_time() - start
                files += 1
                continue
            ids = tokenizer.encode(score)
            encoded = time.process_time()
            sequences = ids if isinstance(ids, list) else [ids]
            count = sum(len(s.ids) * (len(s.ids[0]) if s.ids and isinstance(s.ids[0], list) else 1) for s in sequences)
            if task == "decode":
                start = time.process_time()
                tokenizer.decode([miditok.TokSequence(ids=s.ids) for s in sequences])
                encoded = time.process_time()
        except Exception:  # noqa: BLE001
            continue  # files that miditok cannot take
        spent += encoded - start
        files += 1
        tokens += count
    print(json.dumps({"s": spent, "files": files, "tokens": tokens}))


def their_run(task, kind, paths):
    run = subprocess.run([sys.executable, __file__, "--peer", task, kind], input="\n".join(paths), text=True,
                         capture_output=True, check=True, env=ONE_THREAD)
    return json.loads(run.stdout)


def our_run(program, task, tokenizer, paths):
    line = subprocess.run([program, tokenizer, "--decode" if task == "decode" else "--time"], input="\n".join(paths),
                          text=True, capture_output=True, check=True).stdout
    numbers = re.search(r"([\d.]+) s, (?:reading ([\d.]+) s, )?(\d+) files, (\d+) tokens", line)
    return {"s": float(numbers[1]), "reading": float(numbers[2] or 0), "files": int(numbers[3]), "tokens": int(numbers[4])}


def report(label, ours, theirs):
    a, b = (statistics.median(run["s"] for run in runs) for runs in (ours, theirs))
    text = f"{label}: {b / a:.1f} x ({a:.3f} s, {ours[0]['files']} files; {b:.3f} s, {theirs[0]['files']} files)"
    if ours[0]["tokens"] and theirs[0]["tokens"]:
        text += f", {ours[0]['tokens'] / a / 1e6:.2f} against {theirs[0]['tokens'] / b / 1e6:.3f} million words/s"
    if ours[0].get("reading"):
        text += f"; of ours, reading takes {statistics.median(run['reading'] for run in ours):.3f} s"
    print(text, flush=True)


def paths_of(data, name, stride):
    paths = sorted(str(p) for p in (data / SETS[name]).rglob("*") if p.suffix in (".mid", ".midi"))[::stride]
    for path in paths:
        pathlib.Path(path).read_bytes()
    return paths


def alternate(options, task, kind, tokenizer, paths):
    ours, theirs = [], []
    for _ in range(options.rounds):
        ours.append(our_run(options.program, task, tokenizer, paths))
        theirs.append(their_run(task, kind, paths))
    return ours, theirs


def main():
    if sys.argv[1:2] == ["--peer"]:
        return peer(sys.argv[2], sys.argv[3], sys.stdin.read().split("\n"))
    parser = argparse.ArgumentParser()
    parser.add_argument("program")
    parser.add_argument("data", type=pathlib.Path)
    parser.add_argument("--only", action="append", choices=("encode", "parse", "decode"))
    parser.add_argument("--set", action="append", choices=SETS)
    parser.add_argument("--kind", action="append", choices=KINDS)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--stride", type=int, default=1)
    options = parser.parse_args()
    warnings.filterwarnings("ignore")
    import miditok

    tasks, kinds = options.only or ("parse", "encode", "decode"), options.kind or KINDS
    with tempfile.TemporaryDirectory() as folder:
        for kind in kinds:
            getattr(miditok, kind)().save(f"{folder}/{kind}.json")
        for task in tasks:
            for name in options.set or SETS:
                paths = paths_of(options.data, name, options.stride)
                if task == "decode":
                    if name != "maestro":
                        continue
                    paths = paths[::max(1, len(paths) // 200)][:200]
                for kind in kinds:
                    runs = alternate(options, task, kind, f"{folder}/{kind}.json", paths)
                    what = "our files to ids against their reading alone" if task == "parse" else task
                    report(f"{name} {kind}, {what}", *runs)


if __name__ == "__main__":
    main()
