"""What every page stands in: templates, style and script, which the browser may run by their digests alone."""

from __future__ import annotations

import base64
import hashlib
from pathlib import Path
from typing import Any

import jinja2
from markupsafe import Markup

TEMPLATES = Path(__file__).parent / "templates"


def frame() -> dict[str, Any]:
    """Style and script, with the digests that let the browser run these and nothing else."""
    style, script = ((TEMPLATES / name).read_text(encoding="utf-8") for name in ("page.css", "page.js"))

    def digest(text: str) -> str:
        return base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()

    own = {"style": Markup(style), "script": Markup(script)}
    return own | {"style_sha": digest(style), "script_sha": digest(script)}


def template(name: str) -> jinja2.Template:
    """A template of the page, in which everything that is put in is escaped."""
    loader = jinja2.FileSystemLoader(TEMPLATES)
    return jinja2.Environment(loader=loader, autoescape=True, undefined=jinja2.StrictUndefined).get_template(name)
