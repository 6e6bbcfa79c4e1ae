#!/usr/bin/env python3
"""Training steps of PyTorch on the networks of `continuo bench train`, as its users write them.

Prints one JSON object a run: {"peer", "model", "tokens_per_s", "peak_rss_mib"}; tokens/s is that of the median step.
Needs torch (any version from 1.13) in the running Python; Continuo itself does not need Python.
"""

import argparse
import contextlib
import json
import resource
import statistics
import time

import torch
from torch import nn
from torch.nn import functional

SHAPES = {
    "gpt": dict(words=512, layers=6, width=512, heads=8, time=1024, batch=4),
    "small": dict(words=512, layers=4, width=256, heads=4, time=512, batch=8),
    "lstm": dict(words=256, layers=2, width=512, heads=0, time=512, batch=64),
}


class Block(nn.Module):
    """A pre-norm Transformer block; attention by SDPA or with the matrix of weights in memory."""

    def __init__(self, width, heads, time_steps, sdpa):
        super().__init__()
        self.heads, self.sdpa = heads, sdpa
        self.norm1, self.norm2 = nn.LayerNorm(width), nn.LayerNorm(width)
        self.qkv, self.proj = nn.Linear(width, 3 * width), nn.Linear(width, width)
        self.fc1, self.fc2 = nn.Linear(width, 4 * width), nn.Linear(4 * width, width)
        future = torch.ones(time_steps, time_steps, dtype=torch.bool).triu(1)
        self.register_buffer("future", future, persistent=False)

    def attend(self, x):
        batch, steps, width = x.shape
        heads = self.qkv(x).view(batch, steps, 3, self.heads, width // self.heads).permute(2, 0, 3, 1, 4)
        q, k, v = heads[0], heads[1], heads[2]
        if self.sdpa:
            mixed = functional.scaled_dot_product_attention(q, k, v, is_causal=True)
        else:
            scores = (q @ k.transpose(-1, -2)) * (width // self.heads) ** -0.5
            scores = scores.masked_fill(self.future[:steps, :steps], float("-inf"))
            mixed = torch.softmax(scores, -1).to(v.dtype) @ v
        return self.proj(mixed.transpose(1, 2).reshape(batch, steps, width))

    def forward(self, x):
        x = x + self.attend(self.norm1(x))
        return x + self.fc2(functional.gelu(self.fc1(self.norm2(x)), approximate="tanh"))


class Gpt(nn.Module):
    def __init__(self, shape, sdpa):
        super().__init__()
        width = shape["width"]
        self.words = nn.Embedding(shape["words"], width)
        self.positions = nn.Parameter(torch.randn(shape["time"], width) * 0.02)
        blocks = [Block(width, shape["heads"], shape["time"], sdpa) for _ in range(shape["layers"])]
        self.blocks = nn.Sequential(*blocks)
        self.norm, self.head = nn.LayerNorm(width), nn.Linear(width, shape["words"])

    def forward(self, tokens):
        return self.head(self.norm(self.blocks(self.words(tokens) + self.positions)))


class Lstm(nn.Module):
    def __init__(self, shape):
        super().__init__()
        self.words = nn.Embedding(shape["words"], shape["width"])
        self.lstm = nn.LSTM(shape["width"], shape["width"], shape["layers"], batch_first=True)
        self.head = nn.Linear(shape["width"], shape["words"])

    def forward(self, tokens):
        return self.head(self.lstm(self.words(tokens))[0])


def measure(options):
    torch.manual_seed(0)
    torch.set_num_threads(options.threads)
    shape = SHAPES[options.model]
    model = Lstm(shape) if options.model == "lstm" else Gpt(shape, options.attention == "sdpa")
    run = torch.compile(model) if options.compile else model
    extra = {"fused": True} if options.fused_adamw else {}
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-4, weight_decay=0.01, **extra)
    tokens = torch.randint(shape["words"], (shape["batch"], shape["time"] + 1))
    precision = torch.autocast("cpu", dtype=torch.bfloat16) if options.bf16 else contextlib.nullcontext()

    def step():
        start = time.perf_counter()
        with precision:
            logits = run(tokens[:, :-1])
        loss = functional.cross_entropy(logits.float().reshape(-1, shape["words"]), tokens[:, 1:].reshape(-1))
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        return time.perf_counter() - start

    for _ in range(2):
        step()
    seconds = []
    while len(seconds) < 3 or sum(seconds) < options.seconds:
        seconds.append(step())
    return shape["batch"] * shape["time"] / statistics.median(seconds)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", choices=SHAPES, default="gpt")
    parser.add_argument("--attention", choices=["sdpa", "matrix"], default="sdpa", help="sdpa needs torch 2")
    parser.add_argument("--bf16", action="store_true", help="autocast")
    parser.add_argument("--compile", action="store_true", help="torch.compile, needs torch 2")
    parser.add_argument("--fused-adamw", action="store_true", help="needs torch 2")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--seconds", type=float, default=10, help="of timed steps; at least three are done")
    options = parser.parse_args()
    rate = measure(options)
    words = [options.attention if options.model != "lstm" else "nn.LSTM", "bf16" if options.bf16 else "fp32"]
    words += ["compile"] if options.compile else []
    rss = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    peer = "torch " + torch.__version__ + " " + " ".join(words)
    print(json.dumps({"peer": peer, "model": options.model, "tokens_per_s": rate, "peak_rss_mib": rss}))


if __name__ == "__main__":
    main()
