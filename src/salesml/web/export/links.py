"""Where in a file the pages are that templates link to."""

from __future__ import annotations

from salesml.web.show import segment


class Links:
    """Addresses of the pages that are in a file, by their paths on a site."""

    def __init__(self) -> None:
        self.anchors: dict[str, str] = {}

    def add(self, path: str, entity_id: str | None = None) -> str:
        """Give a page its place, and say what its ids begin with.

        Parameters
        ----------
        path : str
            As on a site.
        entity_id : str, optional
            Of the account or prospect that stands below that path.
        """
        whole = path if entity_id is None else f"{path}/{segment(entity_id)}"
        name = path.strip("/") if entity_id is None else f"{path.strip('/')}-{len(self.anchors)}"
        return self.anchors.setdefault(whole, name)

    def __call__(self, path: str) -> str | None:
        """Where a page is in the file; nothing where it is not in it."""
        anchor = self.anchors.get(path) or self.anchors.get(path.partition("?")[0])
        return f"#{anchor}" if anchor else None
