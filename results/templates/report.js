"use strict";
(() => {
  const all = (selector, within = document) => [...within.querySelectorAll(selector)];
  const form = document.querySelector(".controls");
  const said = form.querySelector("output");
  document.documentElement.classList.add("js");
  form.hidden = false;
  form.addEventListener("submit", (event) => event.preventDefault());

  const split = () => (form.elements.split ? new FormData(form).get("split") : null);

  function show() {
    const chosen = split();
    for (const part of all("main [data-split]")) {
      part.classList.toggle("off", chosen !== null && part.dataset.split !== chosen);
    }
    const words = form.elements.find.value.toLowerCase().split(/\s+/).filter(Boolean);
    const family = form.elements.family.value;
    for (const board of all("table.board")) {
      board.classList.toggle("all", form.elements.more.checked);
      for (const row of all("tbody tr", board)) {
        const text = row.textContent.toLowerCase().replace(/\s/g, " ");
        const fits = words.every((word) => text.includes(word));
        row.classList.toggle("off", !fits || (family !== "" && !row.classList.contains(family)));
      }
    }
    const board = all("table.board").find((table) => !table.closest(".off"));
    const rows = board ? all("tbody tr", board) : [];
    const left = rows.filter((row) => !row.classList.contains("off")).length;
    said.textContent = left === rows.length ? `${left} rows` : `${left} of ${rows.length} rows`;
  }

  function key(row, column) {
    const cell = row.cells[column];
    const text = cell.dataset.key ?? cell.textContent.trim();
    if (text === "") return null;
    const number = Number(text);
    return cell.classList.contains("number") && !Number.isNaN(number) ? number : text.toLowerCase();
  }

  // Rows without a value come last, whichever way the others go.
  function compare(a, b, sign) {
    if (a === null || b === null) return (a === null) - (b === null);
    return sign * (typeof a === "number" && typeof b === "number" ? a - b : String(a).localeCompare(String(b)));
  }

  function sort(button) {
    const heading = button.closest("th");
    const table = heading.closest("table");
    const first = button.dataset.better === "higher" ? "descending" : "ascending";
    const other = first === "ascending" ? "descending" : "ascending";
    const way = heading.getAttribute("aria-sort") === first ? other : first;
    for (const each of all("th[aria-sort]", table)) each.removeAttribute("aria-sort");
    heading.setAttribute("aria-sort", way);
    const body = table.tBodies[0];
    const rows = [...body.rows].map((row) => [key(row, heading.cellIndex), row]);
    rows.sort((a, b) => compare(a[0], b[0], way === "ascending" ? 1 : -1));
    body.append(...rows.map(([, row]) => row));
    said.textContent = `sorted by ${button.textContent}, ${way}`;
  }

  function open() {
    const target = document.getElementById(location.hash.slice(1));
    if (target && target.tagName === "DETAILS") {
      target.open = true;
      target.scrollIntoView();
    }
  }

  function tell(event) {
    const point = event.target.closest(".point");
    if (!point) return;
    const figure = point.closest("figure");
    for (const other of all(".point.on", figure)) other.classList.remove("on");
    point.classList.add("on");
    figure.querySelector(".readout").textContent = point.querySelector("title").textContent;
  }

  // One stop of the Tab key for a chart; within it the arrow keys go from the quickest mark on.
  function go(event) {
    const point = event.target.closest(".point");
    if (!point) return;
    const place = (each) => Number(each.querySelector(".target").getAttribute("cx"));
    const points = all(".point", event.currentTarget).sort((a, b) => place(a) - place(b));
    const at = points.indexOf(point);
    const to = {
      ArrowRight: at + 1, ArrowDown: at + 1, ArrowLeft: at - 1, ArrowUp: at - 1, Home: 0, End: points.length - 1,
    }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    const next = points[Math.min(Math.max(to, 0), points.length - 1)];
    point.setAttribute("tabindex", "-1");
    next.setAttribute("tabindex", "0");
    next.focus();
  }

  // On paper nothing can be opened.
  function unfold() {
    for (const panel of all("details:not([open])")) {
      panel.open = true;
      panel.dataset.folded = "";
    }
  }

  function fold() {
    for (const panel of all("details[data-folded]")) {
      panel.open = false;
      delete panel.dataset.folded;
    }
  }

  form.addEventListener("input", show);
  for (const button of all(".board thead button")) button.addEventListener("click", () => sort(button));
  for (const chart of all(".cost")) {
    chart.addEventListener("pointerover", tell);
    chart.addEventListener("click", tell);
    chart.addEventListener("focusin", tell);
    chart.addEventListener("keydown", go);
  }
  addEventListener("beforeprint", unfold);
  addEventListener("afterprint", fold);
  addEventListener("hashchange", open);
  show();
  open();
})();
