#!/usr/bin/env python3
"""Makes the TTF files of this folder from the Fontsource packages (see README.md).

usage: convert.py FOLDER    where FOLDER holds the unpacked packages
                            titillium-web/ and roboto-mono/
"""
import io
import struct
import sys
from pathlib import Path

from fontTools.merge import Merger, Options
from fontTools.ttLib import TTFont
from fontTools.ttLib.tables.DefaultTable import DefaultTable

FONTS = {
    "TitilliumWeb-Regular.ttf": ("titillium-web", 400),
    "TitilliumWeb-Bold.ttf": ("titillium-web", 700),
    "RobotoMono-Bold.ttf": ("roboto-mono", 700),
}
# Layout features, which the PDF library does not apply.
UNUSED = ["GDEF", "GPOS", "GSUB", "STAT", "DSIG"]


def widen_metrics(font):
    """Gives every glyph its own advance width.

    Monospaced fonts leave repeated widths out of hmtx, and the PDF library's
    subsetter writes into the font's own bytes when it meets that form.
    """
    names, metrics = font.getGlyphOrder(), font["hmtx"].metrics
    hmtx, hhea = DefaultTable("hmtx"), DefaultTable("hhea")
    hmtx.data = b"".join(struct.pack(">Hh", *metrics[name]) for name in names)
    hhea.data = font.reader["hhea"][:34] + struct.pack(">H", len(names))
    font["hmtx"], font["hhea"] = hmtx, hhea


def convert(package, weight, target):
    parts = [
        str(package / "files" / f"{package.name}-{subset}-{weight}-normal.woff")
        for subset in ("latin", "latin-ext")
    ]
    merged = Merger(Options(drop_tables=UNUSED)).merge(parts)
    # The same input gives the same bytes: no time of conversion inside.
    merged.recalcTimestamp, head = False, TTFont(parts[0])["head"]
    merged["head"].created, merged["head"].modified = head.created, head.modified
    merged.flavor = None
    sfnt = io.BytesIO()
    merged.save(sfnt)
    font = TTFont(sfnt, recalcBBoxes=False, recalcTimestamp=False)
    widen_metrics(font)
    font.save(target)


if __name__ == "__main__":
    for name, (package, weight) in FONTS.items():
        convert(Path(sys.argv[1]) / package, weight, Path(__file__).parent / name)
