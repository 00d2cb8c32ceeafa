"""Write the pages in docs/reference/; those of options need Nix."""

from __future__ import annotations

from . import pages


def main() -> None:
    """Write every page, and print the names of those that changed."""
    for name, make in pages.ALL.items():
        path = pages.DIRECTORY / name
        text = make()
        if not path.is_file() or path.read_text(encoding="utf-8") != text:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
            print(path.relative_to(pages.REPOSITORY))


if __name__ == "__main__":
    main()
