"""Ids in addresses: whatever a company's tables hold, line ends too."""

from __future__ import annotations

from starlette.convertors import PathConvertor, register_url_convertor


class Whole(PathConvertor):
    """Starlette's own stops at a line end, and forgets one at the end."""

    regex = r"[\s\S]*"


register_url_convertor("path", Whole())
