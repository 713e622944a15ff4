"""What a picture reader is trained to lower."""

from __future__ import annotations

from dataclasses import dataclass

import torch
import torch.nn.functional as f

from svgtune.config.judges import TrainingSection
from svgtune.metric.embedded.course import NO_TASK
from svgtune.metric.inversion.network import PictureReader, Seen

_MASKED = -1e4
_MARGIN = 0.1  # of cosine, between a right and a wrong drawing
_SHARPNESS = 20.0


@dataclass(frozen=True, slots=True, eq=False)
class Batch:
    """Pictures with texts as embeddings, one row for each picture but for ``false_captions``.

    Attributes:
        pictures: uint8 of shape [pictures, side, side, 3].
        caption: [pictures, text width].
        caption_ids: [pictures]; equal texts have equal ids.
        captioned: [pictures] of bool.
        false_captions: [false captions, text width], of all pictures together.
        false_ids: [false captions].
        partner: [pictures]: the right drawing of the same scene, itself for a right one.
        statements: [pictures, tasks, 4, text width].
        stated: [pictures, tasks, 4] of bool; False where there is no statement.
        targets: [pictures, tasks].
        labels: [pictures, labels], 1 for what a picture shows; all 0 where that is not known.
    """

    pictures: torch.Tensor
    caption: torch.Tensor
    caption_ids: torch.Tensor
    captioned: torch.Tensor
    false_captions: torch.Tensor
    false_ids: torch.Tensor
    partner: torch.Tensor
    statements: torch.Tensor
    stated: torch.Tensor
    targets: torch.Tensor
    labels: torch.Tensor


def measure_losses(
    model: PictureReader, namer: torch.nn.Module, batch: Batch, weights: TrainingSection
) -> tuple[torch.Tensor, dict[str, float]]:
    """Returns the weighted sum, and its parts with a few shares for the log.

    Args:
        model: Is trained.
        namer: From the picture at a glance to a logit for each label; is trained along and then thrown away.
        batch: What to learn from.
        weights: Of the parts.
    """
    seen = model.see(batch.pictures)
    captions, cosine = _measure_captions(model, seen, batch), _measure_cosine(seen, batch)
    ranking = _measure_ranking(seen, batch)
    questions, right = _measure_questions(model, seen, batch)
    labels = _measure_labels(namer(seen.whole), batch.labels)
    loss = (
        weights.caption_weight * captions
        + weights.cosine_weight * (1 - cosine)
        + weights.ranking_weight * ranking
        + weights.question_weight * questions
        + weights.label_weight * labels
    )
    parts = {"loss": loss, "captions": captions, "cosine": cosine, "ranking": ranking,
             "questions": questions, "labels": labels, "right": right}  # fmt: skip
    return loss, {name: float(value.detach()) for name, value in parts.items()}


def _measure_captions(model: PictureReader, seen: Seen, batch: Batch) -> torch.Tensor:
    """InfoNCE both ways (van den Oord et al. 2018, equation 4).

    A picture's caption is told from the others' and from all false ones; a caption's picture from the others,
    wrong drawings of it among them.
    """
    mine = batch.captioned.nonzero()[:, 0]
    scale = model.scale_captions()
    texts = torch.cat([batch.caption[mine], batch.false_captions])
    ids = torch.cat([batch.caption_ids[mine], batch.false_ids])
    own = torch.arange(len(mine), device=mine.device)
    to_texts = scale * seen.caption[mine] @ texts.T
    twins = batch.caption_ids[mine][:, None] == ids[None]
    twins[own, own] = False
    to_pictures = scale * batch.caption[mine] @ seen.caption.T
    same = batch.captioned[None] & (batch.caption_ids[mine][:, None] == batch.caption_ids[None])
    same[own, mine] = False
    return (
        f.cross_entropy(to_texts.masked_fill(twins, _MASKED), own)
        + f.cross_entropy(to_pictures.masked_fill(same, _MASKED), mine)
    ) / 2


def _measure_cosine(seen: Seen, batch: Batch) -> torch.Tensor:
    return (seen.caption * batch.caption).sum(-1)[batch.captioned].mean()


def _measure_ranking(seen: Seen, batch: Batch) -> torch.Tensor:
    """Puts a drawing with parts missing below the right one, by the cosine with their caption."""
    lacking = ~batch.captioned
    if not lacking.any():
        return seen.caption.new_zeros(())
    wanted = batch.caption[lacking]
    low = (seen.caption[lacking] * wanted).sum(-1)
    high = (seen.caption[batch.partner[lacking]] * wanted).sum(-1)
    return f.softplus(_SHARPNESS * (low - high + _MARGIN)).mean() / _SHARPNESS


def _measure_questions(model: PictureReader, seen: Seen, batch: Batch) -> tuple[torch.Tensor, torch.Tensor]:
    """Cross-entropy over each task's statements and "none of them", and the share that is right."""
    logits = model.fit(seen, batch.statements.flatten(1, 2)).view(batch.stated.shape)
    logits = logits.masked_fill(~batch.stated, _MASKED)
    logits = torch.cat([logits, torch.zeros_like(logits[..., :1])], -1).flatten(0, 1)
    targets = batch.targets.flatten()
    asked = targets != NO_TASK
    right = (logits.argmax(-1) == targets)[asked].float().mean()
    return f.cross_entropy(logits, targets, ignore_index=NO_TASK), right


def _measure_labels(logits: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
    """Binary cross-entropy of all labels of the pictures whose labels are known, for each true one."""
    known = labels.any(1)
    total = f.binary_cross_entropy_with_logits(logits[known], labels[known], reduction="sum")
    return total / labels.sum().clamp(min=1)
