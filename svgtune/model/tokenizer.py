"""The nano model's tokenizer: Qwen2's byte BPE for words, and one token each for the pieces of an SVG.

Qwen2's own pre-tokenizer splits numbers into digits and markup into words. The pieces that drawings are made
of (numbers, colours, the text between them) are therefore tokens of the added kind, which are matched before
the pre-tokenizer runs: the tokenizer stays a plain ``Qwen2Tokenizer``, with the same tokens after reloading.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable
from itertools import chain

from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, pre_tokenizers, trainers
from transformers import Qwen2Tokenizer
from transformers.models.qwen2.tokenization_qwen2 import PRETOKENIZE_REGEX

END_OF_TEXT = "<|endoftext|>"
TURN_START = "<|im_start|>"
TURN_END = "<|im_end|>"

# Qwen2.5's turns without its default system prompt, so that a short prompt stays short.
CHAT_TEMPLATE = (
    "{% for message in messages %}"
    "{{ '<|im_start|>' + message['role'] + '\\n' + message['content'] + '<|im_end|>' + '\\n' }}"
    "{% endfor %}"
    "{% if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}"
)

_ROOT = re.compile(r"<svg[^>]*>")
# A digit before "=" belongs to an attribute's name, such as x2.
_PIECE = re.compile(r"#[0-9a-f]{6}|#[0-9a-f]{3}|[ -]?\d+(?![\d=])")
# A piece that is only letters would also match inside the words of captions.
_MARKUP = re.compile(r'["<>=]')


def _split_svg(svg: str) -> tuple[list[str], list[str]]:
    """Splits a drawing into its colours, and its root tag with the markup between colours and numbers."""
    root = _ROOT.match(svg)
    if root:
        colours, markup = _split_svg(svg[root.end() :])
        return colours, [root.group(), *markup]
    colours = [piece for piece in _PIECE.findall(svg) if piece.startswith("#")]
    markup = [piece for piece in _PIECE.split(svg) if _MARKUP.search(piece)]
    return colours, markup


def choose_svg_tokens(svgs: Iterable[str], canvas: int, colours: int, markup: int) -> list[str]:
    """Chooses the pieces of drawings that become tokens.

    Args:
        svgs: Drawings in normal form.
        canvas: Whole numbers up to it get a token as they stand, with a space and with a minus before them.
        colours: How many of the most frequent colours get a token.
        markup: How many of the most frequent stretches of markup get one.
    """
    colour_counts: Counter[str] = Counter()
    markup_counts: Counter[str] = Counter()
    for svg in svgs:
        found_colours, found_markup = _split_svg(svg)
        colour_counts.update(found_colours)
        markup_counts.update(found_markup)
    numbers = (f"{sign}{number}" for number in range(canvas + 1) for sign in ("", " ", "-"))
    return [
        *numbers,
        *(piece for piece, _ in colour_counts.most_common(colours)),
        *(piece for piece, _ in markup_counts.most_common(markup)),
    ]


def build_tokenizer(
    captions: Iterable[str], svg_tokens: Iterable[str], *, vocab_size: int, max_length: int
) -> Qwen2Tokenizer:
    """Trains the words on captions, adds the SVG tokens and returns the whole.

    Args:
        captions: What the words are learnt from.
        svg_tokens: Pieces of drawings, as ``choose_svg_tokens`` gives them.
        vocab_size: Upper limit of all tokens together; words get what the SVG tokens leave.
        max_length: Longest sequence of the model.

    Raises:
        ValueError: The SVG tokens leave no room for the 256 bytes.
    """
    pieces = list(dict.fromkeys(svg_tokens))
    room = vocab_size - len(pieces) - 3
    if room < 256:
        raise ValueError(
            f"tokenizer: {len(pieces)} SVG tokens leave {room} of {vocab_size} for words; raise vocab_size"
        )
    trained = Tokenizer(models.BPE())
    split = pre_tokenizers.Split(Regex(PRETOKENIZE_REGEX), behavior="isolated")
    byte_level = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)
    trained.pre_tokenizer = pre_tokenizers.Sequence([split, byte_level])
    trained.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=room,
        initial_alphabet=sorted(pre_tokenizers.ByteLevel.alphabet()),
        show_progress=False,
    )
    # A caption's first word stands without a space before it, or with one in the middle; roles are words too.
    texts = chain.from_iterable((text, " " + text, "user\n", "assistant\n") for text in captions)
    trained.train_from_iterator(texts, trainer)
    tokenizer = Qwen2Tokenizer(
        vocab=trained.get_vocab(),
        merges=_read_merges(trained),
        unk_token=END_OF_TEXT,
        eos_token=TURN_END,
        pad_token=END_OF_TEXT,
        model_max_length=max_length,
        clean_up_tokenization_spaces=False,
    )
    tokenizer.add_special_tokens({"additional_special_tokens": [TURN_START]})
    tokenizer.add_tokens([AddedToken(piece, normalized=False) for piece in pieces])
    tokenizer.chat_template = CHAT_TEMPLATE
    return tokenizer


def _read_merges(tokenizer: Tokenizer) -> list[tuple[str, str]]:
    merges = json.loads(tokenizer.to_str())["model"]["merges"]
    return [tuple(merge) if isinstance(merge, list) else tuple(merge.split(" ")) for merge in merges]
