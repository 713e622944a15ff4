"""The recipe of ``infer/generate.py``: which model draws which prompts, how, and how many candidates."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal, Self

from pydantic import Field, field_validator, model_validator

from svgtune.config.base import Section
from svgtune.config.form import NormalForm
from svgtune.config.prompting import PromptingSection
from svgtune.config.score import CompetitionSection, EmbeddedSection

FLAG_ALIASES: dict[str, str] = {
    "n": "sampling.n",
    "temperature": "sampling.temperature",
    "top_p": "sampling.top_p",
    "top_k": "sampling.top_k",
    "min_p": "sampling.min_p",
    "seed": "sampling.seed",
    "max_new_tokens": "sampling.max_new_tokens",
    "batch_size": "sampling.batch_size",
}
"""Short command-line names of the sampling keys that are set most often."""


class Sampling(Section):
    """How tokens are chosen, for every engine alike."""

    temperature: float | None = Field(default=None, ge=0, le=10)
    """0 is greedy. None: greedy for one candidate, 0.7 for several."""
    top_p: float = Field(default=1.0, gt=0, le=1)
    """Only the likeliest tokens that together have this probability are drawn from."""
    top_k: int = Field(default=0, ge=0)
    """Only this many of the likeliest tokens are drawn from; 0 is no limit."""
    min_p: float = Field(default=0.0, ge=0, lt=1)
    """Only tokens at least this many times as likely as the likeliest are drawn from (arXiv 2407.01082); the
    cut comes after the temperature and before top_k and top_p, as in vLLM."""
    max_new_tokens: int = Field(default=1024, ge=1)
    """A drawing is cut here, or where the model's context ends."""
    n: int = Field(default=1, ge=1, le=1024)
    """Candidates drawn for every prompt."""
    seed: int = Field(default=0, ge=0, lt=2**63)
    """A drawing depends on this, its prompt and its candidate number, not on the prompts beside it."""
    batch_size: int = Field(default=64, ge=1)
    """Drawings in the making at the same time."""

    @property
    def heat(self) -> float:
        """The temperature to sample at, with None resolved."""
        if self.temperature is not None:
            return self.temperature
        return 0.7 if self.n > 1 else 0.0

    @model_validator(mode="after")
    def _check_candidates_differ(self) -> Self:
        if self.n > 1 and self.heat == 0:
            raise ValueError(
                f"n is {self.n} at temperature 0, where all candidates are the same; raise temperature, "
                "or set n to 1"
            )
        return self


class SelectSection(Section):
    """How the best of several candidates is found; validity comes first in any case."""

    by: Literal["likelihood", "judges"] = "likelihood"
    """likelihood takes the drawing that the model itself found likeliest; judges the one that scores best, by
    questions that rules make of the prompt."""
    judges: Literal["embedded", "competition"] = "embedded"
    embedded: EmbeddedSection = EmbeddedSection()
    competition: CompetitionSection = CompetitionSection()
    words: Path = Path("recipes/score/words.json")
    """Word lists by which the questions are made."""
    max_questions: int = Field(default=4, ge=2, le=12)
    """Most questions that are made of a prompt to choose by. More have not been found to choose better."""
    stop_at_score: float | None = Field(default=None, gt=0)
    """Once a candidate of a prompt scores this, no further ones are drawn of it; judges must choose. None:
    all are drawn."""
    round_size: int = Field(default=4, ge=1)
    """Candidates of a prompt that are drawn before the next look at their scores; without stop_at_score all
    are drawn at once."""

    @model_validator(mode="after")
    def _check_scores(self) -> Self:
        if self.stop_at_score is not None and self.by != "judges":
            raise ValueError("stop_at_score needs judges that score; give by: judges, or leave it away")
        return self


GrammarBackend = Literal["svgtune", "xgrammar"]


class VllmSection(Section):
    """What only the vLLM engine asks; adapters are served beside the base, without merging."""

    vram_gib: float = Field(default=15.5, gt=0)
    """On a GPU: all the memory that the engine may take there, never more than is free. What weights and
    arithmetic leave of it holds the drawings in the making."""
    kv_cache_gib: float = Field(default=1.0, gt=0)
    """On a CPU: memory for the drawings in the making, beside the weights."""
    max_model_len: int | None = Field(default=None, ge=32)
    """Most tokens of prompt and drawing together. None: max_new_tokens and 4096 for the prompt, or what the
    model can see at once where that is less."""
    enforce_eager: bool | None = None
    """Start without compiling. None: compile on a GPU, where it pays, and not on a CPU."""
    quantization: Literal["awq", "gptq", "bitsandbytes"] | None = None
    """As vLLM names it. None: what the model's configuration says, or bitsandbytes where the recipe's
    quantisation is nf4."""
    in_process: bool = False
    """Run the engine in this process: it starts sooner, and takes the process with it when it dies."""
    grammar_backend: GrammarBackend = "svgtune"
    """What keeps the grammar. svgtune's own ends each drawing within its bytes and tokens. xgrammar, through
    vLLM's structured outputs, knows neither limit: a drawing that reaches one is repaired or refused."""


class TimeSection(Section):
    """How long drawing may take.

    Within limits prompts are drawn one after the other, and each gets a drawing: at worst one that is made of
    the caption by rules.
    """

    mean_s: float | None = Field(default=None, gt=0)
    """Mean seconds for a prompt over the whole run; what one leaves over, later ones may use. None: no
    limit."""
    prompt_s: float | None = Field(default=None, gt=0)
    """Most seconds for any one prompt. None: no limit."""
    reserve_s: float = Field(default=1.0, ge=0)
    """Seconds of each prompt that drawing must leave over for reading, judging and handing over."""

    @property
    def limited(self) -> bool:
        """Whether there is any limit."""
        return self.mean_s is not None or self.prompt_s is not None


class DrawRecipe(Section):
    """A base model and, where one is given, its adapter; how they draw, and which drawing is kept."""

    model: str | None = None
    """A folder in Hugging Face format or a hub id. None: the adapter's base, or the model that ships."""
    adapter: str | None = None
    """A PEFT adapter: a folder or a hub id. None: none, or the adapter that ships with the default model."""
    engine: Literal["transformers", "vllm"] = "transformers"
    vllm: VllmSection = VllmSection()
    device: Literal["auto", "cpu", "cuda"] = "auto"
    precision: Literal["auto", "bf16", "fp16", "fp32"] = "auto"
    """auto is fp32 on a CPU, and the fastest that a GPU computes natively."""
    quantisation: Literal["none", "nf4"] = "none"
    """nf4 packs the base model's weights into 4 bits."""
    revision: str | None = None
    """Branch, tag or commit of the model on the hub; None is its default branch."""
    sampling: Sampling = Sampling()
    select: SelectSection = SelectSection()
    time: TimeSection = TimeSection()
    render_workers: int | None = Field(default=None, ge=1)
    """Processes that draw the PNG files. None: one for each CPU core."""
    normal_form: NormalForm = NormalForm()
    prompting: PromptingSection = PromptingSection()
    grammar: bool = True
    """Let the model write nothing but drawings of this normal form, each ended within its ``max_bytes`` and
    ``max_new_tokens``. False: it writes what it likes, and what is not a drawing is repaired or dropped."""

    @model_validator(mode="after")
    def _check_one_quantisation(self) -> Self:
        if self.quantisation == "nf4" and self.vllm.quantization not in (None, "bitsandbytes"):
            raise ValueError(
                f"quantisation is nf4, and vllm.quantization is {self.vllm.quantization}; set one of them"
            )
        return self


class GenerateRecipe(DrawRecipe):
    """Draws prompts with a base model and, where one is given, its adapter."""

    prompts: tuple[str, ...] = ()
    """Texts, or .txt, .csv, .jsonl or .parquet files of them, or ``-`` for lines from standard input."""
    all: bool = False
    """Keep every candidate as a drawing of its own, rather than the best one."""

    @model_validator(mode="after")
    def _check_all(self) -> Self:
        early = "select.stop_at_score" if self.select.stop_at_score is not None else "time"
        if self.all and (self.select.stop_at_score is not None or self.time.limited):
            raise ValueError(
                f"all keeps every candidate, which {early} may leave undrawn; give one of the two"
            )
        return self

    @field_validator("prompts", mode="before")
    @classmethod
    def _take_single_text(cls, prompts: Any) -> Any:
        if prompts is None:
            return ()
        if isinstance(prompts, (str, int, float)):
            prompts = (prompts,)
        if isinstance(prompts, (list, tuple)):
            return tuple(str(text) if isinstance(text, (int, float)) else text for text in prompts)
        return prompts
