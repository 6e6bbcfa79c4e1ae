#!/usr/bin/env python3
"""Playing with other programs on networks of the shape of `continuo bench generate`, as their users would.

Prints one JSON object: {"peer", "precision", "streams", "tokens_per_s", "prefill_tokens_per_s"}. Tokens/s are of all streams, 512
tokens each from an empty piece, sampled; the median of passes after the first. Weights are random. Needs the peer's package from
PyPI (torch and transformers; llama-cpp-python and gguf; ctranslate2; onnxruntime and onnx) in the running Python; Continuo itself
does not need Python.
"""

import argparse
import json
import os
import statistics
import tempfile
import time

WORDS, LAYERS, WIDTH, HEADS, CONTEXT = 392, 6, 512, 8, 1024
PLAYED, PROMPT = 512, 1000
PASSES = 4


def median_seconds(work, passes=PASSES):
    """The first pass warms up and does not count."""
    seconds = []
    for _ in range(passes):
        start = time.perf_counter()
        work()
        seconds.append(time.perf_counter() - start)
    return statistics.median(seconds[1:])


def rates(play, prefill, streams):
    result = {"tokens_per_s": PLAYED * streams / median_seconds(play)}
    if prefill is not None and streams == 1:
        result["prefill_tokens_per_s"] = PROMPT / median_seconds(prefill, 6)
    return result


def gpt2(precision):
    import torch
    from transformers import GPT2Config, GPT2LMHeadModel

    torch.manual_seed(0)
    config = GPT2Config(vocab_size=WORDS, n_layer=LAYERS, n_embd=WIDTH, n_head=HEADS, n_positions=CONTEXT, bos_token_id=0,
                        eos_token_id=None, pad_token_id=0)
    return GPT2LMHeadModel(config).to({"fp32": torch.float32, "bf16": torch.bfloat16}[precision]).eval()


def transformers(precision, streams, threads):
    """generate() with its cache."""
    import torch

    torch.set_num_threads(threads)
    model = gpt2(precision)
    start = torch.zeros((streams, 1), dtype=torch.long)
    prompt = torch.randint(0, WORDS, (1, PROMPT))

    def play():
        with torch.inference_mode():
            model.generate(start, attention_mask=torch.ones_like(start), do_sample=True, top_k=0, max_new_tokens=PLAYED,
                           use_cache=True)

    def prefill():
        with torch.inference_mode():
            model(prompt, use_cache=True)

    return rates(play, prefill, streams)


def ctranslate2(precision, streams, threads):
    import ctranslate2 as library
    from ctranslate2.converters import TransformersConverter
    from tokenizers import Tokenizer, models, pre_tokenizers
    from transformers import PreTrainedTokenizerFast

    os.environ["HF_HUB_OFFLINE"] = "1"
    words = {"<bos>": 0, "<eos>": 1, "<unk>": 2, **{f"t{i}": i for i in range(3, WORDS)}}
    with tempfile.TemporaryDirectory() as folder:
        gpt2("fp32").save_pretrained(folder + "/in")
        tokenizer = Tokenizer(models.WordLevel(words, unk_token="<unk>"))
        tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
        PreTrainedTokenizerFast(tokenizer_object=tokenizer, bos_token="<bos>", eos_token="<eos>",
                                unk_token="<unk>").save_pretrained(folder + "/in")
        TransformersConverter(folder + "/in").convert(folder + "/out", force=True)
        kind = {"fp32": "float32", "int8": "int8"}[precision]
        generator = library.Generator(folder + "/out", device="cpu", compute_type=kind, inter_threads=1, intra_threads=threads)

    def play():
        generator.generate_batch([["<bos>"]] * streams, max_length=PLAYED, min_length=PLAYED, sampling_topk=0,
                                 include_prompt_in_result=False, max_batch_size=0)

    def prefill():
        generator.forward_batch([["<bos>"] + [f"t{3 + i % (WORDS - 3)}" for i in range(PROMPT - 1)]])

    return rates(play, prefill, streams)


def write_gguf(path, precision):
    """A network of llama's kind with as many weights: SwiGLU of 1,376 in place of GELU of 2,048."""
    import gguf
    import numpy

    hidden, random = 1376, numpy.random.default_rng(0)
    kind, file_kind = {
        "fp32": (gguf.GGMLQuantizationType.F32, gguf.LlamaFileType.ALL_F32),
        "fp16": (gguf.GGMLQuantizationType.F16, gguf.LlamaFileType.MOSTLY_F16),
        "bf16": (gguf.GGMLQuantizationType.BF16, gguf.LlamaFileType.MOSTLY_BF16),
        "int8": (gguf.GGMLQuantizationType.Q8_0, gguf.LlamaFileType.MOSTLY_Q8_0),
    }[precision]
    shapes = {"token_embd": (WORDS, WIDTH), "output": (WORDS, WIDTH), "output_norm": (WIDTH,)}
    for layer in range(LAYERS):
        for name in ("attn_q", "attn_k", "attn_v", "attn_output"):
            shapes[f"blk.{layer}.{name}"] = (WIDTH, WIDTH)
        shapes[f"blk.{layer}.ffn_gate"] = shapes[f"blk.{layer}.ffn_up"] = (hidden, WIDTH)
        shapes[f"blk.{layer}.ffn_down"] = (WIDTH, hidden)
        shapes[f"blk.{layer}.attn_norm"] = shapes[f"blk.{layer}.ffn_norm"] = (WIDTH,)
    writer = gguf.GGUFWriter(path, "llama")
    writer.add_context_length(CONTEXT)
    writer.add_embedding_length(WIDTH)
    writer.add_block_count(LAYERS)
    writer.add_feed_forward_length(hidden)
    writer.add_head_count(HEADS)
    writer.add_head_count_kv(HEADS)
    writer.add_layer_norm_rms_eps(1e-5)
    writer.add_rope_dimension_count(WIDTH // HEADS)
    writer.add_vocab_size(WORDS)
    writer.add_file_type(file_kind)
    writer.add_tokenizer_model("none")
    for name, shape in shapes.items():
        if len(shape) == 1:
            writer.add_tensor(name + ".weight", numpy.ones(shape, numpy.float32))
            continue
        weights = (random.standard_normal(shape) * 0.02).astype(numpy.float32)
        if precision == "fp32":
            writer.add_tensor(name + ".weight", weights)
        elif precision == "fp16":
            writer.add_tensor(name + ".weight", weights.astype(numpy.float16))
        else:
            writer.add_tensor(name + ".weight", gguf.quants.quantize(weights, kind), raw_dtype=kind)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def llama(precision, streams, threads):
    """llama.cpp by its C interface, with its own sampler."""
    import ctypes

    import llama_cpp as library

    library.llama_backend_init()
    quiet = library.llama_log_callback(lambda *_: None)
    library.llama_log_set(quiet, ctypes.c_void_p(0))
    with tempfile.TemporaryDirectory() as folder:
        path = folder + "/model.gguf"
        write_gguf(path, precision)
        model = library.llama_model_load_from_file(path.encode(), library.llama_model_default_params())
    options = library.llama_context_default_params()
    options.n_ctx, options.n_batch, options.n_ubatch = CONTEXT * streams, CONTEXT, 512
    options.n_threads = options.n_threads_batch = threads
    options.n_seq_max = streams
    context = library.llama_init_from_model(model, options)
    memory = library.llama_get_memory(context)
    sampler = library.llama_sampler_chain_init(library.llama_sampler_chain_default_params())
    library.llama_sampler_chain_add(sampler, library.llama_sampler_init_temp(1.0))
    library.llama_sampler_chain_add(sampler, library.llama_sampler_init_dist(1))
    batch = library.llama_batch_init(CONTEXT, 0, streams)

    def put(row, token, position, stream, wanted):
        batch.token[row], batch.pos[row], batch.logits[row] = token, position, wanted
        batch.n_seq_id[row], batch.seq_id[row][0] = 1, stream

    def play():
        library.llama_memory_clear(memory, True)
        tokens = [1] * streams
        batch.n_tokens = streams
        for position in range(PLAYED):
            for stream in range(streams):
                put(stream, tokens[stream], position, stream, 1)
            assert library.llama_decode(context, batch) == 0
            tokens = [library.llama_sampler_sample(sampler, context, stream) for stream in range(streams)]

    def prefill():
        library.llama_memory_clear(memory, True)
        batch.n_tokens = PROMPT
        for position in range(PROMPT):
            put(position, position * 37 % WORDS, position, 0, int(position == PROMPT - 1))
        assert library.llama_decode(context, batch) == 0
        library.llama_synchronize(context)

    return rates(play, prefill, streams)


def onnxruntime(precision, streams, threads):
    """A step with its cache as inputs and outputs, exported from PyTorch."""
    import numpy
    import onnxruntime as library
    import torch
    from torch import nn
    from torch.nn import functional

    assert precision == "fp32"

    class Step(nn.Module):
        def __init__(self):
            super().__init__()
            linear = lambda rows, columns: nn.ModuleList(nn.Linear(columns, rows) for _ in range(LAYERS))
            self.words, self.places = nn.Embedding(WORDS, WIDTH), nn.Embedding(CONTEXT, WIDTH)
            self.qkv, self.proj = linear(3 * WIDTH, WIDTH), linear(WIDTH, WIDTH)
            self.fc1, self.fc2 = linear(4 * WIDTH, WIDTH), linear(WIDTH, 4 * WIDTH)
            self.norms = nn.ModuleList(nn.LayerNorm(WIDTH) for _ in range(2 * LAYERS + 1))
            self.out = nn.Linear(WIDTH, WORDS)

        def forward(self, token, place, past):
            x = self.words(token) + self.places(place)
            kept = []
            for i in range(LAYERS):
                split = self.qkv[i](self.norms[2 * i](x)).view(-1, 1, 3, HEADS, WIDTH // HEADS).permute(2, 0, 3, 1, 4)
                keys, values = torch.cat([past[2 * i], split[1]], 2), torch.cat([past[2 * i + 1], split[2]], 2)
                kept += [keys, values]
                scores = split[0] @ keys.transpose(-1, -2) * (WIDTH // HEADS) ** -0.5
                mixed = (scores.softmax(-1) @ values).transpose(1, 2).reshape(-1, 1, WIDTH)
                x = x + self.proj[i](mixed)
                x = x + self.fc2[i](functional.gelu(self.fc1[i](self.norms[2 * i + 1](x)), approximate="tanh"))
            return self.out(self.norms[-1](x)), torch.stack(kept)

    empty = torch.zeros(2 * LAYERS, streams, HEADS, 1, WIDTH // HEADS)
    token = torch.zeros((streams, 1), dtype=torch.long)
    with tempfile.TemporaryDirectory() as folder:
        torch.onnx.export(Step().eval(), (token, token, empty), folder + "/step.onnx", input_names=["token", "place", "past"],
                          output_names=["logits", "kept"], dynamic_axes={"past": {3: "time"}, "kept": {3: "after"}},
                          dynamo=False)
        options = library.SessionOptions()
        options.intra_op_num_threads, options.inter_op_num_threads = threads, 1
        session = library.InferenceSession(folder + "/step.onnx", options, providers=["CPUExecutionProvider"])
    random = numpy.random.default_rng(0)

    def play():
        past, tokens = empty.numpy(), token.numpy()
        for place in range(PLAYED):
            logits, past = session.run(None, {"token": tokens, "place": numpy.full_like(tokens, place), "past": past})
            noise = random.gumbel(size=logits.shape)
            tokens = (logits + noise).argmax(-1).astype(numpy.int64)

    return rates(play, None, streams)


def lstm(precision, streams, threads):
    """nn.LSTMCell, two layers of 512: step by step many times as fast as nn.LSTM."""
    import torch
    from torch import nn

    torch.set_num_threads(threads)
    kind = {"fp32": torch.float32, "bf16": torch.bfloat16}[precision]
    words = nn.Embedding(WORDS, WIDTH).to(kind)
    cells = [nn.LSTMCell(WIDTH, WIDTH).to(kind) for _ in range(2)]
    out = nn.Linear(WIDTH, WORDS).to(kind)

    def play():
        with torch.inference_mode():
            token = torch.zeros(streams, dtype=torch.long)
            states = [(torch.zeros(streams, WIDTH, dtype=kind),) * 2 for _ in cells]
            for _ in range(PLAYED):
                x = words(token)
                for i, cell in enumerate(cells):
                    states[i] = cell(x, states[i])
                    x = states[i][0]
                token = torch.multinomial(out(x).float().softmax(-1), 1)[:, 0]

    return rates(play, None, streams)


PEERS = {f.__name__: f for f in (transformers, llama, ctranslate2, onnxruntime, lstm)}

if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("peer", choices=PEERS)
    parser.add_argument("--precision", choices=("fp32", "fp16", "bf16", "int8"), default="fp32")
    parser.add_argument("--streams", type=int, default=1)
    parser.add_argument("--threads", type=int, default=os.cpu_count())
    arguments = parser.parse_args()
    measured = PEERS[arguments.peer](arguments.precision, arguments.streams, arguments.threads)
    print(json.dumps({"peer": arguments.peer, "precision": arguments.precision, "streams": arguments.streams, **measured}))
