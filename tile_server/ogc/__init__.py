"""OGC API documents: pygeoapi describes a release, we answer from memory."""
