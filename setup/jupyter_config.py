"""The filters of our template for HTML exports of a notebook; part of Jupyter's configuration.

The first is what "Sanitize HTML output" lets through. nbconvert's own list lacks headings, header cells, pictures and most
of Markdown, and shows their tags as text. What can run a script, or fetch a page, is not in this one either. The others set
formulas as MathML, link from one report to the next and to no other file, and find the report's title, opening, result and
sections.
"""

import html
import re
from urllib.parse import unquote

import bleach
from bleach.css_sanitizer import ALLOWED_CSS_PROPERTIES, CSSSanitizer
from jinja2 import pass_context
from latex2mathml.converter import convert
from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath

_MATHML = """
    math menclose mfrac mi mmultiscripts mn mo mover mpadded mphantom mroot mrow mspace msqrt mstyle msub msubsup msup mtable
    mtd mtext mtr munder munderover
""".split()

_TAGS = """
    a abbr acronym b blockquote br caption code col colgroup dd del details div dl dt em figcaption figure h1 h2 h3 h4 h5 h6
    hr i img ins kbd li mark ol p pre progress s samp small span strong sub summary sup table tbody td tfoot th thead tr u ul
    var
""".split() + _MATHML

_MATHML_ATTRIBUTES = """
    accent columnalign columnspacing display displaystyle fence form lspace mathvariant maxsize minsize movablelimits rowspacing
    rspace scriptlevel separator stretchy symmetric width
""".split()

_OF_ALL = ["class", "id", "style", "title", "align", "role", "aria-label"]

_ATTRIBUTES = {
    "*": _OF_ALL,
    "a": lambda tag, name, value: name in _OF_ALL or (name == "href" and not value.strip().lower().startswith("data:")),
    "col": ["span"],
    "details": ["open"],
    "img": ["src", "alt", "width", "height"],
    **{tag: _MATHML_ATTRIBUTES for tag in _MATHML},
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


def _formula(latex, display):
    """MathML, which browsers set without a script and without a font; what cannot be converted stays as it was written."""
    try:
        return convert(latex.strip(), display=display)
    except Exception:  # the converter has many of its own
        return f"<code>{html.escape(latex)}</code>"


class _Renderer(IPythonRenderer):
    def inline_math(self, body):
        return _formula(body, "inline")

    def block_math(self, body):
        return f'<span class="formula">{_formula(body, "block")}</span>'

    def latex_environment(self, name, body):
        return self.block_math(rf"\begin{{{name}}}{body}\end{{{name}}}")

    def link(self, text, url, title=None):
        """Where a notebook links to another one, its report links to the other's report.

        A link to another file of the project becomes the text and the file's path: it would lead nowhere from a report that
        is kept with its run, or sent to somebody.
        """
        if re.match(r"[a-z]+:|/|#", url):
            return super().link(text, url, title)
        path, mark, place = url.partition("#")
        if path.endswith(".ipynb"):
            return super().link(text, f"{path.removesuffix('.ipynb')}.html{mark}{place}", title)
        file = html.escape(re.sub(r"^(\.\.?/)+", "", unquote(path)))
        return f"<code>{file}</code>" if text == file else f"{text} (<code>{file}</code>)"


@pass_context
def _markdown2html(context, source):
    """Replaces nbconvert's filter of this name."""
    attachments = context.get("cell", {}).get("attachments", {})
    path = context["resources"].get("metadata", {}).get("path", "")
    renderer = _Renderer(escape=False, attachments=attachments, embed_images=True, path=path, anchor_link_text="#")
    text = MarkdownWithMath(renderer=renderer).render(source)
    return re.sub(r"<table>.*?</table>", r'<div class="scroll">\g<0></div>', text, flags=re.DOTALL)


def _report_title(notebook, name):
    """The text of the first heading, or else the notebook's name."""
    for cell in notebook.cells:
        heading = re.search(r"^# +(.+)$", cell.source, re.MULTILINE) if cell.cell_type == "markdown" else None
        if heading:
            return re.sub(r"[*`]", "", heading[1]).strip()
    return name


def _opening(article):
    """Splits an article after its title and its first paragraph, which come before the result."""
    begin = r"(?P<section>\s*<section[^>]*>)\s*(?P<heading><h1.*?</h1>)\s*(?P<paragraph><p>.*?</p>)?"
    found = re.match(begin, article, re.DOTALL)
    if not found:
        return {"heading": "", "paragraph": "", "rest": article}
    return {**found.groupdict(default=""), "rest": found["section"] + article[found.end() :]}


def _summary(notebook, tag):
    """The HTML of the first table or picture that a cell with this tag shows."""
    for cell in notebook.cells:
        if tag not in cell.metadata.get("tags", []):
            continue
        for output in cell.get("outputs", []):
            text = output.get("data", {}).get("text/html", "")
            if ("<table" if tag == "summary-table" else "<img") in text:
                return text
    return ""


def _outline(article):
    """The article's sections."""
    headings = re.finditer(r'<h2 id="([^"]*)">(.*?)<a\b[^>]*class="anchor-link"', article, re.DOTALL)
    return [{"id": heading[1], "text": re.sub(r"</?a\b[^>]*>", "", heading[2])} for heading in headings]


c.HTMLExporter.filters = {  # noqa: F821 (Jupyter defines c)
    "clean_html": _clean_html,
    "markdown2html": _markdown2html,
    "report_title": _report_title,
    "opening": _opening,
    "summary": _summary,
    "outline": _outline,
}
