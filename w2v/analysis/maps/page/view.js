// The map on the canvas: the camera, colours and shapes of points, frames, and which word is at a place.

const canvas = document.getElementById("canvas");
const context = canvas.getContext("2d");
const still = matchMedia("(prefers-reduced-motion: reduce)");

const state = {
  selected: -1,  // numbers of words, -1 for none
  hovered: -1,
  column: -1,    // by which points are coloured
  only: null,    // the entry of the legend that is shown alone
};

// ---------------------------------------------------------------------------------------------- colours and shapes

// Colours that the colour-blind can tell apart, most of Okabe and Ito 2008, darker or lighter for each background.
const CATEGORIES = {
  light: ["#0072b2", "#d98200", "#00926a", "#c8501e", "#3d9fd8", "#bd6a9c", "#5b2a86", "#333333"],
  dark: ["#4a9fe0", "#f0ab2e", "#2bbd8e", "#ee7a45", "#8ccdf5", "#df95bd", "#f0e442", "#f2f2f2"],
};
// Viridis without the end that has too little contrast with the background.
const SCALE = {
  light: ["#440154", "#46327e", "#365c8d", "#277f8e", "#1fa187", "#4ac16d", "#9fc92a"],
  dark: ["#5a4ba0", "#4577a8", "#2f9aa0", "#27ad81", "#5cc863", "#aadc32", "#fde725"],
};
const INK = {
  light: {text: "#1b2126", page: "#ffffff", none: "#a3abb2", accent: "#c2185b", line: "#8d979f"},
  dark: {text: "#e6eaed", page: "#14181c", none: "#69727a", accent: "#ff6fa5", line: "#7d878f"},
};
const MOST_ENTRIES = 24;
const OTHER = 254, NONE = 255;  // groups of the points of rare categories, and of those without a value
const STEPS = 32;      // colours of a scale of numbers

const PLUS = [[-0.4, -1.2], [0.4, -1.2], [0.4, -0.4], [1.2, -0.4], [1.2, 0.4], [0.4, 0.4],
              [0.4, 1.2], [-0.4, 1.2], [-0.4, 0.4], [-1.2, 0.4], [-1.2, -0.4], [-0.4, -0.4]];
// Corners of the shapes of points for a radius of 1, to the right and down; without corners it is a circle.
const SHAPES = [
  [],
  [[-0.9, -0.9], [0.9, -0.9], [0.9, 0.9], [-0.9, 0.9]],
  [[0, -1.2], [1.1, 0.9], [-1.1, 0.9]],
  [[0, -1.25], [1.25, 0], [0, 1.25], [-1.25, 0]],
  [[0, 1.2], [1.1, -0.9], [-1.1, -0.9]],
  PLUS,
  PLUS.map(([x, y]) => [(x - y) * Math.SQRT1_2, (x + y) * Math.SQRT1_2]),
  Array.from({length: 10}, (_, i) => [Math.sin(i * Math.PI / 5), -Math.cos(i * Math.PI / 5)]
    .map(part => part * (i % 2 ? 0.6 : 1.35))),
];

let theme = "light";
let groups = new Uint8Array(count);    // of the points, by the column

// Return the red, green and blue of a colour such as "#0072b2".
function channels(colour) {
  return [1, 3, 5].map(i => parseInt(colour.slice(i, i + 2), 16));
}

// Return the colour at a share of the scale of numbers.
function scaleColour(share) {
  const stops = SCALE[theme], at = share * (stops.length - 1), low = Math.min(Math.floor(at), stops.length - 2);
  const [first, second] = [channels(stops[low]), channels(stops[low + 1])];
  return `rgb(${first.map((value, i) => Math.round(value + (second[i] - value) * (at - low))).join(" ")})`;
}

// Return the colour and shape of a group: no two have the same colour and shape, nor two of the first 8 either of them.
function groupStyle(group) {
  const column = columns[state.column];
  if (group >= OTHER) return {colour: INK[theme].none, shape: 0};
  if (column === undefined) return {colour: CATEGORIES[theme][0], shape: 0};
  if (column.kind === "number") return {colour: scaleColour(group / (STEPS - 1)), shape: 0};
  return {colour: CATEGORIES[theme][group % 8], shape: (group + Math.floor(group / 8)) % 8};
}

// Return the values between which a scale of numbers runs, as few extreme ones must not take all colours, and all do.
function scaleEnds(column) {
  const sorted = column.values.filter(value => !Number.isNaN(value)).sort();
  const at = share => sorted[Math.round(share * (sorted.length - 1))];
  const [least, low, high, most] = [0, 0.02, 0.98, 1].map(at);
  return low < high ? {least, low, high, most} : {least, low: least, high: most, most};
}

// Divide the points by the values of the column.
function colourBy(index) {
  state.column = index;
  const column = columns[index];
  if (column === undefined) groups.fill(0);
  else if (column.kind === "category") {
    groups = Uint8Array.from(column.values, value => value < 0 ? NONE : value < MOST_ENTRIES ? value : OTHER);
  } else {
    const {low, high} = scaleEnds(column);
    const share = value => Math.min(1, Math.max(0, (value - low) / (high - low || 1)));
    groups = Uint8Array.from(column.values,
                             value => Number.isNaN(value) ? NONE : Math.round(share(value) * (STEPS - 1)));
  }
}

// Add the outline of a point to a path.
function outline(target, shape, x, y, radius) {
  target.beginPath();
  if (!SHAPES[shape].length) target.arc(x, y, radius, 0, 2 * Math.PI);
  for (const [across, down] of SHAPES[shape]) target.lineTo(x + across * radius, y + down * radius);
  target.closePath();
}

// Return the pixels of an image of a point, three numbers each: distances from its middle to the right and down, and
// opacity.
function stamp(brush) {
  const side = brush.canvas.width, middle = Math.floor(side / 2), parts = [];
  const {data: values} = brush.getImageData(0, 0, side, side);
  for (let i = 0; i < side * side; i++) {
    const opacity = values[4 * i + 3] / 255;
    if (opacity > 0) parts.push(i % side - middle, Math.floor(i / side) - middle, opacity);
  }
  const colour = 4 * middle * (side + 1);
  return {parts: Float32Array.from(parts), colour: values.slice(colour, colour + 3)};
}

// Images of points, by their looks.
const sprites = new Map();

function sprite(group, radius) {
  const key = `${theme} ${state.column} ${group} ${radius} ${pixels}`;
  if (!sprites.has(key)) {
    if (sprites.size > 500) sprites.clear();
    const side = Math.ceil(2 * (radius * 1.3 + 1)), image = document.createElement("canvas");
    image.width = image.height = Math.ceil(side * pixels);
    const brush = image.getContext("2d", {willReadFrequently: true}), style = groupStyle(group);
    brush.scale(pixels, pixels);
    outline(brush, style.shape, side / 2, side / 2, radius);
    brush.fillStyle = style.colour;
    brush.fill();
    sprites.set(key, {image, side, stamp: stamp(brush)});
  }
  return sprites.get(key);
}

// ---------------------------------------------------------------------------------------------- the camera

const MARGIN = 36;   // CSS pixels around all points
const MOST_ZOOM = 2000, LEAST_ZOOM = 0.5;
const camera = {x: 0, y: 0, scale: 1};  // the middle of the canvas, and CSS pixels for each unit of the positions
let all = {x: 0, y: 0, scale: 1};       // the camera that shows all points
let around = null;                      // the camera that shows the chosen word with its neighbours
let width = 1, height = 1, pixels = 1;  // CSS pixels, and pixels of the screen for each of them

const positions = shown.positions;
const bounds = [Infinity, Infinity, -Infinity, -Infinity];
for (const space of spaces) {
  for (let i = 0; i < 2 * count; i++) {
    bounds[i % 2] = Math.min(bounds[i % 2], space.positions[i]);
    bounds[2 + i % 2] = Math.max(bounds[2 + i % 2], space.positions[i]);
  }
}

const screenX = x => (x - camera.x) * camera.scale + width / 2;
const screenY = y => height / 2 - (y - camera.y) * camera.scale;

// Give the canvas the size that it has on the page; what was fitted to it stays so.
function resize() {
  const at = view => view !== null && camera.scale === view.scale && camera.x === view.x && camera.y === view.y;
  const whole = at(all), chosen = state.selected >= 0 && at(around);
  width = Math.max(1, canvas.clientWidth);
  height = Math.max(1, canvas.clientHeight);
  pixels = devicePixelRatio || 1;
  canvas.width = Math.round(width * pixels);
  canvas.height = Math.round(height * pixels);
  const [left, bottom, right, top] = bounds;
  const room = Math.min(MARGIN, width / 8, height / 8);
  all = {x: (left + right) / 2, y: (bottom + top) / 2,
         scale: Math.min((width - 2 * room) / (right - left || 1), (height - 2 * room) / (top - bottom || 1))};
  if (whole) Object.assign(camera, all);
  if (chosen) Object.assign(camera, around = wordView(state.selected));
  redraw();
}

function setScale(scale) {
  camera.scale = Math.min(all.scale * MOST_ZOOM, Math.max(all.scale * LEAST_ZOOM, scale));
}

// Zoom by a factor; the place (x, y) of the canvas stays where it is.
function zoom(factor, x = width / 2, y = height / 2) {
  flight += 1;
  const before = camera.scale;
  setScale(before * factor);
  const change = 1 / before - 1 / camera.scale;
  camera.x += (x - width / 2) * change;
  camera.y -= (y - height / 2) * change;
  redraw();
}

// Move what is shown by some CSS pixels; the middle of the canvas stays within the map.
function pan(dx, dy) {
  flight += 1;
  camera.x = Math.min(bounds[2], Math.max(bounds[0], camera.x - dx / camera.scale));
  camera.y = Math.min(bounds[3], Math.max(bounds[1], camera.y + dy / camera.scale));
  redraw();
}

let flight = 0;  // number of the last movement, so that a later one ends an earlier one
const FLIGHT = 350;  // milliseconds

// Move the camera to a target, at once for people who do not want animations.
function fly(target) {
  const own = ++flight, from = {...camera}, start = performance.now();
  const step = now => {
    if (own !== flight) return;
    const share = still.matches ? 1 : Math.min(1, (now - start) / FLIGHT), part = share * share * (3 - 2 * share);
    camera.x = from.x + (target.x - from.x) * part;
    camera.y = from.y + (target.y - from.y) * part;
    camera.scale = share === 1 ? target.scale : from.scale * (target.scale / from.scale) ** part;
    redraw();
    if (share < 1) requestAnimationFrame(step);
  };
  step(start);
}

const ROOM = {across: 90, up: 50};  // CSS pixels around the neighbours, for their labels

// Return the camera that shows a word with all its neighbours and the place where it was before: the word in the middle
// if they have room there, else the middle of all of them.
function wordView(number) {
  const places = [...[...marked, number].map(other => [positions[2 * other], positions[2 * other + 1]]),
                  [spaces[0].positions[2 * number], spaces[0].positions[2 * number + 1]]];
  const needed = (x, y) => Math.max(...places.map(([left, up]) => Math.max(  // units of the positions for a CSS pixel
    Math.abs(left - x) / (width / 2 - Math.min(ROOM.across, width / 6)),
    Math.abs(up - y) / (height / 2 - Math.min(ROOM.up, height / 6)))));
  const middle = axis => {
    const values = places.map(place => place[axis]);
    return (Math.min(...values) + Math.max(...values)) / 2;
  };
  let [x, y] = [positions[2 * number], positions[2 * number + 1]];
  if (needed(x, y) * all.scale > 1) [x, y] = [middle(0), middle(1)];
  const most = needed(x, y), scale = most > 0 ? 1 / most : camera.scale;
  const nearest = all.scale * Math.max(4, Math.sqrt(count) / 4);  // about as many words as a window has room for
  return {x, y, scale: Math.min(scale, Math.max(nearest, Math.min(camera.scale, scale)))};
}

function showWord(number) {
  around = null;
  resize();  // the panel may just have opened
  around = wordView(number);
  fly(around);
}

// ---------------------------------------------------------------------------------------------- points

const DIM = 0.16;  // opacity of points that are not meant

let frame = null;       // pixels of the canvas with its points
let marked = new Set();  // the neighbours on the map of the selected word

// Return whether a word passes the filter of the legend.
function passes(number) {
  return state.only === null || groups[number] === state.only || number === state.selected;
}

// Return the radius of points, in steps so that few images are needed.
function pointRadius() {
  const usual = Math.min(4, Math.max(1.5, 0.12 * Math.sqrt(width * height / count)));
  const grown = usual * Math.max(0.8, camera.scale / all.scale) ** 0.3;
  return Math.round(4 * Math.min(6, grown)) / 4;
}

// Return the numbers of the words in the window, the most important first.
function inWindow(margin) {
  const found = [];
  for (let i = 0; i < count; i++) {
    const x = screenX(positions[2 * i]), y = screenY(positions[2 * i + 1]);
    if (x > -margin && x < width + margin && y > -margin && y < height + margin) found.push(i);
  }
  return found;
}

// Blend a point into the pixels of a frame (wide, high).
function blend(values, wide, high, {parts, colour: [red, green, blue]}, x, y, opacity) {
  for (let i = 0; i < parts.length; i += 3) {
    const across = x + parts[i], down = y + parts[i + 1], share = opacity * parts[i + 2];
    if (across < 0 || across >= wide || down < 0 || down >= high) continue;
    const at = 4 * (down * wide + across);
    values[at] += (red - values[at]) * share;
    values[at + 1] += (green - values[at + 1]) * share;
    values[at + 2] += (blue - values[at + 2]) * share;
  }
}

// Begin the frame with the colour of the page.
function clearFrame() {
  if (frame?.width !== canvas.width || frame?.height !== canvas.height) {
    frame = new ImageData(canvas.width, canvas.height);
  }
  const [red, green, blue] = channels(INK[theme].page);
  new Uint32Array(frame.data.buffer).fill(0xff000000 + (blue << 16) + (green << 8) + red);
}

// Draw many points into the frame. Copying as many small images to the canvas takes ten times as long.
function blendPoints(numbers, radius, opacity) {
  const {data: values, width: wide, height: high} = frame, stamps = [];  // by group
  for (let at = numbers.length - 1; at >= 0; at--) {  // the most important ones on top
    const i = numbers[at];
    const x = Math.round(screenX(positions[2 * i]) * pixels), y = Math.round(screenY(positions[2 * i + 1]) * pixels);
    blend(values, wide, high, stamps[groups[i]] ??= sprite(groups[i], radius).stamp, x, y, opacity);
  }
}

// Draw a few points on the canvas.
function drawPoints(numbers, radius) {
  for (const i of numbers) {
    const {image, side} = sprite(groups[i], radius);
    const x = screenX(positions[2 * i]), y = screenY(positions[2 * i + 1]);
    context.drawImage(image, x - side / 2, y - side / 2, side, side);
  }
}

function ring(number, radius, colour) {
  context.beginPath();
  context.arc(screenX(positions[2 * number]), screenY(positions[2 * number + 1]), radius + 3, 0, 2 * Math.PI);
  context.strokeStyle = colour;
  context.lineWidth = 2;
  context.stroke();
}

// Draw lines from the selected word to its neighbours.
function drawNeighbourLines() {
  context.strokeStyle = INK[theme].accent;
  context.lineWidth = 1;
  context.globalAlpha = 0.55;
  context.beginPath();
  for (const number of marked) {
    context.moveTo(screenX(positions[2 * state.selected]), screenY(positions[2 * state.selected + 1]));
    context.lineTo(screenX(positions[2 * number]), screenY(positions[2 * number + 1]));
  }
  context.stroke();
  context.globalAlpha = 1;
}

const MOST_WAYS = 1000;

// Draw the ways of words from the first space to the second, each with a small ring where it begins.
function drawWays(numbers) {
  const from = spaces[0].positions;
  context.strokeStyle = INK[theme].line;
  for (const i of numbers.slice(0, MOST_WAYS)) {
    if (from[2 * i] === positions[2 * i] && from[2 * i + 1] === positions[2 * i + 1]) continue;
    const x = screenX(from[2 * i]), y = screenY(from[2 * i + 1]);
    context.globalAlpha = state.selected < 0 || i === state.selected ? 0.7 : DIM;
    context.lineWidth = i === state.selected ? 2 : 1;
    context.beginPath();
    context.moveTo(x, y);
    context.lineTo(screenX(positions[2 * i]), screenY(positions[2 * i + 1]));
    context.moveTo(x + 2.5, y);
    context.arc(x, y, 2.5, 0, 2 * Math.PI);
    context.stroke();
  }
  context.globalAlpha = 1;
}

// ---------------------------------------------------------------------------------------------- a frame

let asked = false;

// Draw a frame soon, once for any number of changes.
function redraw() {
  if (asked) return;
  asked = true;
  requestAnimationFrame(() => { asked = false; draw(); });
}

function draw() {
  const radius = pointRadius(), near = inWindow(60), meant = near.filter(passes), chosen = state.selected >= 0;
  clearFrame();
  if (chosen) blendPoints(near, radius, DIM);
  else {
    if (state.only !== null) blendPoints(near.filter(number => !passes(number)), radius, DIM / 2);
    blendPoints(meant, radius, meant.length > 5000 ? 0.75 : 0.9);
  }
  context.setTransform(1, 0, 0, 1, 0, 0);
  context.putImageData(frame, 0, 0);
  context.setTransform(pixels, 0, 0, pixels, 0, 0);
  if (spaces.length > 1) drawWays(meant);
  if (chosen) {
    drawNeighbourLines();
    drawPoints([...marked, state.selected], radius + 1);
    ring(state.selected, radius + 1, INK[theme].accent);
  }
  if (state.hovered >= 0) ring(state.hovered, radius, INK[theme].text);
  placeLabels(meant, radius);
  drawLabels();
}

const REACH = 12;  // CSS pixels

// Return the number of the word at a place of the canvas: that of a label, or the nearest point; -1 for none.
function wordAt(x, y, reach = REACH) {
  const under = labels.boxes.find(box => x >= box.left && x <= box.right && y >= box.top && y <= box.bottom);
  if (under) return under.number;
  let best = -1, least = reach * reach;
  for (let i = 0; i < count; i++) {
    const dx = screenX(positions[2 * i]) - x, dy = screenY(positions[2 * i + 1]) - y, distance = dx * dx + dy * dy;
    if (distance < least && passes(i)) [best, least] = [i, distance];
  }
  return best;
}
