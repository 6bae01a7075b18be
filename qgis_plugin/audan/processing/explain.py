"""Why a district, a cluster or a path stands out, in words: ``audan:explain``."""

import html
from pathlib import Path
from typing import Any

from qgis.core import (
    QgsProcessingContext,
    QgsProcessingException,
    QgsProcessingFeedback,
    QgsProcessingOutputString,
    QgsProcessingParameterEnum,
    QgsProcessingParameterFileDestination,
)

from ..core.client import Client
from ..core.fault import Fault
from ..core.words import LANGUAGES, say
from .base import Algorithm
from .wishes import layer_of, month_of, offence_of

KINDS = ("district", "cluster", "path")
_PAGE = """<!DOCTYPE html>
<html lang="{lang}"><head><meta charset="utf-8"><title>{title}</title>
<style>body{{font:16px/1.5 sans-serif;max-width:46em;margin:2em auto;padding:0 1em;color:#222}}
h1{{font-size:1.3em}}footer{{color:#666;font-size:.85em}}</style></head>
<body><h1>{title}</h1>
{paragraphs}
<footer>{source}</footer></body></html>
"""


class Explain(Algorithm):
    """Writes the story that the server tells of one finding."""

    ID = "explain"

    def define(self) -> None:
        """Declare parameters and outputs."""
        self.ask_server()
        self.addParameter(
            QgsProcessingParameterEnum(
                "KIND",
                self.says("KIND"),
                options=[self.says(f"KIND.{one}") for one in KINDS],
                defaultValue=0,
            )
        )
        self.ask_text("NAME")
        self.ask_offence()
        self.ask_month()
        self.ask_text("LANGUAGE", hints=LANGUAGES, advanced=True)
        self.addParameter(
            QgsProcessingParameterFileDestination(
                "HTML", self.says("HTML"), fileFilter="HTML (*.html)", optional=True, createByDefault=True
            )
        )
        self.addOutput(QgsProcessingOutputString("TEXT", self.says("TEXT")))

    def work(
        self, parameters: dict[str, Any], context: QgsProcessingContext, feedback: QgsProcessingFeedback
    ) -> dict[str, Any]:
        """Ask the server for the story and write it."""
        server = self.server(parameters, context)
        language = self.text(parameters, "LANGUAGE", context)
        if language and language not in LANGUAGES:
            raise Fault("wish_language", language=language, there=", ".join(LANGUAGES))
        client = Client(server, feedback, lang=language or None)
        catalogue = client.catalogue()
        if language and client.lang != language:
            raise Fault("wish_language", language=language, there=", ".join(catalogue.area["languages"]))
        name = self.text(parameters, "NAME", context)
        kind = KINDS[self.parameterAsEnum(parameters, "KIND", context)]
        if not name:
            raise Fault("wish_name")
        if kind == "district":
            rating = layer_of(catalogue, "rating")
            offence = offence_of(rating, self.text(parameters, "OFFENCE", context))
            month = month_of(rating, self.text(parameters, "MONTH", context))
            told = client.explain(name, offence or "all", month or "")
        else:
            told = client.explain_found(kind, name)
        text = str(told["text"])
        feedback.pushInfo(text)
        results = {"TEXT": text}
        if file := self.parameterAsFileOutput(parameters, "HTML", context):
            try:
                Path(file).write_text(page(text, client.lang, server.name, told["release"]), encoding="utf-8")
            except OSError as error:
                raise QgsProcessingException(say("processing.unwritten", error=error)) from None
            results["HTML"] = file
        return results


def page(text: str, lang: str, server: str, release: str) -> str:
    """Return a story as a page: its first line is the heading, a blank line parts paragraphs."""
    title, _, rest = text.partition("\n")
    paragraphs = [
        "<p>"
        + "<br>\n".join(html.escape(line.strip()) for line in block.split("\n") if line.strip())
        + "</p>"
        for block in rest.split("\n\n")
        if block.strip()
    ]
    return _PAGE.format(
        lang=lang,
        title=html.escape(title),
        paragraphs="\n".join(paragraphs),
        source=html.escape(f"{server} · {release}"),
    )
