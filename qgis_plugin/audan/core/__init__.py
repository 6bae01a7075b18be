"""Servers, requests and models: nothing here knows a window, and everything works under ``qgis_process``."""
