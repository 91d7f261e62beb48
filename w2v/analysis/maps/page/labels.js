// Labels of the map: which words have one, beside their points, so that no two of them overlap.

const FONT = "system-ui, -apple-system, 'Segoe UI', 'Noto Sans', sans-serif";
const PLAIN = `13px ${FONT}`, BOLD = `600 14px ${FONT}`;
const LETTERS = 26;       // of a label
const HIGH = 17;          // CSS pixels of a label
const APART = 12;         // between two labels; a quarter of it above and below
const SPACE = 5500;       // square pixels of the canvas for each label: more of them are hard to read
const TRIES = 4000;       // labels that are tried in a frame
const CELL = 64;          // of the grid in which labels look for others

const widths = new Map();

function labelWidth(number, text, font) {
  const key = font === PLAIN ? number : -1 - number;
  if (!widths.has(key)) {
    context.font = font;
    widths.set(key, context.measureText(text).width);
  }
  return widths.get(key);
}

// Places that are taken, by the cells of a grid.
class Taken {
  cells = new Map();
  boxes = [];

  * around({left, top, right, bottom}) {
    for (let row = Math.floor(top / CELL); row <= bottom / CELL; row++) {
      for (let column = Math.floor(left / CELL); column <= right / CELL; column++) yield row * 4096 + column;
    }
  }

  free(box) {
    for (const cell of this.around(box)) {
      for (const other of this.cells.get(cell) ?? []) {
        if (box.left < other.right + APART && other.left < box.right + APART &&
            box.top < other.bottom + APART / 4 && other.top < box.bottom + APART / 4) return false;
      }
    }
    return true;
  }

  add(box) {
    const grown = {left: box.left - APART, top: box.top - APART, right: box.right + APART, bottom: box.bottom + APART};
    for (const cell of this.around(grown)) {
      if (!this.cells.has(cell)) this.cells.set(cell, []);
      this.cells.get(cell).push(box);
    }
    this.boxes.push(box);
  }
}

let labels = new Taken();  // of the last frame

// Return whether a box is not cut by an edge of the canvas.
function inCanvas({left, top, right, bottom}) {
  return left >= 0 && top >= 0 && right <= width && bottom <= height;
}

// Place the label of a word beside its point, above or below it, where there is room, best within the canvas, or in any
// case.
function placeLabel(number, radius, font, always) {
  const x = screenX(positions[2 * number]), y = screenY(positions[2 * number + 1]), gap = radius + 4;
  const text = shortened(names[number], LETTERS), long = labelWidth(number, text, font), middle = y - HIGH / 2;
  const places = [[x + gap, middle], [x - gap - long, middle], [x - long / 2, y - gap - HIGH], [x - long / 2, y + gap]];
  const boxes = places.map(([left, top]) => ({left, top, right: left + long, bottom: top + HIGH, number, text, font}));
  const free = boxes.filter(box => labels.free(box));
  const best = free.find(inCanvas) ?? free[0] ?? (always ? boxes[0] : undefined);
  if (best) labels.add(best);
}

function placeLabels(numbers, radius) {
  labels = new Taken();
  for (const number of new Set([state.selected, state.hovered])) {
    if (number >= 0) placeLabel(number, radius, BOLD, true);
  }
  const others = [...marked].filter(number => number !== state.hovered && number !== state.selected);
  for (const number of others.sort((a, b) => a - b)) placeLabel(number, radius, PLAIN, false);
  if (state.selected >= 0) return;
  const most = Math.max(12, width * height / SPACE);
  for (let at = 0; at < Math.min(numbers.length, TRIES) && labels.boxes.length < most; at++) {
    if (numbers[at] !== state.hovered) placeLabel(numbers[at], radius, PLAIN, false);
  }
}

function drawLabels() {
  context.textBaseline = "middle";
  context.lineJoin = "round";
  context.strokeStyle = INK[theme].page;
  context.fillStyle = INK[theme].text;
  context.lineWidth = 3.5;
  for (const {left, top, text, font} of labels.boxes.slice().reverse()) {
    context.font = font;
    context.strokeText(text, left, top + HIGH / 2 + 0.5);
    context.fillText(text, left, top + HIGH / 2 + 0.5);
  }
}
