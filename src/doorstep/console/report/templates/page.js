"use strict";
(() => {
  /* One tooltip for definitions (title), chart marks (<title>) and the map (showTip). */
  const tip = document.createElement("div");
  tip.setAttribute("role", "tooltip");
  tip.id = "tip";
  tip.hidden = true;
  document.body.append(tip);
  const place = (x, y) => {
    const box = tip.getBoundingClientRect();
    const left = Math.max(8, Math.min(x + 12, innerWidth - box.width - 8));
    const top = y + 18 + box.height > innerHeight ? y - box.height - 10 : y + 18;
    tip.style.transform = `translate(${Math.round(left)}px,${Math.round(top)}px)`;
  };
  window.showTip = (text, x, y) => {
    tip.hidden = !text;
    if (text) { tip.textContent = text; place(x, y); }
  };
  const textOf = (element) => {
    const inner = element.querySelector(":scope > title");
    const text = element.dataset.tip || element.getAttribute("title") || (inner && inner.textContent);
    if (!text) return "";
    element.dataset.tip = text;
    element.removeAttribute("title");
    if (inner) { inner.remove(); element.setAttribute("aria-label", text); }
    return text;
  };
  const carrier = (target) => target instanceof Element && target.closest("[title], [data-tip], .col, .seg, .site");
  document.addEventListener("pointerover", (event) => {
    const element = carrier(event.target);
    showTip(element ? textOf(element) : "", event.clientX, event.clientY);
  });
  document.addEventListener("pointermove", (event) => { if (carrier(event.target)) place(event.clientX, event.clientY); });
  document.addEventListener("focusin", (event) => {
    const element = carrier(event.target);
    if (!element || !element.matches(":focus-visible")) return;
    const box = element.getBoundingClientRect();
    showTip(textOf(element), box.left, box.bottom - 12);
    element.setAttribute("aria-describedby", "tip");
  });
  document.addEventListener("focusout", () => showTip(""));
  document.addEventListener("keydown", (event) => { if (event.key === "Escape") showTip(""); });

  /* Sortable tables: a press sorts, another turns the order round. */
  const keyOf = (row, column) => {
    const key = row.cells[column].dataset.key;
    const number = Number(key);
    return key === undefined ? row.cells[column].textContent : key !== "" && !Number.isNaN(number) ? number : key;
  };
  const compare = (a, b) => {
    if (typeof a === "number" && typeof b === "number") return a - b;
    return String(a).localeCompare(String(b), undefined, { numeric: true });
  };
  for (const table of document.querySelectorAll("table.sortable")) {
    table.tHead.addEventListener("click", (event) => {
      const heading = event.target.closest("th");
      if (!event.target.closest("button") || !heading) return;
      const down = heading.getAttribute("aria-sort") !== "descending" && heading.classList.contains("number")
        || heading.getAttribute("aria-sort") === "ascending";
      for (const other of table.tHead.rows[0].cells) other.removeAttribute("aria-sort");
      heading.setAttribute("aria-sort", down ? "descending" : "ascending");
      const keyed = [...table.tBodies[0].rows].map((row) => [keyOf(row, heading.cellIndex), row]);
      keyed.sort((a, b) => (down ? compare(b[0], a[0]) : compare(a[0], b[0])));
      table.tBodies[0].append(...keyed.map((pair) => pair[1]));
    });
  }

  /* Paper shows everything but the tables behind the charts. */
  addEventListener("beforeprint", () => {
    for (const element of document.querySelectorAll("details:not([open], .numbers)")) {
      element.open = true;
      element.dataset.opened = "";
    }
  });
  addEventListener("afterprint", () => {
    for (const element of document.querySelectorAll("details[data-opened]")) {
      element.open = false;
      delete element.dataset.opened;
    }
  });
})();
