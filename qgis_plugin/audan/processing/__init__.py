"""What Audan offers to QGIS's Processing: toolbox, models, batches and ``qgis_process``."""
