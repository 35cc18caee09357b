"""Pages from templates: where these are, and what they can do to a text or a picture."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from results.records.exhibits import mime

if TYPE_CHECKING:
    from jinja2 import Environment


def filled(template: str, content: Mapping[str, Any]) -> str:
    """A template with its content; names in that are only text."""
    return _environment().get_template(template).render(content)


def data_uri(picture: bytes) -> str:
    """An encoded JPEG or PNG as a page holds it."""
    return f"data:{mime(picture)};base64,{base64.b64encode(picture).decode()}"


def content_policy(styles: Sequence[str], scripts: Sequence[str] = ()) -> str:
    """A Content-Security-Policy that allows a page these styles and scripts, and its own pictures.

    It goes into a page's head as a <meta>. Whatever else gets into the page is neither run nor
    loaded, nor does anything leave it (Content Security Policy Level 3, W3C).
    """
    sources = {
        "default-src": ["'none'"],
        "script-src": list(map(_hash_source, scripts)) or ["'none'"],
        "style-src": list(map(_hash_source, styles)) or ["'none'"],
        "img-src": ["data:"],
        "base-uri": ["'none'"],
        "form-action": ["'none'"],
    }
    return "; ".join(f"{name} {' '.join(allowed)}" for name, allowed in sources.items())


def _hash_source(text: str) -> str:
    digest = hashlib.sha256(text.encode()).digest()
    return f"'sha256-{base64.b64encode(digest).decode()}'"


@cache
def _environment() -> Environment:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parents[1] / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals |= {"content_policy": content_policy}
    environment.filters |= {"breakable": _breakable, "unbroken": _unbroken}
    return environment


def _breakable(name: str) -> Any:
    """A name that may break before a capital that follows a small letter, 'seed 2' nowhere."""
    from markupsafe import Markup, escape

    parts = re.split(r"(?<=[a-z])(?=[A-Z])", re.sub(r"(?<=seed) (?=\d)", "\xa0", name))
    return Markup("<wbr>").join(escape(part) for part in parts)


def _unbroken(text: str) -> str:
    """A sentence whose numbers stay on a line with their units: '96 %', 'p = 0.04', '20 s'."""
    return re.sub(
        r"(?<=\d) (?=%|m?s\b|min\b|h\b)|(?<=\bp) (?=[=<] )|(?<=[=<]) (?=\d)", "\xa0", text
    )
