"""Serves a release over HTTP; never reads raw records."""
