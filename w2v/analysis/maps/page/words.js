"use strict";
// Words of the map: the data of the page, and the forms of words for people and for the search.

const data = JSON.parse(document.getElementById("data").textContent);
const count = data.count;  // words on the map; the others are only neighbours

// Numbers are little-endian in the file, and in the memory of every system that has a browser.
function unpack(text, ArrayType) {
  return new ArrayType(Uint8Array.from(atob(text), letter => letter.charCodeAt(0)).buffer);
}

const spaces = data.spaces.map(space => ({
  name: space.name,
  positions: unpack(space.positions, Float32Array),
  ranks: unpack(space.ranks, Int32Array),
  width: space.width,
  neighbors: unpack(space.neighbors, Int32Array),
  cosines: unpack(space.cosines, Int16Array),
}));
const shown = spaces[spaces.length - 1];  // its positions are those of the points

const columns = data.columns.map(column => ({
  ...column, values: unpack(column.values, column.kind === "number" ? Float64Array : Int32Array),
}));

// Characters that are invisible, look like a space, or reorder the rest of a line.
const HIDDEN = /[\p{Cc}\p{Zl}\p{Zp}\u00a0\u1680\u2000-\u200a\u202a-\u202f\u205f\u2066-\u2069\u3000]/gu;
const BLANK = /[\p{C}\p{Z}\p{M}\u115f\u1160\u2800\u3164\uffa0]/gu;  // a word of these alone looks empty

function code(mark) {
  return `[U+${mark.codePointAt(0).toString(16).toUpperCase().padStart(4, "0")}]`;
}

// Return a word in which everything can be seen.
function visible(word) {
  return word.replace(BLANK, "") === "" ? word.replace(BLANK, code) || "[empty]" : word.replace(HIDDEN, code);
}

// Return the visible form of a word, of at most so many characters.
function shortened(word, longest) {
  const seen = visible(word.length > 4 * longest ? word.slice(0, 4 * longest) : word);
  const marks = [...seen];
  return marks.length <= longest && word.length <= 4 * longest ? seen : marks.slice(0, longest - 1).join("") + "\u2026";
}

// Return a text without differences of case and of composition.
function folded(text) {
  return text.normalize("NFC").toUpperCase().toLowerCase().replaceAll("\u03c2", "\u03c3").normalize("NFC");
}

const names = data.words.slice(0, count);
const foldedNames = names.map(folded);
const numberOf = new Map(names.map((word, number) => [word, number]));
const numberOfFolded = new Map(foldedNames.map((word, number) => [word, number]).reverse());  // the first one counts

// Return the number of the word that a text names, undefined if there is none.
function exactly(text) {
  return numberOf.get(text) ?? numberOfFolded.get(folded(text));
}

// Return the numbers of words that begin with a text, then of those that contain it, each the most important first.
function completions(text, most) {
  const wanted = folded(text);
  const first = [], inside = [];
  for (let i = 0; i < count && first.length < most; i++) {
    const at = foldedNames[i].indexOf(wanted);
    if (at === 0) first.push(i);
    else if (at > 0 && inside.length < most) inside.push(i);
  }
  const exact = exactly(text);
  const found = [...first, ...inside];
  return (exact === undefined ? found : [exact, ...found.filter(i => i !== exact)]).slice(0, most);
}

// Return the neighbours of a word in a space: numbers of words, and cosines with three digits.
function neighbours(space, number) {
  const found = [];
  for (let i = number * space.width; i < (number + 1) * space.width; i++) {
    if (space.neighbors[i] >= 0) found.push({number: space.neighbors[i], cosine: space.cosines[i] / 1000});
  }
  return found;
}

const plainNumber = new Intl.NumberFormat("en", {maximumSignificantDigits: 6, useGrouping: "min2"});

// Return the value of a word in a column as text; "" for none.
function valueText(column, number) {
  const value = column.values[number];
  if (column.kind === "number") return Number.isNaN(value) ? "" : plainNumber.format(value);
  return value < 0 ? "" : column.labels[value];
}
