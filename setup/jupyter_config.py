"""What "Sanitize HTML output" lets through in an HTML export of a notebook; part of Jupyter's configuration.

nbconvert's own list lacks headings, header cells, pictures and most of Markdown, and shows their tags as text. What can
run a script, or fetch a page, is not in this one either.
"""

import bleach
from bleach.css_sanitizer import ALLOWED_CSS_PROPERTIES, CSSSanitizer

_TAGS = """
    a abbr acronym b blockquote br caption code col colgroup dd del details div dl dt em figcaption figure h1 h2 h3 h4 h5 h6
    hr i img ins kbd li mark ol p pre progress s samp small span strong sub summary sup table tbody td tfoot th thead tr u ul
    var
""".split()

_ATTRIBUTES = {
    "*": ["class", "id", "style", "title", "align", "role", "aria-label"],
    "a": lambda tag, name, value: name == "href" and not value.strip().lower().startswith("data:"),
    "col": ["span"],
    "details": ["open"],
    "img": ["src", "alt", "width", "height"],
    "ol": ["start"],
    "progress": ["value", "max"],
    "td": ["colspan", "rowspan"],
    "th": ["colspan", "rowspan", "scope"],
}

_CSS = """
    background border border-collapse font-size image-rendering line-height margin max-width min-width padding table-layout
""".split()

_css = CSSSanitizer(allowed_css_properties=[*ALLOWED_CSS_PROPERTIES, *_CSS])


def _clean_html(element):
    """Replaces nbconvert's filter of this name."""
    text = element.decode() if isinstance(element, bytes) else str(element)
    protocols = [*bleach.ALLOWED_PROTOCOLS, "data"]  # pictures are inside the file
    return bleach.clean(text, tags=_TAGS, attributes=_ATTRIBUTES, protocols=protocols, css_sanitizer=_css)


c.HTMLExporter.filters = {"clean_html": _clean_html}  # noqa: F821 (Jupyter defines c)
