// The controls of the page: search, neighbours, legend, pointer and keyboard.

const element = id => document.getElementById(id);

// Return a new element; texts are never markup.
function make(tag, text = "", properties = {}) {
  const made = document.createElement(tag);
  made.textContent = text;
  return Object.assign(made, properties);
}

// Tell people with a screen reader what has happened; others too if they cannot see it elsewhere.
function say(text, seen = false) {
  element("status").textContent = text;
  element("status").className = seen ? "" : "unseen";
}

// ---------------------------------------------------------------------------------------------- the selected word

const LONG = 120;  // letters of a word in the panel

function rankText(number) {
  const ranks = spaces.map(space => `rank ${space.ranks[number].toLocaleString("en")}`);
  return new Set(ranks).size === 1 ? ranks[0] : ranks.map((rank, i) => `${rank} in ${spaces[i].name}`).join(", ");
}

// Return a row of the list of neighbours: a button for a word on the map, otherwise text.
function neighbourRow({number, cosine}) {
  const row = make("li"), onMap = number < count;
  const name = make(onMap ? "button" : "span", "", onMap ? {type: "button", onclick: () => select(number, true)} : {});
  name.append(make("bdi", shortened(data.words[number], LONG)));
  if (onMap) {
    name.onmouseenter = name.onfocus = () => hover(number);
    name.onmouseleave = name.onblur = () => hover(-1);
  }
  row.append(name, make("span", cosine.toFixed(3).replace("-", "\u2212"), {className: "cosine"}));
  return row;
}

function neighbourList(space, number) {
  const found = neighbours(space, number), near = found.filter(one => one.number < count).length;
  const section = make("section"), list = make("ol");
  const title = spaces.length > 1 ? `Nearest in ${space.name}` : "Nearest words";
  section.append(make("h3", title));
  list.append(...found.map(neighbourRow));
  section.append(list);
  const missing = found.length - near;
  const counted = missing === 0 ? "All are on the map." : `${missing} of ${found.length} (grey) are not on the map.`;
  section.append(make("p", found.length ? `Cosines in the full space. ${counted}` : "It has no neighbours.",
                      {className: "note"}));
  return section;
}

function fillPanel(number) {
  const within = element("panel").contains(document.activeElement);  // what has the focus may go away
  element("word").textContent = shortened(names[number], LONG);
  const facts = [["rank", rankText(number).replace(/^rank /, "")],
                 ...columns.map(column => [column.name, valueText(column, number)])];
  element("facts").replaceChildren(...facts.filter(([, text]) => text).flatMap(
    ([name, text]) => [make("dt", visible(name)), make("dd", shortened(text, LONG), {dir: "auto"})]));
  element("lists").className = spaces.length > 1 ? "two" : "";
  element("lists").replaceChildren(...spaces.map(space => neighbourList(space, number)));
  element("panel").hidden = false;
  if (within) element("heading").focus();
  element("side").scrollTop = 0;
}

function setFragment(text) {
  try {
    history.replaceState(null, "", text ? `#${encodeURIComponent(text)}` : location.pathname + location.search);
  } catch {
    // A page inside another one may not have an address of its own.
  }
}

// Select a word, or none for -1.
function select(number, move = false) {
  const changed = number !== state.selected;
  state.selected = number;
  state.hovered = -1;
  marked = new Set(number < 0 ? [] : spaces.flatMap(space => neighbours(space, number))
    .map(one => one.number).filter(other => other < count));
  element("tip").hidden = true;
  element("hint").hidden = number >= 0;
  if (number < 0) element("panel").hidden = true;
  else fillPanel(number);
  if (number >= 0) say(`${visible(shortened(names[number], LONG))}: ${marked.size} neighbours on the map`);
  if (changed) setFragment(number < 0 ? "" : names[number]);
  if (number >= 0 && move) showWord(number);
  redraw();
}

// Select the word that the address names.
function followFragment() {
  let text = location.hash.slice(1);
  try {
    text = decodeURIComponent(text);
  } catch {
    // A "%" that begins no code stands for itself.
  }
  const number = text ? exactly(text) : undefined;
  if (number !== undefined) select(number, true);
  else if (text) say(`\u201c${shortened(text, LONG)}\u201d is not on the map.`, true);
}

// ---------------------------------------------------------------------------------------------- hover

function hover(number) {
  if (number === state.hovered) return;
  state.hovered = number;
  canvas.style.cursor = number < 0 ? "" : "pointer";
  redraw();
}

function showTip(number, x, y) {
  const tip = element("tip");
  tip.hidden = number < 0;
  if (number < 0) return;
  const column = columns[state.column], value = column ? valueText(column, number) : "";
  const detail = value ? `${rankText(number)}, ${visible(column.name)}: ${shortened(value, 60)}` : rankText(number);
  tip.replaceChildren(make("bdi", shortened(names[number], 60)), make("span", detail));
  const left = Math.min(x + 14, width - tip.offsetWidth - 8);
  tip.style.left = `${Math.max(8, left)}px`;
  tip.style.top = `${y + 18 + tip.offsetHeight > height ? y - tip.offsetHeight - 10 : y + 18}px`;
}

// ---------------------------------------------------------------------------------------------- search

const search = element("search"), options = element("options");
const MOST_OPTIONS = 8;
let offered = [], active = -1;

function offer(numbers) {
  [offered, active] = [numbers, -1];
  options.replaceChildren(...numbers.map((number, at) => {
    const option = make("li", "", {id: `option-${at}`, role: "option", ariaSelected: "false"});
    option.append(make("bdi", shortened(names[number], 60)));
    option.onpointerdown = event => { event.preventDefault(); choose(number); };
    return option;
  }));
  options.hidden = numbers.length === 0;
  search.ariaExpanded = String(!options.hidden);
  search.removeAttribute("aria-activedescendant");
}

function setActive(at) {
  active = (at + offered.length) % offered.length;
  [...options.children].forEach((option, i) => { option.ariaSelected = String(i === active); });
  search.setAttribute("aria-activedescendant", `option-${active}`);
}

function choose(number) {
  search.value = visible(names[number]) === names[number] ? names[number].slice(0, LONG) : "";
  offer([]);
  select(number, true);
}

function complete() {
  const text = search.value;
  offer(text.trim() ? completions(text.trim(), MOST_OPTIONS) : []);
  const missing = text.trim() && !offered.length;
  if (missing) say(`No word of the map contains \u201c${shortened(text.trim(), 40)}\u201d.`, true);
  else say(offered.length ? `${offered.length} words` : "");
}

function searchKey(event) {
  if (event.isComposing) return;  // an input method is choosing characters
  if (event.key === "Enter" && offered.length) choose(offered[Math.max(active, 0)]);
  else if (event.key === "Enter") complete();
  else if (event.key === "ArrowDown" && offered.length) setActive(active + 1);
  else if (event.key === "ArrowUp" && offered.length) setActive(active < 0 ? -1 : active - 1);
  else if (event.key === "Escape" && !options.hidden) offer([]);
  else if (event.key === "Escape") { search.value = ""; clearAll(); canvas.focus(); }
  else return;
  event.preventDefault();
  event.stopPropagation();
}

// ---------------------------------------------------------------------------------------------- colours and legend

function legendEntry(group, text, size) {
  const row = make("li"), button = make("button", "", {type: "button", ariaPressed: String(state.only === group)});
  const mark = sprite(group, 5), image = document.createElement("canvas");
  [image.width, image.height] = [mark.image.width, mark.image.height];
  image.style.width = image.style.height = `${mark.side}px`;
  image.getContext("2d").drawImage(mark.image, 0, 0);
  image.ariaHidden = "true";
  button.append(image, make("bdi", shortened(text, 60)), make("span", size.toLocaleString("en"), {className: "size"}));
  button.onclick = () => showOnly(state.only === group ? null : group, group);
  button.dataset.group = group;
  row.append(button);
  return row;
}

// Show only the words of an entry of the legend; all for null.
function showOnly(group) {
  state.only = group;
  for (const button of element("legend").querySelectorAll("button")) {
    button.ariaPressed = String(Number(button.dataset.group) === group);
  }
  element("show-all").hidden = group === null;
  redraw();
}

function fillScale(column) {
  const stops = Array.from({length: 9}, (_, i) => scaleColour(i / 8));
  const {least, low, high, most} = scaleEnds(column);
  element("gradient").style.background = `linear-gradient(to right, ${stops.join(", ")})`;
  element("low").textContent = `${least < low ? "\u2264 " : ""}${plainNumber.format(low)}`;
  element("high").textContent = `${most > high ? "\u2265 " : ""}${plainNumber.format(high)}`;
}

function fillLegend() {
  const column = columns[state.column], sizes = new Map();
  for (const group of groups) sizes.set(group, (sizes.get(group) ?? 0) + 1);
  const numeric = column?.kind === "number" && groups.some(group => group !== NONE);
  element("scale").hidden = !numeric;
  if (numeric) fillScale(column);
  const named = column?.kind === "category" ? column.labels.slice(0, MOST_ENTRIES) : [];
  const entries = named.map((label, group) => [group, label]);
  if (sizes.has(OTHER)) entries.push([OTHER, `${(column.labels.length - MOST_ENTRIES).toLocaleString("en")} others`]);
  if (sizes.has(NONE)) entries.push([NONE, "no value"]);
  element("legend").replaceChildren(...entries.map(([group, text]) => legendEntry(group, text, sizes.get(group))));
}

function chooseColumn(index) {
  colourBy(index);
  showOnly(null);
  fillLegend();
}

function setTheme(name) {
  theme = name;
  document.documentElement.dataset.theme = name;
  if (columns.length) fillLegend();
  redraw();
}

// ---------------------------------------------------------------------------------------------- pointer

const pointers = new Map();  // places of the fingers or of the mouse that are down
let moved = 0;               // CSS pixels since the first one

function place(event) {
  const box = canvas.getBoundingClientRect();
  return {x: event.clientX - box.left, y: event.clientY - box.top};
}

function pointerDown(event) {
  if (event.button !== 0) return;
  canvas.setPointerCapture(event.pointerId);
  if (!pointers.size) moved = 0;
  pointers.set(event.pointerId, place(event));
}

function pointerMove(event) {
  const now = place(event), before = pointers.get(event.pointerId);
  if (!before) {
    const number = event.pointerType === "touch" ? -1 : wordAt(now.x, now.y);
    hover(number);
    showTip(number, now.x, now.y);
    return;
  }
  const [dx, dy] = [now.x - before.x, now.y - before.y];
  moved += Math.hypot(dx, dy);
  const other = [...pointers].find(([id]) => id !== event.pointerId)?.[1];
  if (other) {
    const spread = Math.hypot(before.x - other.x, before.y - other.y);
    const [x, y] = [(now.x + other.x) / 2, (now.y + other.y) / 2];
    if (spread > 0) zoom(Math.hypot(now.x - other.x, now.y - other.y) / spread, x, y);
    pan(dx / 2, dy / 2);
  } else if (moved > 4) {
    element("tip").hidden = true;
    pan(dx, dy);
  }
  pointers.set(event.pointerId, now);
}

function pointerUp(event) {
  if (!pointers.delete(event.pointerId) || pointers.size || moved > 4 || event.type === "pointercancel") return;
  const at = place(event);
  select(wordAt(at.x, at.y, event.pointerType === "touch" ? 24 : undefined));
}

function wheel(event) {
  event.preventDefault();
  const lines = event.deltaMode === 1 ? 18 : event.deltaMode === 2 ? height : 1;
  const {x, y} = place(event);
  zoom(Math.exp(-event.deltaY * lines * (event.ctrlKey ? 0.01 : 0.0016)), x, y);
}

// ---------------------------------------------------------------------------------------------- keyboard

const STEP = 80;      // CSS pixels that an arrow pans
const FACTOR = 1.4;   // of a step of the zoom

function clearAll() {
  if (state.selected >= 0) select(-1);
  else showOnly(null);
  say("");
}

const KEYS = {
  "/": () => { search.focus(); search.select(); },
  "Escape": clearAll,
  "+": () => zoom(FACTOR), "=": () => zoom(FACTOR),
  "-": () => zoom(1 / FACTOR), "_": () => zoom(1 / FACTOR),
  "0": () => fly(all),
  "ArrowLeft": () => pan(STEP, 0), "ArrowRight": () => pan(-STEP, 0),
  "ArrowUp": () => pan(0, STEP), "ArrowDown": () => pan(0, -STEP),
};

function key(event) {
  if (event.ctrlKey || event.metaKey || event.altKey || !Object.hasOwn(KEYS, event.key)) return;
  if (event.target.matches?.("input") && event.key !== "Escape") return;
  if (event.target.matches?.("select") && event.key !== "Escape" && event.key !== "/") return;
  if (event.key.startsWith("Arrow") && event.target.closest?.("aside")) return;  // scrolls the side
  event.preventDefault();
  KEYS[event.key]();
}

// ---------------------------------------------------------------------------------------------- start

function listen() {
  canvas.addEventListener("pointerdown", pointerDown);
  canvas.addEventListener("pointermove", pointerMove);
  canvas.addEventListener("pointerup", pointerUp);
  canvas.addEventListener("pointercancel", pointerUp);
  canvas.addEventListener("pointerleave", () => { hover(-1); element("tip").hidden = true; });
  canvas.addEventListener("wheel", wheel, {passive: false});
  search.addEventListener("input", complete);
  search.addEventListener("keydown", searchKey);
  search.addEventListener("blur", () => offer([]));
  document.addEventListener("keydown", key);
  element("zoom-in").onclick = () => zoom(FACTOR);
  element("zoom-out").onclick = () => zoom(1 / FACTOR);
  element("zoom-all").onclick = () => fly(all);
  element("close").onclick = () => { select(-1); canvas.focus(); };
  element("show-all").onclick = () => showOnly(null);
  element("theme").onclick = () => setTheme(theme === "dark" ? "light" : "dark");
  element("column").onchange = event => chooseColumn(Number(event.target.value));
  addEventListener("hashchange", followFragment);
  new ResizeObserver(resize).observe(canvas);
}

function start() {
  element("title").textContent = data.title;
  element("caption").textContent = data.caption;
  canvas.ariaLabel = `${data.title}: ${data.caption}`;
  element("column").append(...columns.map((column, at) => make("option", visible(column.name), {value: at})));
  element("ways").hidden = spaces.length === 1;
  element("ways").textContent = `Lines go from the place in ${spaces[0].name} (ring) to that in ${shown.name} (point).`;
  element("colours").hidden = columns.length === 0;
  const dark = matchMedia("(prefers-color-scheme: dark)");
  dark.addEventListener("change", () => setTheme(dark.matches ? "dark" : "light"));
  colourBy(columns.length ? 0 : -1);
  resize();
  Object.assign(camera, all);
  setTheme(dark.matches ? "dark" : "light");
  listen();
  followFragment();
}

start();
