"""Writes papermill's parameters as TypeScript, and reads those of a notebook's parameters cell."""

import json
import math
import re

from papermill.models import Parameter
from papermill.translators import Translator, papermill_translators

DECLARATION = re.compile(
    r"^\s*(?:let|const|var)\s+(?P<name>\w+)\s*(?::\s*(?P<type>[^=]+?))?\s*=\s*(?P<value>.+?);?\s*(?://\s*(?P<help>.*))?$",
    re.MULTILINE,
)


class TypeScriptTranslator(Translator):
    @classmethod
    def translate(cls, val):
        if isinstance(val, float) and not math.isfinite(val):
            return "NaN" if math.isnan(val) else "Infinity" if val > 0 else "-Infinity"
        return json.dumps(val, ensure_ascii=False, default=str)

    @classmethod
    def comment(cls, cmt_str):
        return f"// {cmt_str}".strip()

    @classmethod
    def assign(cls, name, str_val):
        # An assignment to the variable that the parameters cell has declared, so that its type is checked.
        return f"{name} = {str_val};"

    @classmethod
    def inspect(cls, parameters_cell):
        return [
            Parameter(m["name"], m["type"] or "None", m["value"], m["help"] or "")
            for m in DECLARATION.finditer(parameters_cell["source"])
        ]


papermill_translators.register("typescript", TypeScriptTranslator)
