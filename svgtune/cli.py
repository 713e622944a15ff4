"""The command line of every stage: one grammar, one help page, one way to fail."""

from __future__ import annotations

import dataclasses
import difflib
import importlib
import json
import logging
import os
import shutil
import signal
import sys
import textwrap
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType
from typing import Any, NoReturn

from svgtune import __version__
from svgtune.assets import find_asset
from svgtune.config import Section, dump_recipe, read_recipe
from svgtune.config.describe import Entry, list_entries, list_input_paths
from svgtune.errors import MissingInputError, RecipeError, SvgtuneError
from svgtune.runs import check_output
from svgtune.threads import set_waiting

EXIT_OK, EXIT_FAILED, EXIT_REFUSED, EXIT_INTERRUPTED = 0, 1, 2, 130


@dataclass(frozen=True, slots=True)
class Stage:
    """One stage of the pipeline as a command.

    Attributes:
        script: Its entry script in a checkout.
        recipe: ``module:Class``. The module may also hold ``FLAG_ALIASES``, short names of recipe keys.
        run: ``module:function``, imported only when work starts, for it may load torch; empty where the entry
            script does the work itself and there is no console stage.
        default: The recipe that is taken when none is named.
        after: What is done next; shown when the stage has finished.
        dry_run: What ``--dry-run`` does where the stage itself carries it out, by ``run``'s argument of that
            name; empty where it shows the plan and nothing is run.
        has_output: Whether it writes a run; where it does not, nothing can be resumed or overwritten.
    """

    script: str
    purpose: str
    recipe: str
    run: str
    default: str
    examples: tuple[str, ...]
    after: str
    dry_run: str = ""
    has_output: bool = True


STAGES: dict[str, Stage] = {
    "collect": Stage(
        script="data_prep/collect.py",
        purpose="Brings the drawings and captions of a data recipe to this machine as plain files.",
        recipe="svgtune.config.prepare:PrepareRecipe",
        run="",
        default="recipes/data/scenes.yaml",
        examples=("--config recipes/data/scenes.yaml --output runs/files --source.count 100",),
        after="prepare it with data_prep/prepare.py and a folder source",
    ),
    "prepare": Stage(
        script="data_prep/prepare.py",
        purpose="Collects captioned drawings, normalises, filters and splits them, and writes shards.",
        recipe="svgtune.config.prepare:PrepareRecipe",
        run="svgtune.data.prepare:run",
        default="recipes/data/scenes.yaml",
        examples=(
            "--config recipes/data/scenes.yaml --output runs/scenes --source.count 300",
            "--config recipes/data/folder.yaml --output runs/mine --source.path drawings",
        ),
        after="tune on it with train/sft.py",
    ),
    "pretrain": Stage(
        script="scripts/pretrain_nano.py",
        purpose="Trains the nano base model and its tokenizer from scratch on fresh scenes.",
        recipe="svgtune.config.pretrain:PretrainRecipe",
        run="svgtune.model.pretrain:run",
        default="recipes/pretrain/nano.yaml",
        examples=("--config recipes/pretrain/nano.yaml --output runs/nano", "--output runs/nano --resume"),
        after="tune it with train/sft.py",
    ),
    "sft": Stage(
        script="train/sft.py",
        purpose="Tunes a language model on captioned drawings: LoRA, QLoRA or all weights, by recipe.",
        recipe="svgtune.config.sft:SftRecipe",
        run="svgtune.model.sft:run",
        default="recipes/sft/nano_lora.yaml",
        examples=(
            "--config recipes/sft/nano_lora.yaml --output runs/nano_lora",
            "--config recipes/sft/qwen2.5_0.5b_lora.yaml --trainer.learning_rate 1e-4",
        ),
        after="draw with infer/generate.py",
    ),
    "grpo": Stage(
        script="train/grpo.py",
        purpose="Reinforces a language model on what its drawings earn: GRPO of an adapter or all weights.",
        recipe="svgtune.config.grpo:GrpoRecipe",
        run="svgtune.model.grpo:run",
        default="recipes/grpo/nano.yaml",
        examples=(
            "--config recipes/grpo/nano.yaml --start_from runs/nano_lora --output runs/nano_grpo",
            "--config recipes/grpo/nano.yaml --data.path prompts.txt --trainer.max_steps 2",
        ),
        after="draw with infer/generate.py --adapter",
    ),
    "generate": Stage(
        script="infer/generate.py",
        purpose="Draws prompts: SVG and PNG files, a table of them, and a gallery page.",
        recipe="svgtune.config.generate:GenerateRecipe",
        run="svgtune.generate.draw:run",
        default="recipes/generate/nano.yaml",
        examples=(
            '--prompts "a red lighthouse at dusk" "a green wool scarf" --output runs/drawings',
            "--prompts recipes/generate/prompts_demo.txt --n 4 --all --temperature 0.7 --seed 1",
        ),
        after="open gallery.html in a browser",
    ),
    "score": Stage(
        script="infer/score.py",
        purpose="Scores a file of drawings as the competition does, with figures and a gallery page.",
        recipe="svgtune.config.score:ScoreRecipe",
        run="svgtune.metric.scoring.stage:run",
        default="recipes/score/embedded.yaml",
        examples=(
            "--drawings runs/drawings/drawings.jsonl --judges embedded --output runs/score",
            "--config recipes/score/competition.yaml --drawings runs/drawings --output runs/score",
        ),
        after="summary.json has the figures, gallery.html shows the drawings by score",
    ),
    "submission": Stage(
        script="infer/submission.py",
        purpose="Answers descriptions as the competition asks for them, one by one and in time.",
        recipe="svgtune.config.submission:SubmissionRecipe",
        run="svgtune.submission.stage:run",
        default="recipes/submission/nano.yaml",
        examples=(
            "--descriptions train.csv --output runs/submission",
            "--descriptions train.csv --n 4 --time.mean_s 20 --output runs/submission",
        ),
        after="submission.csv is the answer, timing.json has the figures, gallery.html shows the drawings",
    ),
    "serve": Stage(
        script="infer/serve.py",
        purpose="Serves drawings over HTTP: OpenAI's chat completions that answer with an SVG, and /draw.",
        recipe="svgtune.config.serve:ServeRecipe",
        run="svgtune.serve.stage:run",
        default="recipes/serve/nano.yaml",
        examples=(
            "--port 8000",
            "--port 8000 --engine transformers",
            "--config recipes/serve/qwen2.5_3b.yaml --adapter runs/qwen --host 0.0.0.0 --port 8000",
        ),
        after="",
        has_output=False,
    ),
    "prefer": Stage(
        script="data_prep/prefer.py",
        purpose="Chooses among a model's own scored drawings: the best of each caption, and pairs.",
        recipe="svgtune.config.prefer:PreferRecipe",
        run="svgtune.preference.stage:run",
        default="recipes/prefer/best_of.yaml",
        examples=(
            "--drawings runs/drawn --scores runs/scored --output runs/preferred",
            "--drawings runs/drawn --scores runs/scored --held_out runs/scenes --pairs.min_margin 0.05",
        ),
        after="tune on the best with train/sft.py, or on the pairs with train/dpo.py",
    ),
    "dpo": Stage(
        script="train/dpo.py",
        purpose="Tunes a language model by preference between drawings: DPO of an adapter or all weights.",
        recipe="svgtune.config.dpo:DpoRecipe",
        run="svgtune.model.dpo:run",
        default="recipes/dpo/nano.yaml",
        examples=(
            "--config recipes/dpo/nano.yaml --start_from runs/nano_lora --data.path runs/preferred",
            "--data.path runs/preferred --trainer.beta 0.05 --output runs/nano_dpo",
        ),
        after="draw with infer/generate.py --adapter",
    ),
    "judges": Stage(
        script="scripts/train_judges.py",
        purpose="Trains a small judge that answers questions about pictures, on fresh scenes.",
        recipe="svgtune.config.judges:JudgesRecipe",
        run="",
        default="recipes/judges/embedded.yaml",
        examples=(
            "--config recipes/judges/embedded.yaml --output runs/judges/embedded",
            "--output runs/judges/embedded --resume",
        ),
        after="its card says what it is worth",
    ),
    "text_gate": Stage(
        script="scripts/train_text_gate.py",
        purpose="Trains a small network that says which pictures are worth reading, on fresh scenes.",
        recipe="svgtune.config.text_gate:TextGateRecipe",
        run="",
        default="recipes/text_gate/embedded.yaml",
        examples=(
            "--config recipes/text_gate/embedded.yaml --output runs/text_gate",
            "--output runs/text_gate --resume",
        ),
        after="its card says what it misses",
    ),
    "inversion": Stage(
        script="train/invert.py",
        purpose="Trains a picture backbone to predict embeddings of prompts: linear probe, then fine-tuning.",
        recipe="svgtune.config.inversion:InversionRecipe",
        run="svgtune.metric.inversion.training:run",
        default="recipes/inversion/tiny.yaml",
        examples=(
            "--config recipes/inversion/clip_vit_l14.yaml --data.path pictures --output runs/clip",
            "--data.path pictures --output runs/inversion/tiny --resume",
        ),
        after="give it to infer/invert.py as --judge",
    ),
    "invert": Stage(
        script="infer/invert.py",
        purpose="Predicts the embeddings of the captions that pictures were made for.",
        recipe="svgtune.config.judges:InvertRecipe",
        run="svgtune.metric.inversion.invert:run",
        default="recipes/invert/embedded.yaml",
        examples=("--images pictures --judge runs/judges/embedded --output submission.csv",),
        after="the table is what that competition takes",
    ),
    "export": Stage(
        script="scripts/export_adapter.py",
        purpose="Exports an adapter, alone or merged into its base, and uploads it to Kaggle or the hub.",
        recipe="svgtune.config.export:ExportRecipe",
        run="svgtune.export.stage:run",
        default="recipes/export/adapter.yaml",
        examples=(
            "--adapter runs/nano_lora --output runs/export/nano_lora",
            "--adapter runs/nano_lora --merged --output runs/export/nano_merged",
            "--adapter runs/nano_lora --kaggle OWNER/MODEL/transformers/nano --output runs/export --dry-run",
        ),
        after="its README.md says how it is used",
        dry_run="make and check the export in --output, show what would be uploaded, and upload nothing",
    ),
}

_COMMON_HELP = (
    ("--config FILE", "the recipe, in YAML; default {default}"),
    ("--output DIR", "where the run goes; default runs/{name}/<name of the recipe>"),
    ("--resume", "go on with the run that is there"),
    ("--overwrite", "delete the run that is there first"),
    ("--dry-run", "check recipe, inputs and output, show what would be done, and write nothing"),
    ("--help", "show this page"),
    ("--KEY VALUE", "set a key of the recipe (below), dotted: --section.key VALUE or --section.key=VALUE"),
)

_RUN_FLAGS = ("--output", "--resume", "--overwrite")

logger = logging.getLogger(__name__)


@dataclass
class _Order:
    """The common flags of a command, and the words that belong to the recipe."""

    config: Path | None = None
    output: Path | None = None
    resume: bool = False
    overwrite: bool = False
    dry_run: bool = False
    help: bool = False
    overrides: list[str] = field(default_factory=list)


def console() -> int:
    """Runs the ``svgtune`` command: ``svgtune STAGE ...``."""
    words = sys.argv[1:]
    stages = {name: stage for name, stage in STAGES.items() if stage.run}
    if words and words[0] in stages:
        return main(words[0], words[1:], program=f"svgtune {words[0]}")
    if words and words[0] == "--version":
        sys.stdout.write(f"svgtune {__version__}\n")
        return EXIT_OK
    lines = [f"  {name:10} {stage.purpose}" for name, stage in stages.items()]
    overview = "usage: svgtune STAGE [--help] ...\n\nstages, in order:\n" + "\n".join(lines) + "\n"
    if not words or words[0] in ("-h", "--help"):
        sys.stdout.write(overview)
        return EXIT_OK
    sys.stderr.write(f"svgtune: there is no stage {words[0]!r}; choose one of {', '.join(stages)}\n")
    return EXIT_REFUSED


def main(
    name: str,
    words: Sequence[str] | None = None,
    *,
    program: str | None = None,
    run: Callable[..., Any] | None = None,
) -> int:
    """Runs one stage from command-line words.

    Args:
        name: A key of ``STAGES``.
        words: Without the program's name; None takes them from ``sys.argv``.
        program: How the command was called, for its help page; None names the entry script.
        run: What does the work, where that is in the entry script itself; None takes ``Stage.run``.

    Returns:
        The exit status: 0 done, 2 refused with one sentence on stderr, 130 interrupted, 1 anything else.
    """
    words = sys.argv[1:] if words is None else words
    program = program or f"python {STAGES[name].script}"
    logging.basicConfig(level=logging.INFO, format="%(levelname)s %(name)s: %(message)s", stream=sys.stderr)
    earlier = signal.signal(signal.SIGTERM, _interrupt)
    try:
        return _run(name, words, program, run)
    except SvgtuneError as error:
        sys.stderr.write(f"{error}\n")
        return EXIT_REFUSED
    except KeyboardInterrupt as stop:
        sys.stderr.write(f"\n{name}: stopped by {str(stop) or 'the keyboard'}; go on with --resume\n")
        return EXIT_INTERRUPTED
    except OSError as error:
        if error.filename is None and error.errno is None:
            raise
        what = f"{error.strerror or error}".lower()
        sys.stderr.write(f"{error.filename or name}: {what}; mend that and go on with --resume\n")
        return EXIT_FAILED
    finally:
        signal.signal(signal.SIGTERM, earlier)


def run_script(main: Callable[[], int]) -> NoReturn:
    """Runs a script that is no stage and exits with its status; an error of ours is one line, status 2."""
    set_waiting()
    try:
        sys.exit(main())
    except SvgtuneError as error:
        sys.stderr.write(f"{error}\n")
        sys.exit(EXIT_REFUSED)
    except KeyboardInterrupt:
        sys.exit(EXIT_INTERRUPTED)


def _run(name: str, words: Sequence[str], program: str, run: Callable[..., Any] | None) -> int:
    stage = STAGES[name]
    cls, aliases = _load_recipe_class(stage)
    order = _read_order(words, aliases)
    if order.help:
        sys.stdout.write(_write_help(name, stage, program, cls, aliases))
        return EXIT_OK
    config = find_asset(order.config or stage.default)
    recipe = read_recipe(cls, config, order.overrides)
    output = order.output or Path("runs", name, config.stem)
    if not stage.has_output and (order.output or order.resume or order.overwrite):
        raise RecipeError(f"{name}: writes no run; leave --output, --resume and --overwrite away")
    _check_inputs(recipe, config)
    if order.dry_run and not stage.dry_run:
        if stage.has_output:
            check_output(output, resume=order.resume, overwrite=order.overwrite)
        sys.stdout.write(_write_plan(name, stage, config, output, recipe, order))
        return EXIT_OK
    set_waiting()
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
    run = run or _load(stage.run)
    more = {"dry_run": order.dry_run} if stage.dry_run else {}
    result = run(recipe, output, resume=order.resume, overwrite=order.overwrite, **more)
    if isinstance(result, int):
        return result
    if int(os.environ.get("RANK", "0")) == 0:
        sys.stdout.write(_write_result(result))
        if stage.has_output:
            sys.stdout.write(f"{output}: done; {stage.after}\n")
    return EXIT_OK


def _write_result(result: Any) -> str:
    if result is None:
        return ""
    if dataclasses.is_dataclass(result) and type(result).__str__ is object.__str__:
        result = dataclasses.asdict(result)  # type: ignore[arg-type]
    if isinstance(result, Mapping):
        return json.dumps(result, ensure_ascii=False, indent=2, default=str) + "\n"
    return f"{result}\n"


def _read_order(words: Sequence[str], aliases: dict[str, str]) -> _Order:
    order = _Order()
    rest, owner = list(words), ""
    while rest:
        word = rest.pop(0)
        name, equals, value = word.partition("=")
        if name in ("--config", "--output"):
            if not equals and (not rest or rest[0].startswith("--")):
                raise RecipeError(f"{name}: has no value; write {name} PATH")
            setattr(order, name[2:], Path(value if equals else rest.pop(0)))
            owner = name
        elif name in ("--resume", "--overwrite", "--dry-run", "--help", "-h"):
            if equals:
                raise RecipeError(f"{name}: takes no value, but got {value!r}; write {name} alone")
            setattr(order, "help" if name == "-h" else name[2:].replace("-", "_"), True)
            owner = name
        elif word.startswith("--"):
            order.overrides.append(f"--{aliases.get(name[2:], name[2:])}{equals}{value}")
            owner = ""
        elif owner:
            raise RecipeError(f"{word!r:.80}: is one value too many after {owner}; remove it")
        else:
            order.overrides.append(word)
    return order


def _check_inputs(recipe: Section, config: Path) -> None:
    for key, path in list_input_paths(recipe):
        found = find_asset(path)
        if not found.exists():
            beside = [p.name for p in found.parent.iterdir()] if found.parent.is_dir() else []
            near = difflib.get_close_matches(found.name, beside, n=1)
            hint = f"did you mean {str(path.with_name(near[0]))!r}?" if near else "correct the path"
            raise MissingInputError(f"{config}: {key} is {str(path)!r}, which is not there; {hint}")


def _write_plan(name: str, stage: Stage, config: Path, output: Path, recipe: Section, order: _Order) -> str:
    way = "resumed" if order.resume else "deleted first" if order.overwrite else "new"
    inputs = [f"  input    {key}: {find_asset(path)}" for key, path in list_input_paths(recipe)]
    lines = [
        f"{name}: {stage.purpose}",
        f"  recipe   {config}",
        *inputs,
        *([f"  output   {output} ({way if output.exists() else 'new'})"] if stage.has_output else []),
        f"  runs     {stage.run or stage.script}",
        "",
        dump_recipe(recipe).rstrip(),
        "",
        "dry run: nothing was written",
    ]
    return "\n".join(lines) + "\n"


def _write_help(name: str, stage: Stage, program: str, cls: type[Section], aliases: dict[str, str]) -> str:
    width = max(60, min(110, shutil.get_terminal_size((100, 24)).columns))
    blocks = [
        f"usage: {program} [--config FILE] {'[--output DIR] ' if stage.has_output else ''}[--KEY VALUE ...]",
        "",
        stage.purpose,
        "",
    ]
    blocks += ["examples:", *(f"  {program} {example}" for example in stage.examples), "", "flags:"]
    for flag, common in _COMMON_HELP:
        if not stage.has_output and flag.split()[0] in _RUN_FLAGS:
            continue
        text = stage.dry_run or common if flag == "--dry-run" else common
        blocks.append(_write_row(flag, text.format(default=stage.default, name=name), 18, width))
    if aliases:
        blocks += ["", "short names:"]
        blocks += [_write_row(f"--{short}", f"--{full}", 18, width) for short, full in aliases.items()]
    groups: dict[str, list[Entry]] = {"": []}
    for entry in list_entries(cls):
        groups.setdefault(entry.path.rpartition(".")[0], []).append(entry)
    for section, entries in groups.items():
        blocks += ["", f"recipe keys of {section}:" if section else "recipe keys:"]
        blocks += [_write_row(f"--{e.path}", _write_entry(e), 32, width) for e in entries]
    return "\n".join(blocks) + "\n"


def _write_entry(entry: Entry) -> str:
    default = "must be given" if entry.default is None else f"default {entry.default}"
    kind = f"({entry.type}; {default})" if entry.default != "" else f"({entry.type})"
    return f"{entry.description.replace('``', '')} {kind}".strip()


def _write_row(left: str, right: str, column: int, width: int) -> str:
    lines = textwrap.wrap(right, width - column - 3, break_long_words=False) or [""]
    head = f"  {left:{column}} " if len(left) <= column else f"  {left}\n{' ' * (column + 3)}"
    return head + ("\n" + " " * (column + 3)).join(lines)


def _load_recipe_class(stage: Stage) -> tuple[type[Section], dict[str, str]]:
    module = importlib.import_module(stage.recipe.partition(":")[0])
    return _load(stage.recipe), dict(getattr(module, "FLAG_ALIASES", {}))


def _load(dotted: str) -> Any:
    module, _, attribute = dotted.partition(":")
    return getattr(importlib.import_module(module), attribute)


def _interrupt(number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt(signal.Signals(number).name)
