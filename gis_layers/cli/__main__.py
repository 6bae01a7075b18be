"""`python -m gis_layers.cli` is `audan`."""

from . import main

main()
