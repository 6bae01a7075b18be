"""Run by the Python that has QGIS: read a collection with a Basic authentication, and without; print what came."""

import json
import sys

from qgis.core import QgsApplication, QgsAuthMethodConfig, QgsVectorLayer

address, token = sys.argv[1:3]
application = QgsApplication([], False)
application.initQgis()
manager = QgsApplication.authManager()
manager.setMasterPassword("only for this test", True)
kept = QgsAuthMethodConfig("Basic")
kept.setName("audan")
kept.setConfig("username", "anyone")
kept.setConfig("password", token)
manager.storeAuthenticationConfig(kept)
found = []
for part in (f" authcfg='{kept.id()}'", ""):
    uri = f"typename='rating_latest' url='{address}' pagingEnabled='true'{part}"
    layer = QgsVectorLayer(uri, "rating", "OAPIF")
    found.append(sorted(one["district"] for one in layer.getFeatures()) if layer.isValid() else None)
sys.stdout.write(json.dumps(found) + "\n")
application.exitQgis()
