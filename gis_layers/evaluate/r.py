"""R's `farringtonFlexible` on the same series, where R with the package `surveillance` is on this machine.

It is GPL: it runs beside us as a program, and nothing of it is here but the call.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from ..errors import SystemFault
from ..indicators.norm.farrington import Options

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]

PROGRAM = "AUDAN_RSCRIPT"
"""Names the program that runs an R script, if it is not `Rscript`."""

_SCRIPT = """
suppressMessages(library(surveillance))
y <- t(as.matrix(read.csv("counts.csv", header = FALSE)))
out <- matrix(0, ncol(y), {length} - {first})
control <- list(range = ({first} + 1):{length}, noPeriods = {seasons}, b = {years}, w = {half_window},
  weightsThreshold = {threshold}, pastWeeksNotIncluded = {skipped}, pThresholdTrend = {trend_p}, alpha = {alpha},
  thresholdMethod = "nbPlugin", limit54 = c(0, 4))
for (i in seq_len(ncol(y))) {{
  one <- sts(observed = matrix(y[, i]), frequency = {per_year}, start = c(2000, 1))
  out[i, ] <- suppressWarnings(as.numeric(farringtonFlexible(one, control)@alarm[, 1]))
}}
write.table(out, "alarms.csv", sep = ",", row.names = FALSE, col.names = FALSE)
"""


@dataclass(frozen=True)
class Surveillance:
    """A program that runs R scripts with `surveillance`, and the version of it."""

    program: str
    version: str

    @staticmethod
    def found() -> Surveillance | None:
        """Return R if it is here with its package, or None."""
        program = os.environ.get(PROGRAM) or shutil.which("Rscript")
        if not program:
            return None
        with tempfile.TemporaryDirectory() as folder:
            script = Path(folder) / "version.R"
            script.write_text('cat(as.character(packageVersion("surveillance")))\n', encoding="utf-8")
            try:
                told = subprocess.run(
                    [program, str(script)], capture_output=True, text=True, timeout=60, check=True
                )
            except (OSError, subprocess.SubprocessError):
                return None
        return Surveillance(program, told.stdout.strip().split()[-1]) if told.stdout.strip() else None

    def alarms(self, count: Floats, first: int, options: Options) -> Bools:
        """Return which rows from `first` on raise an alarm; no least number of cases is asked for.

        Parameters
        ----------
        count
            Series × rows of whole counts.
        first
            First row that is judged; all before it are history.
        options
            As our own regression takes them; the method is `nb`.

        Raises
        ------
        SystemFault
            If R fails.
        """
        with tempfile.TemporaryDirectory() as folder:
            np.savetxt(Path(folder) / "counts.csv", count, fmt="%d", delimiter=",")
            script = Path(folder) / "judge.R"
            script.write_text(
                _SCRIPT.format(length=count.shape[1], first=first, **asdict(options)), encoding="utf-8"
            )
            done = subprocess.run([self.program, str(script)], cwd=folder, capture_output=True, text=True)
            if done.returncode or not (Path(folder) / "alarms.csv").exists():
                raise SystemFault(f"R could not judge the invented series: {done.stderr.strip()[-500:]}")
            told = np.loadtxt(Path(folder) / "alarms.csv", delimiter=",", ndmin=2)
        found: Bools = told > 0
        return found
