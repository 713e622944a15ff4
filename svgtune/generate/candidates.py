"""What a model wrote as candidates to choose from: read, rendered, and mended where the renderer stops."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from svgtune.config.form import NormalForm
from svgtune.generate.drawings import Drawing
from svgtune.generate.engine import Completion
from svgtune.generate.prompts_file import Prompt
from svgtune.generate.select import Candidate
from svgtune.render.pool import Rendered, RenderPool
from svgtune.svg.repair import Reading, Validity, mend_drawing, read_drawing

_NOTHING = Reading(None, Validity.INVALID)


class CandidateReader:
    """Makes candidates of completions.

    Args:
        form: What a drawing is brought into where it has to be mended.
        pool: Draws; no drawing is rendered in this process.
        seed: Of the run, which is noted with each drawing.
    """

    def __init__(self, form: NormalForm, pool: RenderPool, seed: int) -> None:
        self._form = form
        self._pool = pool
        self._seed = seed

    def build(self, completions: Sequence[Completion], prompts: Mapping[str, Prompt]) -> list[Candidate]:
        """Returns a candidate for each completion, in their order.

        Args:
            completions: Of any prompts.
            prompts: By the ids of the requests.
        """
        readings = [self._read(completion) for completion in completions]
        drawn = zip(completions, *self._render(readings), strict=True)
        return [
            self._build_one(prompts[one.request_id], one, reading, picture) for one, reading, picture in drawn
        ]

    def _read(self, completion: Completion) -> Reading:
        if completion.finish == "refused":
            return _NOTHING
        try:
            return read_drawing(completion.text, self._form)
        except Exception as error:  # noqa: BLE001 - one strange output must not cost the others
            return Reading(None, Validity.INVALID, f"cannot be read: {type(error).__name__}: {error}"[:300])

    def _render(self, readings: list[Reading]) -> tuple[list[Reading], list[Rendered | None]]:
        """Draws what was read; what the rules allow and the renderer still stops at is mended."""
        pictures = self._draw(readings)
        again = [
            mend_drawing(reading.svg, f"{picture.reason}: {picture.detail}", self._form)
            if reading.svg is not None and picture is not None and picture.reason == "render_error"
            else None
            for reading, picture in zip(readings, pictures, strict=True)
        ]
        mended = self._draw([reading or _NOTHING for reading in again])
        return (
            [new or old for new, old in zip(again, readings, strict=True)],
            [new or old for new, old in zip(mended, pictures, strict=True)],
        )

    def _draw(self, readings: Sequence[Reading]) -> list[Rendered | None]:
        drawn = self._pool.imap(reading.svg for reading in readings if reading.svg is not None)
        return [None if reading.svg is None else next(drawn) for reading in readings]

    def _build_one(
        self, prompt: Prompt, completion: Completion, reading: Reading, picture: Rendered | None
    ) -> Candidate:
        detail = join_details(prompt.note, completion.detail)
        if completion.finish == "length":
            detail = join_details(detail, f"cut after {completion.tokens} tokens")
        if completion.finish == "budget":
            detail = join_details(detail, f"closed after {completion.tokens} tokens, as its room ran out")
        if completion.finish == "time":
            detail = join_details(detail, f"given up after {completion.seconds:.1f} s")
        detail = join_details(detail, reading.detail)
        if picture is not None and picture.reason is not None:
            detail = join_details(detail, f"{picture.reason}: {picture.detail}")
        text = f"{completion.plan}\n{completion.text}" if completion.plan else completion.text
        drawing = Drawing(
            id=name_drawing(prompt.id, completion.candidate),
            prompt_id=prompt.id,
            prompt=prompt.text,
            svg=reading.svg,
            validity=reading.validity,
            tokens=completion.tokens,
            seconds=completion.seconds,
            seed=self._seed,
            candidate=completion.candidate,
            finish=completion.finish,
            logprob=completion.logprob,
            rendered=picture is not None and picture.image is not None,
            detail=detail,
            text=text if text not in ("", reading.svg) else None,
        )
        return Candidate(drawing, picture)


def name_drawing(prompt_id: str, candidate: int) -> str:
    """Returns the id of one of several drawings of a prompt."""
    return f"{prompt_id}-{candidate + 1:02d}"


def join_details(*parts: str) -> str:
    """Joins what is to be said about a drawing, leaving out what is empty."""
    return "; ".join(part for part in parts if part)
