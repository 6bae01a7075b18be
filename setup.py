"""Put the ready areas into the wheel: in the project they are data beside the library, not inside it."""

import shutil
from pathlib import Path

from setuptools import setup
from setuptools.command.build_py import build_py


class BuildWithAreas(build_py):
    """Copy ``config/areas`` to ``gis_layers/_areas`` when building (an editable install reads them in place)."""

    def run(self) -> None:
        super().run()
        if not self.editable_mode:
            target = Path(self.build_lib) / "gis_layers" / "_areas"
            shutil.rmtree(target, ignore_errors=True)
            shutil.copytree("config/areas", target)


setup(cmdclass={"build_py": BuildWithAreas})
