"""vLLM in the training process, given the adapter alone after each update.

TRL merges the adapter into the weights, hands all of them to vLLM, and takes it out again. 4-bit weights are
rounded both times, so that what an update adds is lost and the base drifts, and vLLM refuses their shapes
(github.com/huggingface/trl/issues/3466 and 4973). Here vLLM keeps the base as it is and loads each adapter as
a file, which is also a small part of the bytes. A server gets the merged weights as TRL sends them, and the
base is put back bit for bit afterwards. Tested with a stand-in for vLLM only, not on a GPU yet.
"""

from __future__ import annotations

import importlib
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Any

from peft import PeftModel
from trl.generation import vllm_generation
from trl.generation.vllm_generation import VLLMGeneration
from trl.trainer import grpo_trainer

from svgtune.config.tuning import VLLM_RANKS
from svgtune.errors import RecipeError
from svgtune.model.lora import unmerged_after


class AdapterEngine:
    """vLLM's ``LLM``, which draws with the adapter it was last given and keeps its weights asleep."""

    def __init__(self, llm: Any) -> None:
        self.llm = llm
        self.request: Any = None

    def generate(self, prompts: Any, **options: Any) -> Any:
        """Generates with the adapter."""
        return self.llm.generate(prompts, lora_request=self.request, **options)

    def sleep(self, level: int = 1) -> None:
        """Frees the GPU. TRL asks for level 2, which throws the weights away, because it sends them anew."""
        self.llm.sleep(level=min(level, 1))

    def __getattr__(self, name: str) -> Any:
        return getattr(self.llm, name)


class AdapterGeneration(VLLMGeneration):
    """TRL's vLLM backend; in its colocate mode with LoRA it sends the adapter and no other weights.

    In server mode with LoRA it sends all weights, and leaves the base as it was.
    """

    def _init_vllm(self) -> None:
        self._folder: Path | None = None
        self._count = 0
        if self.mode != "colocate" or not isinstance(self.model, PeftModel):
            super()._init_vllm()
            return
        rank = self.model.peft_config["default"].r
        if rank > VLLM_RANKS[-1]:
            raise RecipeError(
                f"lora.rank: is {rank}, and vLLM takes up to {VLLM_RANKS[-1]}; lower it, or set "
                "trainer.use_vllm to false"
            )
        self._folder = Path(tempfile.mkdtemp(prefix="svgtune-adapter-"))
        build = vllm_generation.LLM

        # The very state of the base that is trained: TRL names the model only, as it sends all weights.
        commit = getattr(self.model.get_base_model().config, "_commit_hash", None)
        pinned = {} if commit is None else {"revision": commit, "tokenizer_revision": commit}

        def build_engine(**options: Any) -> AdapterEngine:
            largest = next(size for size in VLLM_RANKS if size >= rank)
            return AdapterEngine(
                build(**options, **pinned, enable_lora=True, max_lora_rank=largest, max_loras=1)
            )

        vllm_generation.LLM = build_engine
        try:
            super()._init_vllm()
        finally:
            vllm_generation.LLM = build

    def sync_weights(self) -> None:
        """Hands over the adapter as it is now, by itself or merged, to draw with from now on."""
        if self._folder is None:
            # Split weights are not here to be copied; TRL gathers them while it sends.
            split = self._dist.is_fsdp or self._dist.is_zero3
            with nullcontext() if split else unmerged_after(self.model):
                super().sync_weights()
            return
        if self.enable_sleep_mode:
            vllm_generation.empty_cache()
            self.llm.wake_up(tags=["weights"])
            self._llm_weights_sleeping = False
        # vLLM knows an adapter by its number and would not look at a changed file again.
        self._count += 1
        place = self._folder / str(self._count)
        # Saving must not look at the hub for whether the embeddings have changed: they cannot.
        self.model.save_pretrained(place, selected_adapters=["default"], save_embedding_layers=False)
        requests = importlib.import_module("vllm.lora.request")
        self.llm.request = requests.LoRARequest(f"step-{self._count}", self._count, str(place))
        self.llm.reset_prefix_cache()
        # The one before last: the last one may not have been loaded yet.
        shutil.rmtree(self._folder / str(self._count - 2), ignore_errors=True)

    def close(self) -> None:
        """Removes the adapters' files."""
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)


@contextmanager
def use_adapter_generation() -> Iterator[None]:
    """Makes a GRPO trainer that is built inside take ``AdapterGeneration``; TRL has no setting for it."""
    earlier = grpo_trainer.VLLMGeneration
    grpo_trainer.VLLMGeneration = AdapterGeneration
    try:
        yield
    finally:
        grpo_trainer.VLLMGeneration = earlier
