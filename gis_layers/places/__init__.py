"""Where it is: hotspots of districts and of incident cells, clusters in space and time."""
