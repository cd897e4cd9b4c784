"""Pages of the website that stand elsewhere in the repository, where GitHub's readers look for them."""

import re
from pathlib import Path

from mkdocs.structure.files import File

ROOT = Path(__file__).parent.parent
PAGES = {
    "config/README.md": "keys.md",
    "resources/README.md": "public-data.md",
    "CONTRIBUTING.md": "contributing.md",
    "CHANGELOG.md": "changes.md",
}


def on_files(files, config):
    """Add the pages, with the names that they have on the website."""
    for source, name in PAGES.items():
        files.append(File.generated(config, name, content=(ROOT / source).read_text(encoding="utf-8")))
    return files


def on_page_markdown(markdown, page, config, files):
    """Let links between these pages and those of docs/ lead to their names on the website."""
    names = {f"../{source}": name for source, name in PAGES.items()}
    if page.file.src_uri in PAGES.values():
        names |= {f"docs/{path.name}": path.name for path in (ROOT / "docs").glob("*.md")} | PAGES
    return re.sub(r"\]\(([^)#\s]+)(?=[)#])", lambda link: f"]({names.get(link[1], link[1])}", markdown)
