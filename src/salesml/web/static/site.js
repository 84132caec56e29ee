"use strict";

/* Keys of a list, and what a page does when a part of it could not be loaded. Nothing here is needed. */

(() => {
  const KEPT = "salesml-keys";
  const doc = document;
  doc.documentElement.classList.add("has-script");

  const wanted = () => {
    try { return localStorage.getItem(KEPT) !== "off"; } catch { return true; }
  };
  const keep = (on) => {
    try { localStorage.setItem(KEPT, on ? "on" : "off"); } catch { /* not kept, then */ }
  };

  const box = doc.getElementById("use-keys");
  if (box) {
    box.checked = wanted();
    box.addEventListener("change", () => keep(box.checked));
  }

  const lines = () => Array.from(doc.querySelectorAll("a.opens"));
  const move = (step) => {
    const all = lines();
    const at = all.indexOf(doc.activeElement);
    const next = all[at < 0 ? (step > 0 ? 0 : all.length - 1) : at + step];
    if (next) {
      next.focus();
      next.scrollIntoView({ block: "nearest" });
    }
    return Boolean(next);
  };
  const help = () => {
    const keys = doc.getElementById("keys");
    if (!keys) return false;
    keys.open = true;
    keys.querySelector("summary").focus();
    return true;
  };
  const search = () => {
    const field = doc.getElementById("search");
    if (!field) return false;
    field.focus();
    field.select();
    return true;
  };
  const on_line = () => doc.activeElement && doc.activeElement.matches("a.opens");
  const KEYS = {
    "j": () => move(1),
    "k": () => move(-1),
    "ArrowDown": () => on_line() && move(1),
    "ArrowUp": () => on_line() && move(-1),
    "/": search,
    "?": help,
  };

  doc.addEventListener("keydown", (event) => {
    const typing = event.target.closest("input, select, textarea, [contenteditable]");
    if (typing || event.ctrlKey || event.metaKey || event.altKey || !wanted()) return;
    const act = KEYS[event.key];
    if (act && act()) event.preventDefault();
  });

  /* A session that is over answers with the page to sign in, a server that is away with none: go there. */
  doc.addEventListener("htmx:beforeSwap", (event) => {
    const { xhr, requestConfig, pathInfo } = event.detail;
    const asked = (pathInfo && pathInfo.requestPath) || requestConfig.path;
    const came = new URL(xhr.responseURL || asked, location.href);
    if (came.pathname !== new URL(asked, location.href).pathname) {
      event.detail.shouldSwap = false;
      location.assign(came.pathname + came.search);
    }
  });
  for (const failed of ["htmx:responseError", "htmx:sendError"]) {
    doc.addEventListener(failed, (event) => {
      const { pathInfo } = event.detail;
      if (pathInfo) location.assign(pathInfo.finalRequestPath || pathInfo.requestPath);
    });
  }
})();
