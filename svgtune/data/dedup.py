"""The same picture twice: signatures of drawings, and a search for earlier ones that stays on disk."""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product
from pathlib import Path

import cv2
import numpy as np

from svgtune.config.prepare import Dedup
from svgtune.data.sources.base import caption_key

THUMB_PX = 16
_HASH_PX = 32
_HASH_SIDE = 8
_HASH_MARGIN = 8.0  # a picture that fills the range has coefficients of hundreds
_BANDS = 4
_BAND_BITS = 16
_COLOUR_STEP = 64
_COLOUR_MARGIN = 3
_CACHE_KIB = 131_072


@dataclass(frozen=True, slots=True)
class Signature:
    """What is kept of a picture to find it again.

    Attributes:
        digest: 16 bytes of blake2b over the text of the normal form.
        phash: 64-bit perceptual hash: signs of the low frequencies of the grey picture.
        thumb: The picture as 16 x 16 RGB bytes.
    """

    digest: bytes
    phash: int
    thumb: bytes


@dataclass(frozen=True, slots=True)
class Entry:
    """A sample as far as dedup looks at it.

    Attributes:
        split: The split that the sample itself states; empty where it leaves that open.
    """

    id: str
    caption: str
    family: str
    split: str
    signature: Signature


def digest_svg(svg: str) -> bytes:
    """Returns 16 bytes that stand for a drawing's text."""
    return hashlib.blake2b(svg.encode(), digest_size=16).digest()


def sign_picture(image: np.ndarray, svg: str) -> Signature:
    """Signs a picture, uint8 [height, width, 3], and the text it was drawn from."""
    small = cv2.resize(image, (_HASH_PX, _HASH_PX), interpolation=cv2.INTER_AREA)
    thumb = cv2.resize(small, (THUMB_PX, THUMB_PX), interpolation=cv2.INTER_AREA)
    return Signature(digest_svg(svg), hash_picture(small), thumb.tobytes())


def hash_picture(small: np.ndarray) -> int:
    """Returns the perceptual hash (Zauner 2010, section 3.2.1) of a 32 x 32 RGB picture.

    The lowest 8 x 8 frequencies of its cosine transform are compared with their median; the constant is left
    out of the median, because brightness alone sets it. A margin keeps frequencies that are absent, such as
    the odd ones of a symmetrical drawing, from flipping with every rounding.
    """
    grey = cv2.cvtColor(small, cv2.COLOR_RGB2GRAY).astype(np.float32)
    low = cv2.dct(grey)[:_HASH_SIDE, :_HASH_SIDE].ravel()
    bits = low > np.median(low[1:]) + _HASH_MARGIN
    return int.from_bytes(np.packbits(bits).tobytes(), "big")


class DuplicateIndex:
    """Finds, for each sample in turn, the earlier sample that shows the same picture.

    Everything lives in one SQLite file, so memory does not grow with the number of samples. Near pictures are
    found by multi-index hashing (Norouzi et al. 2012): of four 16-bit bands, two hashes differing in at most
    three bits share one. A coarse mean colour is part of each key; near its borders the neighbours are
    looked at too.

    Args:
        path: The file; an earlier one is deleted, for the pass over the samples always starts at the first.
        options: What counts as the same picture.
    """

    def __init__(self, path: Path, options: Dedup) -> None:
        path.unlink(missing_ok=True)
        self._options = options
        self._db = sqlite3.connect(path, isolation_level=None)
        self._db.executescript(f"""
            PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA cache_size = -{_CACHE_KIB};
            PRAGMA temp_store = FILE;
            CREATE TABLE picture (
                row INTEGER PRIMARY KEY, id TEXT, family TEXT, split TEXT, phash BLOB, thumb BLOB);
            CREATE TABLE digest (digest BLOB PRIMARY KEY, row INTEGER) WITHOUT ROWID;
            CREATE TABLE band (key INTEGER, row INTEGER, PRIMARY KEY (key, row)) WITHOUT ROWID;
            CREATE TABLE caption (row INTEGER, key BLOB, PRIMARY KEY (row, key)) WITHOUT ROWID;
            CREATE TABLE parent (family TEXT PRIMARY KEY, parent TEXT) WITHOUT ROWID;
            BEGIN;
        """)
        self._pictures = 0

    def close(self) -> None:
        """Closes the file; the families stay in it."""
        self._db.execute("COMMIT")
        self._db.close()

    def add(self, entry: Entry) -> tuple[str, str] | None:
        """Takes in a sample; returns reason and detail where it is a duplicate, None where it is kept.

        A kept sample that shows an earlier picture under another caption joins that picture's family.
        """
        found = self._find_exact(entry) or (self._find_near(entry) if self._options.near else None)
        if found is None:
            self._insert(entry)
            return None
        row, how = found
        first_id, family, split = self._db.execute(
            "SELECT id, family, split FROM picture WHERE row = ?", (row,)
        ).fetchone()
        if split != entry.split:
            return "duplicate_across_splits", f"shows the same picture as {first_id} of another split"
        self._join(family, entry.family)
        if not self._add_caption(row, entry.caption):
            return how, f"shows the same picture as {first_id}"
        return None

    def find_family(self, family: str) -> str:
        """Returns the name that stands for a family and all that were joined with it."""
        while True:
            found = self._db.execute("SELECT parent FROM parent WHERE family = ?", (family,)).fetchone()
            if found is None:
                return family
            family = found[0]

    def _find_exact(self, entry: Entry) -> tuple[int, str] | None:
        found = self._db.execute(
            "SELECT row FROM digest WHERE digest = ?", (entry.signature.digest,)
        ).fetchone()
        return (found[0], "duplicate_exact") if found else None

    def _find_near(self, entry: Entry) -> tuple[int, str] | None:
        signature, options = entry.signature, self._options
        thumb = np.frombuffer(signature.thumb, np.uint8)
        keys = [key for colour in _neighbour_colours(thumb) for key in _band_keys(signature.phash, colour)]
        marks = ",".join("?" * len(keys))
        rows = self._db.execute(
            f"SELECT DISTINCT p.row, p.phash, p.thumb FROM band b JOIN picture p ON p.row = b.row "
            f"WHERE b.key IN ({marks}) ORDER BY p.row",
            keys,
        )
        for row, phash, other in rows:
            if (int.from_bytes(phash, "big") ^ signature.phash).bit_count() > options.max_bits:
                continue
            difference = cv2.absdiff(thumb, np.frombuffer(other, np.uint8))
            if (
                difference.max() <= options.max_cell_difference
                and difference.mean() <= options.max_mean_difference
            ):
                return row, "duplicate_near"
        return None

    def _insert(self, entry: Entry) -> None:
        self._pictures += 1
        row, signature = self._pictures, entry.signature
        self._db.execute(
            "INSERT INTO picture VALUES (?, ?, ?, ?, ?, ?)",
            (row, entry.id, entry.family, entry.split, signature.phash.to_bytes(8, "big"), signature.thumb),
        )
        self._db.execute("INSERT INTO digest VALUES (?, ?)", (signature.digest, row))
        if self._options.near:
            colour = _quantise(np.frombuffer(signature.thumb, np.uint8).reshape(-1, 3).mean(axis=0))
            keys = ((key, row) for key in _band_keys(signature.phash, colour))
            self._db.executemany("INSERT INTO band VALUES (?, ?)", keys)
        self._add_caption(row, entry.caption)

    def _add_caption(self, row: int, caption: str) -> bool:
        """Notes a caption of a picture; returns whether it is new and there was room for it."""
        limit = self._options.captions_per_picture
        key = hashlib.blake2b(caption_key(caption).encode(), digest_size=12).digest()
        known = [k for (k,) in self._db.execute("SELECT key FROM caption WHERE row = ?", (row,))]
        if key in known or len(known) >= limit:
            return False
        self._db.execute("INSERT INTO caption VALUES (?, ?)", (row, key))
        return True

    def _join(self, one: str, other: str) -> None:
        first, second = self.find_family(one), self.find_family(other)
        if first != second:
            self._db.execute("INSERT INTO parent VALUES (?, ?)", (second, first))


def _band_keys(phash: int, colour: int) -> Iterator[int]:
    for band in range(_BANDS):
        bits = phash >> band * _BAND_BITS & (1 << _BAND_BITS) - 1
        yield (colour << 2 | band) << _BAND_BITS | bits


def _quantise(mean: np.ndarray) -> int:
    red, green, blue = (int(channel) // _COLOUR_STEP for channel in mean)
    return red << 4 | green << 2 | blue


def _neighbour_colours(thumb: np.ndarray) -> set[int]:
    """Returns the coarse colours that a picture this close to their borders may have been filed under."""
    mean = thumb.reshape(-1, 3).mean(axis=0)
    near = [{max(channel - _COLOUR_MARGIN, 0.0), min(channel + _COLOUR_MARGIN, 255.0)} for channel in mean]
    return {_quantise(np.array(corner)) for corner in product(*near)}
