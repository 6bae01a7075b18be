"""How large an input may be. Every reader takes its bounds from here, and nothing else bounds it.

Each is far beyond any real delivery: what passes one is a mistake (a table turned on its side, a year with a
slip of the pen) or an attack (an archive that unzips to terabytes), and is refused before it fills the memory.
"""

from __future__ import annotations

AREA_FILE_BYTES = 4 << 20
"""Bytes of an area file."""

COLUMNS = 16_384
"""Columns of a table: as many as a sheet of Excel holds."""

ROWS = 20_000_000
"""Rows of a table that is read whole (counts, population, factors). Cards are read in chunks, without a limit."""

SHEET_ROWS = 1_048_576
"""Rows of a sheet of a workbook: as many as Excel holds, blank ones among them."""

HEAD_LETTERS = 4_000_000
"""Letters of the longest line among the first 50 of a CSV file, and of all of them together."""

CSV_BLOCK_BYTES = 4 << 20
"""Bytes of the longest row of a CSV file."""

JSON_LINE_BYTES = 16 << 20
"""Bytes of the longest line of a file of JSON lines."""

FORM_ROWS = 10_000
"""Rows of the sheet of a statistical form; the longest known has 428."""

FORM_COLUMNS = 512
"""Columns of the sheet of a statistical form; the widest known has 40."""

UNZIPPED_BYTES = 2 << 30
"""Bytes to which an archive (a workbook, a zipped layer) may unzip."""

UNZIPPED_RATIO = 200
"""How many times its size an archive may unzip to, if that is more than 64 MiB."""

UNZIPPED_FREE_BYTES = 64 << 20
"""Bytes to which any archive may unzip, whatever its ratio."""

SHARED_TEXT_BYTES = 512 << 20
"""Bytes of the shared texts of a workbook, which are held in memory."""

OFFENCES = 10_000
"""Offences of a codebook."""

OFFENCE_LEVELS = 32
"""Levels of a codebook below `all`."""

DISTRICTS = 100_000
"""Districts of an area."""

VERTICES = 50_000_000
"""Vertices of all polygons of an area together."""

COUNT = 1_000_000_000
"""Offences in one cell of a table of counts."""

RESIDENTS = 10_000_000_000
"""Residents of one district: more than live on Earth."""

FIRST_YEAR = 1900
"""The first year of a card or a count; earlier ones are slips of the pen, and every month from there is judged."""

PANEL_CELLS = 40_000_000
"""Districts times offences times months from the first figure to the last; judging takes 170 bytes of each or more."""

RASTER_CELLS = 16_000_000
"""Cells of a density raster over the whole extent of an area (`density.cell`)."""

SQUARES = 1_000_000
"""Squares of `hotspot_cells` (`density.hotspot_cell`)."""
