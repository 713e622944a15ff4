"""Captions with questions as the prompts that a model is reinforced on."""

from __future__ import annotations

import dataclasses
import json
import logging
import random
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from datasets import Dataset
from tqdm import tqdm

from svgtune.assets import find_asset
from svgtune.config.form import NormalForm
from svgtune.config.grpo import PromptDataSection
from svgtune.data.sources.scenes import sample_scene
from svgtune.data.sources.scenes.palette import SHADES
from svgtune.errors import InputError, MissingInputError
from svgtune.metric.embedded.asking import ask_about
from svgtune.metric.scoring.questions import make_questions
from svgtune.metric.scoring.rows import PROMPT_KEYS, parse_line, read_questions, read_text
from svgtune.metric.scoring.words import read_words
from svgtune.model.data import Wording, hash_share, list_shards, read_shards, take
from svgtune.records import Question, build_questions
from svgtune.svg.canonical import canonical_svg

logger = logging.getLogger(__name__)

_PROMPT_FILES = (".txt", ".jsonl")
_OPTIONAL_COLUMNS = ("id", "svg", "questions", "source", "licence", "family")
_BATCH_ROWS = 512

AskQuestions = Callable[[str], tuple[Question, ...]]


@dataclass(frozen=True, slots=True)
class Task:
    """A caption to draw, and how its drawings are judged.

    Attributes:
        questions: Empty where the data brings none; they are made of the caption then.
        reference: A drawing of the caption; empty where there is none.
        family: Tasks that must land in the same split share it.
    """

    id: str
    caption: str
    questions: tuple[Question, ...] = ()
    reference: str = ""
    source: str = ""
    licence: str = ""
    family: str = ""


@dataclass(frozen=True)
class PromptSet:
    """What a run draws and is judged on.

    Attributes:
        train: Columns ``prompt`` (a conversation), ``id``, ``caption``, ``questions`` (JSON, as
            ``Sample.to_row`` writes them) and ``reference`` (SVG, or an empty text).
        held_out: The same columns; never trained on.
        counts: ``in`` = ``train`` + ``held_out`` + the sum of ``dropped``, which is by reason; and how many
            captions brought their questions or had them made.
        licences: Training captions by ``source: licence``.
        longest_prompt: In tokens, chat marks included.
        longest_reference: In tokens, with the end of the turn; 0 where the data holds no drawings.
    """

    train: Dataset
    held_out: Dataset
    counts: dict[str, Any]
    licences: dict[str, int]
    longest_prompt: int
    longest_reference: int


@dataclass
class _Tally:
    dropped: Counter[str] = dataclasses.field(default_factory=Counter)
    questions: Counter[str] = dataclasses.field(default_factory=Counter)
    longest_prompt: int = 0
    longest_reference: int = 0


def load_prompts(section: PromptDataSection, wording: Wording) -> PromptSet:
    """Loads the captions of a recipe, asks about each, drops what cannot be asked about, and splits.

    Raises:
        MissingInputError: A file, folder or column is not there.
        InputError: A row cannot be used, or nothing is left to draw.
    """
    words = read_words(section.words)
    train, held_out = _read_tasks(section, wording.normal_form)
    tally = _Tally()
    parts: dict[str, Dataset] = {}
    counts: dict[str, Any] = {"in": len(train) + len(held_out)}
    licences: Counter[str] = Counter()
    for name, tasks in (("train", train), ("held_out", held_out)):
        kept = _build_rows(
            tasks, wording, section, lambda text: make_questions(text, words, section.max_questions), tally
        )
        if not kept:
            where = section.path or "scenes"
            raise InputError(
                f"{where}: no {name} caption is left of {len(tasks)} ({dict(tally.dropped)}); give more "
                "captions that name things or colours, or see data.max_prompt_tokens"
            )
        counts[name] = len(kept)
        if name == "train":
            licences.update(
                f"{task.source or 'unknown source'}: {task.licence or 'unknown'}" for task, _ in kept
            )
        parts[name] = Dataset.from_list([row for _, row in kept])
    counts["dropped"] = dict(sorted(tally.dropped.items()))
    counts["questions"] = dict(sorted(tally.questions.items()))
    logger.info("data: %s", json.dumps(counts))
    return PromptSet(
        parts["train"],
        parts["held_out"],
        counts,
        dict(licences),
        tally.longest_prompt,
        tally.longest_reference,
    )


def dump_questions(questions: Sequence[Question]) -> str:
    """Writes questions as ``Sample.to_row`` does."""
    return json.dumps([dataclasses.asdict(question) for question in questions], ensure_ascii=False)


def _read_tasks(section: PromptDataSection, form: NormalForm) -> tuple[list[Task], list[Task]]:
    if section.path is None:
        return (
            _draw_scenes(section, form, "train", min(section.count, section.max_prompts or section.count)),
            _draw_scenes(section, form, "held_out", section.max_held_out or section.count),
        )
    path = find_asset(section.path)
    if path.suffix in _PROMPT_FILES:
        train, held_out = list(read_prompts_file(path)), []
    else:
        train_shards, held_out_shards = list_shards(section.path)
        train = list(_read_prepared(train_shards, section, section.max_prompts if held_out_shards else None))
        held_out = list(_read_prepared(held_out_shards, section, section.max_held_out))
    if not held_out:
        train, held_out = _hold_out(train, section.held_out_share, path)
    return train[: section.max_prompts], held_out[: section.max_held_out]


def _draw_scenes(
    section: PromptDataSection, form: NormalForm, split: Literal["train", "held_out"], count: int
) -> list[Task]:
    options = section.scenes.model_copy(update={"split": split})
    tasks = []
    for index in tqdm(range(count), desc=f"Drawing {split} scenes", disable=None):
        sample = sample_scene(section.seed, index, options)
        svg = canonical_svg(sample.svg, form).svg
        key = f"{sample.id}-{split}"  # the splits number their scenes alike
        questions = sample.questions
        if section.ask_parts:
            questions = ask_about(sample, SHADES, random.Random(key))
        tasks.append(Task(key, sample.caption, questions, svg, sample.source, sample.licence))
    return tasks


def _read_prepared(shards: list[Path], section: PromptDataSection, limit: int | None) -> Iterator[Task]:
    if not shards:
        return
    rows = take(read_shards(shards, {"caption": section.caption_column}, _OPTIONAL_COLUMNS), limit)
    folder = shards[0].parent
    for number, row in enumerate(rows):
        row_id = row["id"] or f"{folder.name}-{number}"
        questions = _parse_questions(row["questions"] or "[]", f"{folder}: row {number}, id {row_id!r}")
        values = {name: row[name] or "" for name in ("source", "licence", "family")}
        yield Task(row_id, row["caption"] or "", questions, (row["svg"] or "").strip(), **values)


def read_prompts_file(path: Path) -> Iterator[Task]:
    """Reads a file of prompts: a caption a line, or JSONL with perhaps ``id``, questions and ``svg``.

    Raises:
        MissingInputError: There is no such file.
        InputError: A line cannot be used.
    """
    if not path.is_file():
        raise MissingInputError(f"data.path: there is no file {path}; give a file of prompts that is there")
    taken: dict[str, int] = {}
    for number, line in enumerate(path.read_bytes().split(b"\n"), start=1):
        where = f"{path}:{number}"
        if not line.strip():
            continue
        task = (
            _read_caption(line, where, number) if path.suffix == ".txt" else _read_object(line, where, number)
        )
        if task.id in taken:
            raise InputError(
                f"{where}: the id {task.id!r} is on line {taken[task.id]} too; give every prompt its own id"
            )
        taken[task.id] = number
        yield task


def _read_caption(line: bytes, where: str, number: int) -> Task:
    try:
        caption = line.decode("utf-8-sig" if number == 1 else "utf-8").strip()
    except UnicodeDecodeError as error:
        raise InputError(f"{where}: is not UTF-8 text (byte {error.start}); save it as UTF-8") from error
    return Task(f"line-{number:05d}", caption, source="prompts file")


def _read_object(line: bytes, where: str, number: int) -> Task:
    value = parse_line(line.removeprefix(b"\xef\xbb\xbf"), where)
    caption = read_text(value, PROMPT_KEYS, where)
    given = value.get("questions")
    questions = _parse_questions(given, where) if isinstance(given, str) else read_questions(value, where)
    texts = {"svg": value.get("svg") or "", "id": value.get("id") or f"line-{number:05d}"}
    for key, text in texts.items():
        if not isinstance(text, str):
            raise InputError(f"{where}: {key} is {text!r:.60}, not text; write it in quotes")
    return Task(texts["id"], caption, questions, texts["svg"].strip(), source="prompts file")


def _parse_questions(text: str, where: str) -> tuple[Question, ...]:
    try:
        questions = build_questions(json.loads(text))
    except (ValueError, TypeError, KeyError) as error:
        raise InputError(
            f"{where}: questions are {text!r:.80}, which are none ({error!r:.60}); prepare the data anew, or "
            "give questions, choices and answers as lists"
        ) from error
    for question in questions:
        if question.answer not in question.choices:
            raise InputError(
                f"{where}: the answer {question.answer!r:.60} to {question.text!r:.80} is not among its "
                f"choices {question.choices!r:.120}; correct it"
            )
    return questions


def _hold_out(tasks: list[Task], share: float, path: Path) -> tuple[list[Task], list[Task]]:
    """Splits by family, or by caption, always in the same way and with something on either side."""
    families = sorted({_find_family(task) for task in tasks}, key=lambda family: (hash_share(family), family))
    if len(families) < 2:
        raise InputError(
            f"data.path: {path} holds {len(families)} different captions, and one to train on and one to "
            "hold out are the least; give more"
        )
    held = set(families[: max(1, min(len(families) - 1, round(share * len(families))))])
    return [t for t in tasks if _find_family(t) not in held], [t for t in tasks if _find_family(t) in held]


def _find_family(task: Task) -> str:
    return task.family or " ".join(task.caption.lower().split())


def _build_rows(
    tasks: Sequence[Task], wording: Wording, section: PromptDataSection, ask: AskQuestions, tally: _Tally
) -> list[tuple[Task, dict[str, Any]]]:
    kept = []
    for start in range(0, len(tasks), _BATCH_ROWS):
        batch = tasks[start : start + _BATCH_ROWS]
        prompts = [wording.build_prompt(task.caption) for task in batch]
        lengths = wording.count_tokens(prompts, ask=True)
        references = wording.count_tokens(
            [
                [*prompt, {"role": "assistant", "content": task.reference}]
                for prompt, task in zip(prompts, batch, strict=True)
            ]
        )
        for task, prompt, asked, whole in zip(batch, prompts, lengths, references, strict=True):
            questions = task.questions or (ask(task.caption) if task.caption.strip() else ())
            drawing = whole - asked if task.reference else 0
            reason = _find_fault(task, questions, asked, drawing, section)
            if reason:
                tally.dropped[reason] += 1
                continue
            tally.questions["given" if task.questions else "by_rule"] += 1
            tally.longest_prompt = max(tally.longest_prompt, asked)
            tally.longest_reference = max(tally.longest_reference, drawing)
            row = {
                "prompt": prompt,
                "id": task.id,
                "caption": task.caption,
                "questions": dump_questions(questions),
                "reference": task.reference,
            }
            kept.append((task, row))
    return kept


def _find_fault(
    task: Task, questions: Sequence[Question], asked: int, drawing: int, section: PromptDataSection
) -> str:
    if not task.caption.strip():
        return "empty_caption"
    if asked > section.max_prompt_tokens:
        return "too_many_tokens"
    if section.max_reference_tokens is not None and drawing > section.max_reference_tokens:
        return "too_long_drawing"
    return "" if questions else "no_question"
