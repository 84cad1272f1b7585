// The keyboard layer and the reader's zone. Every page works without this file.
"use strict";
// The reader's choice of light or dark, before the first paint.
const themes = ["system", "light", "dark"];
const setTheme = (theme) => { document.documentElement.dataset.theme = theme; };
try { setTheme(themes.find((t) => t === localStorage.getItem("theme")) ?? "system"); } catch { /* storage is closed to us */ }

document.addEventListener("DOMContentLoaded", () => {
  const one = (selector, root = document) => root.querySelector(selector);
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];

  // --- Times: UTC stands in the page; the reader's own zone comes beside it.
  const zone = new Intl.DateTimeFormat(undefined, {
    weekday: "short", day: "numeric", month: "short", hour: "2-digit", minute: "2-digit", timeZoneName: "short",
  });
  const short = new Intl.DateTimeFormat(undefined, { weekday: "short", hour: "2-digit", minute: "2-digit", timeZoneName: "short" });
  const isUtc = new Date().getTimezoneOffset() === 0;
  for (const time of all("time[datetime]")) {
    const at = new Date(time.dateTime);
    if (Number.isNaN(at.getTime())) continue;
    const local = zone.format(at);
    time.title = local;
    if (!isUtc && time.hasAttribute("data-zone")) {
      const beside = document.createElement("span");
      beside.className = "zone";
      beside.textContent = ` · ${short.format(at)}`;
      time.append(beside);
    }
  }

  // --- Lists: j and k move, Enter opens.
  const rows = all("[data-row]");
  let here = -1;
  const move = (step) => {
    if (rows.length === 0) return;
    rows[here]?.classList.remove("here");
    here = Math.max(0, Math.min(rows.length - 1, here + step));
    const row = rows[here];
    row.classList.add("here");
    (one("a[href]", row) ?? row).focus({ preventScroll: true });
    row.scrollIntoView({ block: "nearest" });
  };

  // --- Forms behind a key: the details element opens, its first field takes the focus.
  const open = (key) => {
    const target = one(`[data-key~="${key}"]`);
    if (!target) return false;
    if (target.matches("a[href]")) { target.click(); return true; }
    const details = target.closest("details");
    if (details) details.open = true;
    target.scrollIntoView({ block: "center" });
    one("textarea, select, input:not([type=hidden]), button, summary", target)?.focus();
    return true;
  };

  // --- Dialogs.
  const keys = one("#keys");
  const palette = one("#palette");
  const input = palette && one("input", palette);
  const items = palette ? all("li", palette) : [];
  const jump = palette && one("[data-jump]", palette);
  let chosen = 0;
  const shown = () => items.filter((i) => !i.hidden);
  const mark = () => {
    const list = shown();
    chosen = Math.max(0, Math.min(list.length - 1, chosen));
    for (const item of items) item.classList.remove("here");
    list[chosen]?.classList.add("here");
    list[chosen]?.scrollIntoView({ block: "nearest" });
  };
  const filter = () => {
    const words = input.value.trim().toLowerCase().split(/\s+/).filter(Boolean);
    const number = /^#?(\d{1,12})$/.exec(input.value.trim());
    for (const item of items) {
      const text = item.textContent.toLowerCase();
      item.hidden = item === jump ? !number : !words.every((w) => text.includes(w));
    }
    if (jump && number) {
      const link = one("a", jump);
      link.href = `/console/cases/${number[1]}`;
      link.firstElementChild.textContent = `Go to case ${number[1]}`;
    }
    chosen = 0;
    mark();
  };
  if (palette) {
    input.addEventListener("input", filter);
    palette.addEventListener("keydown", (event) => {
      if (event.key === "ArrowDown") chosen += 1;
      else if (event.key === "ArrowUp") chosen -= 1;
      else if (event.key === "Enter") {
        event.preventDefault();
        const link = shown()[chosen] && one("a", shown()[chosen]);
        if (!link) return;
        palette.close();
        const key = link.getAttribute("data-open");
        if (key) open(key); else link.click();
        return;
      } else return;
      event.preventDefault();
      mark();
    });
    for (const link of all("a[data-open]", palette)) {
      link.addEventListener("click", (event) => { event.preventDefault(); palette.close(); open(link.getAttribute("data-open")); });
    }
  }
  const showPalette = () => {
    if (!palette || palette.open) return;
    for (const link of all("a[data-open]", palette)) {
      link.parentElement.hidden = !one(`[data-key~="${link.getAttribute("data-open")}"]`);
    }
    palette.showModal();
    input.value = "";
    filter();
    input.focus();
  };

  // --- Keys.
  let waiting = "";
  const places = { i: "/console", c: "/console/cases", b: "/console/board", r: "/console/reports", p: "/console/products" };
  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented) return;
    if ((event.ctrlKey || event.metaKey) && !event.altKey && event.key.toLowerCase() === "k") {
      event.preventDefault();
      showPalette();
      return;
    }
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const typing = event.target.closest?.("input:not([type=checkbox]):not([type=radio]), textarea, select, [contenteditable]");
    if (event.key === "Escape") {
      if (typing && !event.target.closest("dialog")) {
        typing.blur();
        typing.closest("details")?.removeAttribute("open");
      }
      return;
    }
    if (typing || one("dialog[open]")) return;
    if (waiting === "g") {
      waiting = "";
      if (places[event.key]) { event.preventDefault(); location.assign(places[event.key]); }
      return;
    }
    const act = {
      j: () => move(1), k: () => move(-1), x: () => one("input[type=checkbox]", rows[here] ?? document)?.click(),
      "/": () => one("[data-filter]")?.focus(),
      "?": () => keys?.showModal(),
      g: () => { waiting = "g"; setTimeout(() => { waiting = ""; }, 1200); },
      c: () => open("c"), a: () => open("a"), e: () => open("e"), s: () => open("s"), n: () => open("n"),
    }[event.key];
    if (act) { event.preventDefault(); act(); }
  });

  // --- What makes life easier: a form that a refusal brought back is where one goes on.
  const wrong = one(".errors, [aria-invalid=true]");
  if (wrong) {
    wrong.closest("details")?.setAttribute("open", "");
    wrong.focus?.();
    wrong.scrollIntoView({ block: "center" });
  }
  for (const box of all("[data-all]")) {
    box.addEventListener("change", () => {
      for (const other of all(`input[name^="${box.getAttribute("data-all")}_"]`)) other.checked = box.checked;
    });
  }
  for (const form of all("form[method=post]")) {
    // A second click would send it twice.
    form.addEventListener("submit", () => setTimeout(() => {
      for (const button of all("button", form)) button.disabled = true;
    }));
  }
  addEventListener("pageshow", () => { for (const button of all("button:disabled")) button.disabled = false; });

  // --- Light, dark, or as the system says.
  const button = one("[data-theme-switch]");
  if (button) {
    const say = () => { button.textContent = `Theme: ${document.documentElement.dataset.theme}`; };
    button.hidden = false;
    say();
    button.addEventListener("click", () => {
      setTheme(themes[(themes.indexOf(document.documentElement.dataset.theme) + 1) % themes.length]);
      try { localStorage.setItem("theme", document.documentElement.dataset.theme); } catch { /* as above */ }
      say();
    });
  }
});
