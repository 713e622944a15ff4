"""Tiny random models of the competition's architectures, with processors made on the spot."""

from __future__ import annotations

from pathlib import Path

import torch
from tokenizers import Tokenizer, decoders, models, normalizers, trainers
from transformers import (
    CLIPConfig,
    CLIPImageProcessorPil,
    CLIPModel,
    Gemma2Config,
    PaliGemmaConfig,
    PaliGemmaForConditionalGeneration,
    PaliGemmaProcessor,
    PreTrainedTokenizerFast,
    SiglipImageProcessorPil,
    SiglipVisionConfig,
)

IMAGE_PX, PATCH_PX = 56, 14
IMAGE_TOKENS = (IMAGE_PX // PATCH_PX) ** 2
CLIP_WIDTH = 24


def build_tokenizer() -> PreTrainedTokenizerFast:
    """Builds a tokenizer in Gemma's manner: a letter has one token alone and another after a space."""
    core = Tokenizer(models.BPE(unk_token="<unk>"))
    core.normalizer = normalizers.Replace(" ", "▁")
    core.decoder = decoders.Replace("▁", " ")
    text = [f" {chr(letter)}" for letter in range(65, 91)] * 50 + [
        "answer en Question: Choices:\nocr\n. ,?-'"
    ]
    text += ["abcdefghijklmnopqrstuvwxyz0123456789"]
    trainer = trainers.BpeTrainer(
        vocab_size=300, special_tokens=["<pad>", "<eos>", "<bos>", "<unk>"], show_progress=False
    )
    core.train_from_iterator(text, trainer)
    return PreTrainedTokenizerFast(
        tokenizer_object=core, pad_token="<pad>", eos_token="<eos>", bos_token="<bos>", unk_token="<unk>"
    )


def build_processor() -> PaliGemmaProcessor:
    images = SiglipImageProcessorPil(size={"height": IMAGE_PX, "width": IMAGE_PX})
    images.image_seq_length = IMAGE_TOKENS
    return PaliGemmaProcessor(images, build_tokenizer())


def build_paligemma(processor: PaliGemmaProcessor) -> PaliGemmaForConditionalGeneration:
    torch.manual_seed(0)
    vocabulary = len(processor.tokenizer)
    config = PaliGemmaConfig(
        text_config=Gemma2Config(
            vocab_size=vocabulary, hidden_size=32, intermediate_size=64, num_hidden_layers=2, head_dim=16,
            num_attention_heads=2, num_key_value_heads=1, query_pre_attn_scalar=16, initializer_range=0.3,
            pad_token_id=0, eos_token_id=1, bos_token_id=2,
        ),
        vision_config=SiglipVisionConfig(
            hidden_size=16, intermediate_size=32, num_hidden_layers=2, num_attention_heads=2,
            image_size=IMAGE_PX, patch_size=PATCH_PX, vision_use_head=False,
        ),
        image_token_index=processor.image_token_id, projection_dim=32, hidden_size=32, vocab_size=vocabulary,
    )  # fmt: skip
    config.text_config._attn_implementation = "eager"
    return PaliGemmaForConditionalGeneration(config).eval()


def save_paligemma(folder: Path) -> Path:
    processor = build_processor()
    build_paligemma(processor).save_pretrained(folder)
    processor.save_pretrained(folder)
    return folder


def save_clip(folder: Path) -> Path:
    torch.manual_seed(1)
    narrow = {
        "hidden_size": 32, "intermediate_size": 64, "num_hidden_layers": 2, "num_attention_heads": 2,
    }  # fmt: skip
    config = CLIPConfig(
        text_config={**narrow, "vocab_size": 99, "projection_dim": CLIP_WIDTH},
        vision_config={**narrow, "image_size": 32, "patch_size": 8, "projection_dim": CLIP_WIDTH},
        projection_dim=CLIP_WIDTH,
    )
    CLIPModel(config).eval().save_pretrained(folder)
    processor = CLIPImageProcessorPil(size={"shortest_edge": 32}, crop_size={"height": 32, "width": 32})
    processor.save_pretrained(folder)
    return folder
