(() => {
  const view = document.getElementById("map-view");
  if (!view) return;
  const { dots, names, modes, codes, days, metresPerUnit, metric, currency, digits } = JSON.parse(document.getElementById("map-data").textContent);
  const canvas = view.querySelector("canvas");
  const pen = canvas.getContext("2d");
  const under = view.querySelector("svg.under");
  const over = view.querySelector("svg.over");
  const lines = [...under.querySelectorAll(".route:not(.guess)")];
  const guesses = new Map([...under.querySelectorAll(".route.guess")].map((path) => [Number(path.dataset.of), path]));
  const picked = under.querySelectorAll(".picked");
  const home = under.getAttribute("viewBox").split(" ").map(Number);
  const shown = new Set(codes);
  const state = { x: 0, y: 0, unit: 1, least: 1, day: -1, route: -1, showRoutes: true, showSites: true, moving: false };
  const crowd = Number(over.dataset.crowd);
  let width = 1, height = 1, ink = [], halo = "", ground = "", quiet = "", font = "", waiting = false;

  const styleOf = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  const readInk = () => { ink = codes.map((code) => styleOf(`--mode-${code}`)); halo = styleOf("--halo"); ground = styleOf("--surface-2"); quiet = styleOf("--ink-2"); font = `11px ${styleOf("--text")}`; };
  const visible = (i) => {
    const mode = Number(dots.mode[i]);
    return shown.has(codes[mode]) && (state.day < 0 || dots.day[i] === state.day || dots.day[i] < 0);
  };

  /* Marks: circle, diamond, square, house, cross; the order is that of the modes. */
  const mark = [
    (x, y, r) => { pen.moveTo(x + r, y); pen.arc(x, y, r, 0, 6.2832); },
    (x, y, r) => { const s = r * 1.35; pen.moveTo(x, y - s); pen.lineTo(x + s, y); pen.lineTo(x, y + s); pen.lineTo(x - s, y); pen.closePath(); },
    (x, y, r) => { const s = r * 0.9; pen.rect(x - s, y - s, 2 * s, 2 * s); },
    (x, y, r) => { const s = r * 1.15; pen.moveTo(x, y - s * 1.25); pen.lineTo(x + s, y - s * 0.2); pen.lineTo(x + s, y + s); pen.lineTo(x - s, y + s); pen.lineTo(x - s, y - s * 0.2); pen.closePath(); },
    (x, y, r) => { const s = r * 1.2; pen.moveTo(x - s, y - s); pen.lineTo(x + s, y + s); pen.moveTo(x + s, y - s); pen.lineTo(x - s, y + s); },
  ];
  const screen = (i) => [(dots.x[i] - state.x) / state.unit + width / 2, (dots.y[i] - state.y) / state.unit + height / 2];
  const size = () => Math.max(1.2, Math.min(6, (0.7 + 1.4 * Math.sqrt(3000 / (dots.x.length + 900))) * (state.least / state.unit) ** 0.4));

  /* Names of streets, where they fit along a straight piece and beside those that are written already. */
  const widths = names ? names.name.map(() => 0) : [];
  const writeNames = () => {
    const taken = [];
    pen.font = font;
    pen.textAlign = "center";
    pen.textBaseline = "middle";
    pen.lineJoin = "round";
    pen.lineWidth = 3;
    pen.strokeStyle = ground;
    pen.fillStyle = quiet;
    for (let i = 0; i < names.x.length; i++) {
      const x = (names.x[i] - state.x) / state.unit + width / 2;
      const y = (names.y[i] - state.y) / state.unit + height / 2;
      if (x < 0 || y < 0 || x > width || y > height) continue;
      widths[i] ||= pen.measureText(names.name[i]).width;
      if (widths[i] > names.length[i] / state.unit * 1.3) continue;
      const turned = names.turned[i] * Math.PI / 180;
      const [across, down] = [Math.cos(turned), Math.sin(turned)].map((part) => Math.abs(part) * widths[i] / 2 + 9);
      const box = [x - across, y - down, x + across, y + down];
      if (taken.some((other) => box[0] < other[2] && box[2] > other[0] && box[1] < other[3] && box[3] > other[1])) continue;
      taken.push(box);
      pen.save();
      pen.translate(x, y);
      pen.rotate(turned);
      pen.strokeText(names.name[i], 0, 0);
      pen.fillText(names.name[i], 0, 0);
      pen.restore();
    }
  };

  const draw = () => {
    waiting = false;
    const ratio = devicePixelRatio || 1;
    if (canvas.width !== Math.round(width * ratio) || canvas.height !== Math.round(height * ratio)) {
      canvas.width = Math.round(width * ratio);
      canvas.height = Math.round(height * ratio);
    }
    pen.setTransform(ratio, 0, 0, ratio, 0, 0);
    pen.clearRect(0, 0, width, height);
    if (names && state.unit * metresPerUnit < 6) writeNames();
    const r = size();
    const order = [2, 3, 0, 1, 4];
    for (const mode of order) {
      for (const chosen of state.route < 0 ? [true] : [false, true]) {
        pen.beginPath();
        for (let i = 0; i < dots.x.length; i++) {
          if (dots.mode.charCodeAt(i) - 48 !== mode || !visible(i)) continue;
          if (state.route >= 0 && (dots.route[i] === state.route) !== chosen) continue;
          const [x, y] = screen(i);
          if (x > -9 && y > -9 && x < width + 9 && y < height + 9) mark[mode](x, y, chosen && state.route >= 0 ? r + 1.4 : r);
        }
        pen.globalAlpha = chosen ? 0.92 : 0.16;
        pen.fillStyle = pen.strokeStyle = ink[mode];
        if (mode === 4) { pen.lineWidth = 2.2; pen.stroke(); } else {
          pen.fill();
          if (r > 2.4 && chosen) { pen.globalAlpha = 1; pen.strokeStyle = halo; pen.lineWidth = 0.7; pen.stroke(); }
        }
      }
    }
    pen.globalAlpha = 1;
    const box = [state.x - width * state.unit / 2, state.y - height * state.unit / 2, width * state.unit, height * state.unit];
    over.setAttribute("viewBox", box.map((v) => v.toFixed(1)).join(" "));
    drawUnder();
    over.style.setProperty("--unit", state.unit * Math.min(1, crowd * (state.least / state.unit) ** 0.4));
    drawScale();
  };
  const ask = () => { if (!waiting) { waiting = true; requestAnimationFrame(draw); } };

  /* Streets are as wide as on the live maps: more with each zoom, and by speed. From afar the slower ones are hidden. */
  const drawStreets = () => {
    const perPixel = state.unit * metresPerUnit;
    const zoomed = Math.max(0, Math.log2(150 / perPixel));
    const grown = Math.min((1.6 ** zoomed - 1) / (1.6 ** 7.5 - 1), 1.5);
    under.style.setProperty("--street", 1 / 70 + grown * (1 / 6 - 1 / 70));
    under.dataset.far = [12.5, 50, 200].filter((far) => perPixel > far).length;
  };

  /* A city of streets takes too long to draw anew in each frame: while the map moves, what was drawn moves with it. */
  const streets = view.classList.contains("on-streets");
  let drawn = null, still = 0;
  const settle = () => {
    const box = [state.x - width * state.unit / 2, state.y - height * state.unit / 2, width * state.unit, height * state.unit];
    under.setAttribute("viewBox", box.map((v) => v.toFixed(1)).join(" "));
    under.style.transform = "";
    if (streets) drawStreets();
    drawn = { x: state.x, y: state.y, unit: state.unit };
    state.moving = false;
  };
  const drawUnder = () => {
    clearTimeout(still);
    const scale = drawn ? drawn.unit / state.unit : 1;
    const [dx, dy] = drawn ? [(drawn.x - state.x) / state.unit, (drawn.y - state.y) / state.unit] : [0, 0];
    if (!streets || !drawn || !state.moving || Math.abs(Math.log(scale)) > 0.5 || Math.max(Math.abs(dx), Math.abs(dy)) > width / 3) {
      settle();
      return;
    }
    under.style.transform = `translate(${dx}px, ${dy}px) scale(${scale})`;
    still = setTimeout(settle, 120);
  };

  const drawScale = () => {
    const perPixel = state.unit * metresPerUnit;
    const most = perPixel * 120;
    const power = 10 ** Math.floor(Math.log10(most));
    const length = [5, 2, 1].map((f) => f * power).find((l) => l <= most);
    const bar = view.querySelector(".scale-bar");
    bar.firstElementChild.textContent = !metric ? `${length}` : length >= 1000 ? `${length / 1000} km` : `${length} m`;
    bar.lastElementChild.style.width = `${length / perPixel}px`;
  };

  const fit = ([x, y, w, h]) => {
    state.unit = Math.max(w / width, h / height, state.least / 60);
    state.moving = false;
    state.x = x + w / 2;
    state.y = y + h / 2;
    view.classList.toggle("zoomed", state.unit < state.least * 0.99);
    ask();
  };
  const zoom = (factor, x = width / 2, y = height / 2) => {
    const next = Math.max(state.least / 80, Math.min(state.least * 3, state.unit / factor));
    state.x += (x - width / 2) * (state.unit - next);
    state.y += (y - height / 2) * (state.unit - next);
    state.unit = next;
    state.moving = true;
    view.classList.toggle("zoomed", next < state.least * 0.99);
    ask();
  };
  const pan = (dx, dy) => { state.x -= dx * state.unit; state.y -= dy * state.unit; state.moving = true; ask(); };

  /* Routes: the list, the line drawn on top, and its numbers. */
  const list = document.getElementById("route-list");
  const told = document.getElementById("chosen-route");
  const nothing = told.innerHTML;
  const buttons = lines.map((line, i) => {
    const button = document.createElement("button");
    const stroke = document.createElement("i");
    stroke.className = `b${line.dataset.hue}`;
    const name = document.createElement("span");
    name.textContent = dots.routes[i];
    const gist = document.createElement("em");
    gist.textContent = line.dataset.gist;
    button.append(stroke, name, gist);
    button.type = "button";
    button.setAttribute("aria-pressed", "false");
    button.addEventListener("click", () => pick(state.route === i ? -1 : i, true));
    button.addEventListener("pointerenter", () => hover(i));
    button.addEventListener("pointerleave", () => hover(state.route));
    return button;
  });
  list.append(...buttons);
  const hover = (i) => {
    for (const path of picked) {
      const guess = path.classList.contains("guess");
      const drawn = guess ? guesses.get(i) : lines[i];
      path.setAttribute("d", drawn ? drawn.getAttribute("d") : "");
      if (path.classList.contains("line")) path.setAttribute("class", `picked line ${guess ? "guess " : ""}h${i < 0 ? 0 : lines[i].dataset.hue}`);
    }
    view.classList.toggle("picking", i >= 0);
  };
  const pick = (i, move) => {
    if (state.route >= 0) buttons[state.route].setAttribute("aria-pressed", "false");
    state.route = i;
    hover(i);
    if (i < 0) told.innerHTML = nothing; else {
      buttons[i].setAttribute("aria-pressed", "true");
      const name = document.createElement("b");
      name.textContent = dots.routes[i];
      told.replaceChildren(name, document.createElement("br"), lines[i].dataset.tip);
      if (move) {
        const box = lines[i].getBBox();
        const room = Math.max(box.width, box.height, 200) * 0.12;
        fit([box.x - room, box.y - room, box.width + 2 * room, box.height + 2 * room]);
        const below = buttons[i].offsetTop - list.offsetTop - list.scrollTop;
        if (below < 0 || below > list.clientHeight - buttons[i].offsetHeight) list.scrollTop += below - list.clientHeight / 2;
      }
    }
    ask();
  };
  const refresh = () => {
    lines.forEach((line, i) => {
      const away = !state.showRoutes || !shown.has("own_fleet") || (state.day >= 0 && Number(line.dataset.day) !== state.day);
      for (const path of [line, guesses.get(i)]) if (path) path.classList.toggle("away", away);
      buttons[i].hidden = state.day >= 0 && Number(line.dataset.day) !== state.day;
      buttons[i].style.display = buttons[i].hidden ? "none" : "";
      if (away && state.route === i) pick(-1);
    });
    over.querySelector(".sites").style.display = state.showSites ? "" : "none";
    ask();
  };

  /* What lies under the pointer: the nearest door, else a route. */
  const doorAt = (x, y) => {
    let best = -1, least = 90;
    for (let i = 0; i < dots.x.length; i++) {
      const dx = (dots.x[i] - state.x) / state.unit + width / 2 - x;
      const dy = (dots.y[i] - state.y) / state.unit + height / 2 - y;
      const d = dx * dx + dy * dy;
      if (d < least && visible(i)) { least = d; best = i; }
    }
    return best;
  };
  const routeAt = (x, y) => {
    for (const [dx, dy] of [[0, 0], [3, 0], [-3, 0], [0, 3], [0, -3]]) {
      const found = document.elementFromPoint(x + dx, y + dy);
      if (found && found.classList.contains("route")) return found.dataset.of ? Number(found.dataset.of) : lines.indexOf(found);
    }
    return -1;
  };
  const doorText = (i) => {
    if (dots.tip) return dots.tip[i];
    const mode = Number(dots.mode[i]);
    if (codes[mode] === "unserved") return `${dots.id[i]}: unserved`;
    const minute = `${String(Math.floor(dots.minute[i] / 60)).padStart(2, "0")}:${String(dots.minute[i] % 60).padStart(2, "0")}`;
    const route = dots.route[i] < 0 ? "" : ` ${dots.routes[dots.route[i]]}`;
    const day = days.length > 1 && dots.day[i] >= 0 ? `${days[dots.day[i]]} ` : "";
    const by = codes[mode] === "parcel_carrier" ? "by " : "";
    const cost = `${currency}${(dots.cost[i] / 10 ** digits).toFixed(digits)}`;
    return `${dots.id[i]}: ${modes[mode]}${route}, ${day}${by}${minute}, order costs ${cost}`;
  };

  const fingers = new Map();
  let moved = 0;
  view.addEventListener("pointerdown", (event) => {
    if (event.target.closest("button")) return;
    fingers.set(event.pointerId, [event.clientX, event.clientY]);
    moved = 0;
  });
  view.addEventListener("pointermove", (event) => {
    const box = view.getBoundingClientRect();
    const at = fingers.get(event.pointerId);
    if (!at) {
      if (event.target.closest(".site, button") || event.pointerType === "touch") return;
      const door = doorAt(event.clientX - box.left, event.clientY - box.top);
      const route = door >= 0 ? dots.route[door] : routeAt(event.clientX, event.clientY);
      const cell = event.target.dataset.cell || "";
      showTip(door >= 0 ? doorText(door) : route >= 0 ? `${dots.routes[route]}: ${lines[route].dataset.tip}` : cell, event.clientX, event.clientY);
      view.classList.toggle("pointing", route >= 0);
      return;
    }
    if (fingers.size === 2) {
      const other = [...fingers].find(([id]) => id !== event.pointerId)[1];
      const before = Math.hypot(at[0] - other[0], at[1] - other[1]);
      const after = Math.hypot(event.clientX - other[0], event.clientY - other[1]);
      if (before > 0) zoom(after / before, (event.clientX + other[0]) / 2 - box.left, (event.clientY + other[1]) / 2 - box.top);
    } else {
      moved += Math.abs(event.clientX - at[0]) + Math.abs(event.clientY - at[1]);
      if (moved > 4) {
        if (!view.hasPointerCapture(event.pointerId)) view.setPointerCapture(event.pointerId);
        view.classList.add("dragging");
        showTip("");
        pan(event.clientX - at[0], event.clientY - at[1]);
      }
    }
    fingers.set(event.pointerId, [event.clientX, event.clientY]);
  });
  const lift = (event) => { fingers.delete(event.pointerId); view.classList.remove("dragging"); };
  view.addEventListener("pointerup", (event) => {
    if (fingers.has(event.pointerId) && moved <= 4) {
      const box = view.getBoundingClientRect();
      const door = doorAt(event.clientX - box.left, event.clientY - box.top);
      pick(door >= 0 ? dots.route[door] : routeAt(event.clientX, event.clientY), false);
      if (event.pointerType === "touch" && door >= 0) showTip(doorText(door), event.clientX, event.clientY);
    }
    lift(event);
  });
  view.addEventListener("pointercancel", lift);
  view.addEventListener("pointerleave", () => showTip(""));
  view.addEventListener("wheel", (event) => {
    if (!event.ctrlKey && !event.metaKey) return;
    event.preventDefault();
    const box = view.getBoundingClientRect();
    zoom(Math.exp(-event.deltaY / 300), event.clientX - box.left, event.clientY - box.top);
  }, { passive: false });
  view.addEventListener("dblclick", (event) => {
    const box = view.getBoundingClientRect();
    zoom(2, event.clientX - box.left, event.clientY - box.top);
  });
  const keys = {
    ArrowLeft: () => pan(60, 0), ArrowRight: () => pan(-60, 0), ArrowUp: () => pan(0, 60), ArrowDown: () => pan(0, -60),
    "+": () => zoom(1.5), "=": () => zoom(1.5), "-": () => zoom(1 / 1.5), 0: () => fit(home), Escape: () => pick(-1),
  };
  view.addEventListener("keydown", (event) => {
    if (event.target !== view || !keys[event.key] || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    keys[event.key]();
  });
  document.getElementById("zoom-in").addEventListener("click", () => zoom(1.6));
  document.getElementById("zoom-out").addEventListener("click", () => zoom(1 / 1.6));
  document.getElementById("zoom-fit").addEventListener("click", () => fit(home));
  for (const box of document.querySelectorAll("[data-mode]")) {
    box.addEventListener("change", () => { shown[box.checked ? "add" : "delete"](box.dataset.mode); refresh(); });
  }
  document.getElementById("show-routes").addEventListener("change", (event) => { state.showRoutes = event.target.checked; refresh(); });
  document.getElementById("show-sites").addEventListener("change", (event) => { state.showSites = event.target.checked; refresh(); });
  const cells = document.getElementById("show-cells");
  if (cells) cells.addEventListener("change", () => { under.querySelector(".cells").style.display = cells.checked ? "" : "none"; });
  const daySelect = document.getElementById("map-day");
  if (daySelect) daySelect.addEventListener("change", () => { state.day = Number(daySelect.value); refresh(); });
  for (const link of document.querySelectorAll("[data-route]")) {
    link.addEventListener("click", () => {
      const i = dots.routes.indexOf(link.dataset.route);
      if (i >= 0) pick(i, true);
    });
  }
  new ResizeObserver(() => {
    const first = width === 1;
    const before = state.least;
    width = view.clientWidth;
    height = view.clientHeight;
    state.least = Math.max(home[2] / width, home[3] / height);
    if (first) fit(home); else { state.unit *= state.least / before; ask(); }
  }).observe(view);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => { readInk(); ask(); });
  readInk();
  refresh();
})();
