"use strict";
// The page of a run: a table that is sorted, filtered and marked, and a subject shown in every figure.
// Text of users is only ever set as textContent or value; nothing is evaluated, nothing is fetched.
(() => {
const $ = (id) => document.getElementById(id);
const tip = $("tip");

// the numbers under the pointer, in every figure with axes
const under = (svg, event) => {
  const [left, right, bottom, top, x0, x1, y0, y1] = svg.dataset.axes.split(" ").map(Number);
  const box = svg.getBoundingClientRect(), scale = svg.viewBox.baseVal.width / box.width;
  const x = (event.clientX - box.left) * scale, y = (event.clientY - box.top) * scale;
  return {x, y, inside: x >= left && x <= right && y >= top && y <= bottom,
          at: [x0 + (x - left) / (right - left) * (x1 - x0), y0 + (bottom - y) / (bottom - top) * (y1 - y0)]};
};
const say = (event, words) => {
  tip.hidden = !words;
  tip.textContent = words;
  tip.style.left = Math.min(event.clientX + 14, innerWidth - 220) + "px";
  tip.style.top = event.clientY + 14 + "px";
};
const words = (svg, event) => {
  const place = under(svg, event);
  const numbers = place.at.filter((_, i) => place.inside && svg.dataset.tells.includes("xy"[i]));
  const told = numbers.map((n) => Number(n.toPrecision(3))).join(", ");
  return [event.target.dataset.title, told].filter(Boolean).join(": ");
};
for (const svg of document.querySelectorAll("svg[data-axes]")) {
  svg.addEventListener("pointermove", (event) => say(event, words(svg, event)));
  svg.addEventListener("pointerleave", (event) => say(event, ""));
}

if (!$("data")) return;  // the page of one subject
const data = JSON.parse($("data").textContent);
const column = Object.fromEntries(data.columns.map(([key], i) => [key, i]));
const body = $("table").tBodies[0], head = $("table").tHead;
const every = data.pages.map((_, row) => row);
// of texts there are the different ones, and which of them a row has
const looked = (of, row) => !of ? null : of[0] && of[1][row] !== null ? of[0][of[1][row]] : of[1][row];
const cell = (row, key) => looked(data.cells[key], row);
const ids = every.map((row) => JSON.stringify([cell(row, "dataset"), cell(row, "subject")]));
const page = (row) => {  // of the subject; none where nothing was fitted
  const name = data.pages[row] ?? cell(row, "subject");
  return name && data.link.replace("DATASET", cell(row, "dataset")).replace("SUBJECT", name.replaceAll("+", "%2B"));
};

// marks: kept in this browser under the run's name and the place of the file
const place = "tinycog marks " + data.run + " " + location.pathname;
let marks = Object.fromEntries(data.marks.map(([dataset, subject, mark, comment]) =>
  [JSON.stringify([dataset, subject]), {mark, comment}]));
const trouble = (error) => { $("trouble").textContent = "Marks are not kept after this window is closed (" + error.name + "): export them."; };
try { marks = {...marks, ...JSON.parse(localStorage.getItem(place) || "{}")}; } catch (error) { trouble(error); }
const marked = (row) => marks[ids[row]] || {mark: "", comment: ""};
const keep = (row, change) => {
  marks[ids[row]] = {...marked(row), ...change};
  try { localStorage.setItem(place, JSON.stringify(marks)); } catch (error) { trouble(error); }
  show(row);
};

// the table
const DIGITS = {nll: 4, reward: 3, margin: 1, worst: 1};  // others are whole numbers
const shown = (value, key) => typeof value !== "number" ? value ?? "" :
  value.toFixed(DIGITS[key] ?? 0).replace(/^-(0[.0]*)$/, "$1").replace("-", "−");
const rows = every.map((row) => {
  const tr = document.createElement("tr");
  tr.id = "row" + row;
  tr.setAttribute("aria-selected", "false");
  data.columns.forEach(([key, label, , kind]) => {
    const td = tr.insertCell();
    td.dataset.label = label;  // stands before it in narrow windows
    if (kind === "number") td.className = "n";
    if (key === "verdict" || key === "flags") td.className = "wide";
    td.textContent = shown(cell(row, key), key);
    const note = looked(data.notes[key], row);
    if (note && key === "margin") td.classList.add("noted");
    if (note) td.append(Object.assign(document.createElement("small"), {textContent: note}));
  });
  return tr;
});
const show = (row) => {
  const {mark, comment} = marked(row), td = rows[row].cells[column.mark];
  td.textContent = mark;
  td.className = mark && "mark-" + mark;
  td.title = comment;
  if (row === chosen) {
    $("comment").value = comment;
    for (const input of document.querySelectorAll("#marks input")) input.checked = input.value === mark;
  }
};

let order = every, sorted = null, down = false, chosen = null;
const value = (row, key) => key === "mark" ? marked(row).mark : cell(row, key);
const compare = (a, b) => typeof a === "number" && typeof b === "number" ? a - b : String(a).localeCompare(String(b), "en", {numeric: true});
const sort = (key) => {
  down = sorted === key && !down;
  sorted = key;
  for (const th of head.rows[0].cells) th.setAttribute("aria-sort", th.dataset.key !== key ? "none" : down ? "descending" : "ascending");
  draw();
};
const gone = (x) => x === null || x === "";  // what is missing comes last, whichever way
const test = (row, term) => {
  const [, key, sign, limit] = term.match(/^(\w+)(<=|>=|<|>|=)(.+)$/) || [];
  if (!(key in column)) return text(row).includes(term);
  const own = value(row, key);
  if (gone(own)) return false;
  if (typeof own !== "number") return sign === "=" && String(own).toLowerCase() === limit;
  const n = Number(limit);
  return {"<": own < n, ">": own > n, "<=": own <= n, ">=": own >= n, "=": own === n}[sign];
};
const lines = every.map((row) => data.columns.map(([key]) => cell(row, key)).filter((v) => typeof v === "string").join(" ").toLowerCase());
const text = (row) => lines[row] + " " + marked(row).mark + " " + marked(row).comment.toLowerCase();
// of many rows the first ones, and others when they are scrolled to, chosen or printed: browsers lay out tables slowly
const STRETCH = 200;
const more = (to) => body.append(...order.slice(body.rows.length, to).map((row) => rows[row]));
const box = document.querySelector(".scroll");
box.addEventListener("scroll", () => {
  if (box.scrollTop + 2 * box.clientHeight > box.scrollHeight) more(body.rows.length + STRETCH);
});
addEventListener("beforeprint", () => more(order.length));
const draw = () => {
  const terms = $("filter").value.toLowerCase().split(/\s+/).filter(Boolean);
  order = every.filter((row) => terms.every((term) => test(row, term)));
  if (sorted) order.sort((a, b) => {
    const [x, y] = [value(a, sorted), value(b, sorted)];
    return gone(x) || gone(y) ? gone(x) - gone(y) : (down ? -1 : 1) * compare(x, y) || a - b;
  });
  body.replaceChildren();
  more(STRETCH);
  $("count").textContent = order.length + " of " + every.length + " subjects";
  dim();
};

// figures: a path has a piece of each subject
const run = (text) => {  // rows 3-5 are 3, 4, 5
  const [first, last = first] = text.split("-").map(Number);
  return Array.from({length: last - first + 1}, (_, i) => first + i);
};
const paths = [...document.querySelectorAll("[data-group] path.all")].map((path) => {
  const pieces = path.getAttribute("d").split(/(?=M)/), of = path.dataset.rows.split(" ").filter(Boolean).flatMap(run);
  const rest = path.cloneNode();
  rest.classList.replace("all", "rest");
  path.before(rest);
  return {path, pieces, of, rest, at: new Map(of.map((row, i) => [row, i]))};
});
const dim = () => {
  const kept = new Set(order);
  for (const {path, pieces, of, rest} of paths) {
    path.setAttribute("d", pieces.filter((_, i) => kept.has(of[i])).join(""));
    rest.setAttribute("d", pieces.filter((_, i) => !kept.has(of[i])).join(""));
  }
};
const choose = (row) => {
  if (chosen !== null) rows[chosen].setAttribute("aria-selected", "false");
  chosen = row;
  for (const path of document.querySelectorAll("path.chosen")) path.remove();
  $("one").hidden = row === null;
  if (row === null) return;
  rows[row].setAttribute("aria-selected", "true");
  body.setAttribute("aria-activedescendant", "row" + row);
  more(order.indexOf(row) + 1);
  rows[row].scrollIntoView({block: "nearest"});
  for (const {path, pieces, at} of paths) {
    if (!at.has(row)) continue;
    for (const ink of ["chosen", "chosen ink"]) {  // white around the colour, to stand out among many
      const own = path.cloneNode();
      own.setAttribute("d", pieces[at.get(row)]);
      own.removeAttribute("data-rows");
      own.setAttribute("class", ink + (path.classList.contains("curve") ? " curve" : ""));
      path.parentNode.append(own);
    }
  }
  $("who").textContent = cell(row, "dataset") + ": " + cell(row, "subject");
  $("own").hidden = !page(row);
  $("own").href = page(row);
  $("said").textContent = cell(row, "verdict") ?? "";
  show(row);
};
const nearest = (svg, event) => {
  const {x, y, inside} = under(svg, event);
  let best = null, least = 12 ** 2;
  for (const {path, pieces, of} of inside ? paths : []) {
    if (path.ownerSVGElement !== svg) continue;
    pieces.forEach((piece, i) => {
      for (const [, a, b] of piece.matchAll(/([\d.]+) ([\d.]+)/g)) {
        const far = (a - x) ** 2 + (b - y) ** 2;
        if (far < least) [best, least] = [of[i], far];
      }
    });
  }
  return best;
};
for (const svg of document.querySelectorAll("[data-group] > svg[data-axes]")) {
  svg.addEventListener("click", (event) => {
    const row = nearest(svg, event);
    if (row !== null) choose(row);
  });
  svg.addEventListener("pointermove", (event) => {
    const row = nearest(svg, event);
    if (row !== null) say(event, [cell(row, "subject"), words(svg, event)].filter(Boolean).join(": "));
  });
}

// what people do
const header = head.insertRow();
for (const [key, label, about] of data.columns) {
  const th = document.createElement("th"), button = document.createElement("button");
  Object.assign(th, {scope: "col", title: about});
  th.dataset.key = key;
  th.setAttribute("aria-sort", "none");
  button.type = "button";
  button.textContent = label;
  button.addEventListener("click", () => sort(key));
  th.append(button);
  header.append(th);
}
body.addEventListener("click", (event) => {
  const tr = event.target.closest("tr");
  if (tr) { body.focus({preventScroll: true}); choose(rows.indexOf(tr)); }
});
const KEYS = {k: "keep", d: "doubt", x: "drop", u: ""};
body.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.altKey || event.metaKey) return;
  const at = order.indexOf(chosen), last = order.length - 1;
  const to = {ArrowDown: Math.min(at + 1, last), ArrowUp: Math.max(at - 1, 0), Home: 0, End: last}[event.key];
  if (to !== undefined && last >= 0) choose(order[to]);
  else if (event.key === "Enter" && chosen !== null && page(chosen)) location.href = page(chosen);
  else if (event.key in KEYS && chosen !== null) keep(chosen, {mark: KEYS[event.key]});
  else if (event.key === "Escape") choose(null);
  else if (event.key === "/") $("filter").focus();
  else return;
  event.preventDefault();
});
$("filter").addEventListener("input", draw);
$("marks").addEventListener("change", (event) => keep(chosen, {mark: event.target.value}));
$("comment").addEventListener("change", (event) => keep(chosen, {comment: event.target.value}));
const quoted = (field) => /[\t\r\n"]/.test(field) ? '"' + field.replaceAll('"', '""') + '"' : field;
$("export").addEventListener("click", () => {
  const made = [["dataset", "subject", "mark", "comment"]];
  for (const [id, {mark, comment}] of Object.entries(marks)) {
    if (mark || comment) made.push([...JSON.parse(id), mark, comment]);
  }
  const blob = new Blob([made.map((line) => line.map(quoted).join("\t") + "\n").join("")], {type: "text/tab-separated-values"});
  const a = Object.assign(document.createElement("a"), {href: URL.createObjectURL(blob), download: "marks.tsv"});
  a.click();
  setTimeout(() => URL.revokeObjectURL(a.href), 10000);
});
addEventListener("storage", (event) => {  // marked in another window
  if (event.key === place) { marks = {...marks, ...JSON.parse(event.newValue || "{}")}; rows.forEach((_, row) => show(row)); }
});
rows.forEach((_, row) => show(row));
draw();
})();
