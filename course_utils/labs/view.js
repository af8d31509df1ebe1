// Draws a lab: its controls, and the scene for the place where they stand.
// No framework, no build step, no network. Same visual language as course_utils/figures.py.

const WIDTH = 980;
const LEFT = 150;   // room for row labels
const RIGHT = 190;  // room for remarks
const PLOT = WIDTH - LEFT - RIGHT;
const ROW = 24;
const UNIT = 12;
const LINES = 96;
const BLOCKS = 280;
const CURVES = 200;
const REST = 30;    // milliseconds without a key, then a word is sent
const DASHES = ["", "7 4", "8 3 2 3", "2 3", "10 3 2 3 2 3", "14 4"];

const escape = (text) =>
  String(text).replace(/[&<>"]/g, (c) => ({ "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" })[c]);

// Every lab has its own copy of this module, so the page counts them, not the module.
function nextSerial() {
  globalThis.sequenceLabs = (globalThis.sequenceLabs ?? 0) + 1;
  return globalThis.sequenceLabs;
}

function mix(from, to, share) {
  const part = (hex, i) => parseInt(hex.slice(1 + 2 * i, 3 + 2 * i), 16);
  const one = (i) => Math.round(part(from, i) + (part(to, i) - part(from, i)) * share);
  return `rgb(${one(0)},${one(1)},${one(2)})`;
}

// One function a kind of panel; each returns [height, svg].
function drawCells(panel, step, colours, id) {
  const parts = panel.rows.map((row, r) => {
    const y = r * ROW;
    const label = (row.marked ? "▶ " : "") + row.label;
    const cells = row.cells.map((cell, t) => {
      const x = LEFT + t * step;
      const box = `x="${(x + 0.5).toFixed(1)}" y="${y + 2}" width="${Math.max(step - 1, 1).toFixed(1)}" height="${ROW - 4}"`;
      const room = Math.floor(step / 6.4);
      const text = room < 5 ? "" : cell.text.length <= room ? cell.text : cell.text.slice(0, room - 1) + "…";
      // A wide word is pressed into its cell, so that it does not run into the next one.
      const fit = text.length * 6.6 > step - 3 ? ` textLength="${(step - 3).toFixed(1)}" lengthAdjust="spacingAndGlyphs"` : "";
      const tip = cell.text ? `<title>${escape(cell.text)}</title>` : "";
      const strike = cell.kind === "masked"
        ? `<line x1="${x + 1}" y1="${y + ROW - 3}" x2="${(x + step - 1).toFixed(1)}" y2="${y + 3}" class="strike"/>` : "";
      const fill = cell.kind === "padding" ? ` fill="url(#${id}-hatch)"` : "";
      const word = text
        ? `<text x="${(x + step / 2).toFixed(1)}" y="${y + 16}" class="in-${cell.kind}" text-anchor="middle"${fit}>${escape(text)}</text>` : "";
      return `<g${panel.paints ? ` role="button" tabindex="-1" data-row="${r}"` : ""}>${tip}<rect ${box} class="cell ${cell.kind}"${fill}/>${strike}${word}</g>`;
    });
    return `<text x="${LEFT - 8}" y="${y + 16}" text-anchor="end" class="${row.marked ? "marked" : ""}">${escape(label)}</text>`
      + cells.join("")
      + `<text x="${LEFT + PLOT + 8}" y="${y + 16}" class="note">${escape(row.note)}</text>`;
  });
  return [panel.rows.length * ROW, parts.join("")];
}

function drawHeat(panel, step, colours, id) {
  const units = panel.values.length, written = panel.texts.length > 0;
  const unit = written ? ROW : UNIT, height = units * unit;
  // One shape a colour, not one a value: a fifth of the shapes, and two thirds of the time.
  const shapes = new Map();
  panel.values.forEach((row, u) => row.forEach((value, t) => {
    const box = `M${(LEFT + t * step).toFixed(1)} ${u * unit}h${(step + 0.3).toFixed(1)}v${unit + 0.3}h-${(step + 0.3).toFixed(1)}z`;
    shapes.set(value, (shapes.get(value) ?? "") + box);
  }));
  const cells = [...shapes].map(([value, path]) => {
    if (value === null) return `<path d="${path}" class="cell none"/>`;
    const fill = mix("#ffffff", value < 0 ? colours.negative : colours.positive, Math.abs(value) / 100);
    return `<path d="${path}" fill="${fill}"/>`;
  }).join("");
  const texts = panel.texts.flatMap((row, u) => row.map((text, t) => text
    && `<text x="${(LEFT + (t + 0.5) * step).toFixed(1)}" y="${u * unit + 16}" text-anchor="middle" class="in-${Math.abs(panel.values[u][t]) > 60 ? "real" : "padding"}">${escape(text)}</text>`)).join("");
  const x = LEFT + PLOT + 14;
  const scale = written ? "" : `<rect x="${x}" y="4" width="12" height="${height - 8}" fill="url(#${id}-scale)" class="frame"/>`
    + [[panel.scale, 8], [0, height / 2], [-panel.scale, height - 8]].map(([v, y]) =>
      `<line x1="${x + 12}" x2="${x + 17}" y1="${y}" y2="${y}" class="axis"/><text x="${x + 21}" y="${y + 4}">${+v.toPrecision(2)}</text>`).join("");
  const frame = `<rect x="${LEFT}" y="0" width="${(panel.values[0].length * step).toFixed(1)}" height="${height}" class="frame" fill="none"/>`;
  return [height, `<text x="${LEFT - 8}" y="${height / 2 + 4}" text-anchor="end">${escape(panel.label)}</text>`
    + `<g shape-rendering="crispEdges">${cells}</g>${texts}${frame}${scale}`];
}

function drawLines(panel, step, colours) {
  const all = panel.series.flatMap((s) => s.values.filter((v) => v !== null));
  const low = Math.min(0, ...all), high = Math.max(0, ...all) || (low < 0 ? 0 : 1);
  const y = (v) => 6 + (LINES - 12) * (1 - (v - low) / (high - low || 1));
  const axes = [low, high].map((v) => `<text x="${LEFT - 8}" y="${y(v) + 4}" text-anchor="end">${+v.toPrecision(2)}</text>`).join("")
    + `<line x1="${LEFT}" x2="${LEFT + PLOT}" y1="${y(0)}" y2="${y(0)}" class="axis"/>`;
  const lines = panel.series.map((series, i) => {
    const [colour] = colours.variants[i % colours.variants.length];
    const dash = DASHES[i % DASHES.length];
    const points = series.values.map((v, t) => v === null ? null : [LEFT + (t + 0.5) * step, y(v)]).filter(Boolean);
    const path = points.map((p, k) => `${k ? "L" : "M"}${p[0].toFixed(1)} ${p[1].toFixed(1)}`).join("");
    const end = points[points.length - 1];
    const at = 16 + 16 * i, stroke = `stroke="${colour}" stroke-dasharray="${dash}"`;
    const name = end ? `<path d="M${LEFT + PLOT + 8} ${at - 4}h26" class="curve" ${stroke}/>`
      + `<text x="${LEFT + PLOT + 40}" y="${at}" class="series">${escape(series.label)}</text>` : "";
    return `<path d="${path}" class="curve" ${stroke}/>${name}`;
  }).join("");
  return [LINES, axes + lines];
}

function drawBatches(panel, step, colours, id) {
  const rows = panel.batches.reduce((sum, batch) => sum + batch.lengths.length, 0);
  const unit = BLOCKS / Math.max(rows + panel.gap * (panel.batches.length - 1), 1);
  let y = 0;
  const blocks = panel.batches.map((batch) => {
    const size = batch.lengths.length * unit;
    const box = `x="${LEFT}" y="${y.toFixed(1)}" width="${(batch.width * step).toFixed(1)}" height="${size.toFixed(1)}"`;
    // The real steps of a batch are one shape: down its rows, each as long as its sequence.
    const edge = batch.lengths.map((length, i) =>
      `H${(LEFT + length * step).toFixed(1)}V${(y + (i + 1) * unit).toFixed(1)}`).join("");
    const real = batch.dropped ? "" : `<path class="cell real" d="M${LEFT} ${y.toFixed(1)}${edge}H${LEFT}z"/>`;
    const tip = `<title>${batch.lengths.length} × ${batch.width}${batch.dropped ? ", dropped" : ""}</title>`;
    y += size + panel.gap * unit;
    return `<g class="batch">${tip}<rect ${box} ${batch.dropped ? 'class="cell cut"' : `class="cell padding" fill="url(#${id}-hatch)"`}/>${real}</g>`;
  });
  const every = [1, 2, 5, 10, 20, 50, 100, 200, 500].find((size) => PLOT / (size * step) <= 13) ?? 1000;
  const ticks = Array.from({ length: Math.round(PLOT / step / every - 0.5) }, (_, i) => (i + 1) * every).map((t) =>
    `<text x="${(LEFT + (t - 0.5) * step).toFixed(1)}" y="${BLOCKS + 16}" text-anchor="middle" class="note">${t}</text>`).join("");
  return [BLOCKS + 20, `<text x="${LEFT - 8}" y="${BLOCKS + 16}" text-anchor="end" class="note">time step</text>${blocks.join("")}${ticks}`];
}

function drawBars(panel) {
  const parts = panel.bars.map((bar, r) => {
    const y = r * ROW, weight = bar.marked ? "marked" : "";
    const at = LEFT + (bar.other ?? 0) * PLOT;
    const other = bar.other === null ? "" : `<path class="other" d="M${at - 6} ${y + 12}l6 -6l6 6l-6 6z"/>`;
    return `<text x="${LEFT - 8}" y="${y + 16}" text-anchor="end" class="${weight}">${bar.marked ? "▶ " : ""}${escape(bar.label)}</text>`
      + `<rect x="${LEFT}" y="${y + 4}" width="${(bar.value * PLOT).toFixed(1)}" height="${ROW - 8}" class="bar ${weight}"/>${other}`
      + `<text x="${LEFT + PLOT + 12}" y="${y + 16}" class="note">${escape(bar.note)}</text>`;
  });
  return [panel.bars.length * ROW, parts.join("")];
}

// The multiples of 1, 2 or 5 times a power of ten from low to high, six at most.
function roundNumbers(low, high) {
  const least = (high - low) / 5 || 1, power = 10 ** Math.floor(Math.log10(least));
  const apart = power * ([1, 2, 5].find((times) => times * power >= least) ?? 10);
  const first = Math.ceil(low / apart - 1e-9), last = Math.floor(high / apart + 1e-9);
  return Array.from({ length: last - first + 1 }, (_, i) => +((first + i) * apart).toPrecision(6));
}

function drawCurves(panel, step, colours) {
  const [left, right] = panel.x_range, [low, high] = panel.y_range;
  const x = (v) => LEFT + PLOT * (v - left) / (right - left || 1);
  const y = (v) => CURVES * (1 - (Math.min(Math.max(v, low), high) - low) / (high - low || 1));
  const point = (u, v) => `${x(u).toFixed(1)} ${y(v).toFixed(1)}`;
  const way = (us, vs) => us.map((u, i) => point(u, vs[i])).join("L");
  const grid = roundNumbers(low, high).map((v) =>
    `<line x1="${LEFT}" x2="${LEFT + PLOT}" y1="${y(v)}" y2="${y(v)}" class="grid"/>`
    + `<text x="${LEFT - 8}" y="${y(v) + 4}" text-anchor="end">${v}</text>`).join("")
    + roundNumbers(left, right).map((u) =>
      `<text x="${x(u)}" y="${CURVES + 16}" text-anchor="middle">${u}</text>`).join("");
  const band = panel.curves.map(({ band: [us, lows, highs] }, i) => us.length
    ? `<path class="band" d="M${way(us, lows)}L${way([...us].reverse(), [...highs].reverse())}z" fill="${colours.variants[i % colours.variants.length][0]}" stroke="${colours.variants[i % colours.variants.length][0]}"/>` : "").join("");
  const curves = panel.curves.map((curve, i) => {
    const [colour] = colours.variants[i % colours.variants.length];
    const stroke = `stroke="${colour}" stroke-dasharray="${DASHES[i % DASHES.length]}"`;
    const line = (curve.middle.length ? `<path class="curve middle" d="M${way(curve.band[0], curve.middle)}" ${stroke}/>` : "")
      + (curve.x.length ? `<path class="curve" d="M${way(curve.x, curve.y)}" ${stroke}/>` : "");
    const spans = curve.low.map((from, k) =>
      `<path d="M${point(curve.x[k], from)}L${point(curve.x[k], curve.high[k])}" stroke="${colour}" stroke-width="1.5"/>`).join("");
    const dots = curve.low.length || curve.x.length === 1
      ? curve.x.map((u, k) => `<circle cx="${x(u).toFixed(1)}" cy="${y(curve.y[k]).toFixed(1)}" r="3.5" fill="${colour}"/>`).join("") : "";
    const at = 12 + 20 * i;
    return `<g class="variant">${line}${spans}${dots}<path d="M${LEFT + PLOT + 10} ${at - 4}h26" class="curve" ${stroke}/>`
      + `<text x="${LEFT + PLOT + 42}" y="${at}">${escape(curve.label)}</text></g>`;
  }).join("");
  return [CURVES + 34, `${grid}${band}${curves}<text x="${LEFT + PLOT / 2}" y="${CURVES + 32}" text-anchor="middle" class="note">${escape(panel.x_label)}</text>`];
}

// A row reads its chunks from left to right; its state runs from one to the next as a thread.
function drawThreads(panel, step, colours) {
  const high = 34;
  const parts = panel.rows.map(({ label, chunks }, r) => {
    const width = PLOT / chunks.length, gap = panel.between * width, room = width - 2 * gap;
    const boxes = chunks.map((chunk, place) => {
      const x = LEFT + place * width + gap, y = r * high, thread = y + high - 9, before = chunks[place - 1];
      const box = `x="${x.toFixed(1)}" y="${y + 3}" width="${room.toFixed(1)}" height="${high - 6}"`;
      const word = chunk ? `<text x="${(x + room / 2).toFixed(1)}" y="${y + 18}" text-anchor="middle" class="${chunk.read ? "" : "note"}">${escape(chunk.label)}</text>` : "";
      if (!chunk?.read) return `<rect ${box} class="cell ${chunk ? "none" : "cut"}"/>${word}`;
      const line = (stream, from, long) => `<path d="M${from.toFixed(1)} ${thread}h${long.toFixed(1)}" class="curve" stroke="${colours.variants[stream][0]}" stroke-dasharray="${DASHES[stream]}"/>`;
      const comes = chunk.state !== "zero" && before ? line(before.stream, x - 2 * gap, 2 * gap) : "";
      const mark = chunks.length > panel.most ? "" : panel.marks[chunk.state];
      return `<g class="chunk ${chunk.state}${chunk.marked ? " now" : ""}${chunk.ghost ? " ghost" : ""}"><rect ${box} fill="none" stroke="${colours.variants[chunk.stream][0]}"/>`
        + `${comes}${line(chunk.stream, x, room)}<text x="${(x - gap).toFixed(1)}" y="${y + 18}" text-anchor="middle">${mark}</text>${word}</g>`;
    });
    // The mark of the first chunk stands on the border.
    return `<text x="${LEFT - 16}" y="${r * high + 21}" text-anchor="end">${escape(label)}</text>${boxes.join("")}`;
  });
  return [panel.rows.length * high, parts.join("")];
}

function drawPassage(panel) {
  const lines = panel.lines.map((line, i) => {
    const given = i ? 0 : panel.given;
    return `<text x="${LEFT}" y="${16 + 20 * i}" class="mono"><tspan class="marked">${escape(line.slice(0, given))}</tspan>${escape(line.slice(given))}</text>`;
  });
  return [20 * panel.lines.length + 4, lines.join("")];
}

// A dot a run, a bar for the interval of the mean, a line for the mean.
function drawSpread(panel, step, colours) {
  const [left, right] = [panel.ticks[0], panel.ticks.at(-1)];
  const inside = (v) => Math.min(Math.max(v, left), right);  // an interval of few runs is wide
  const x = (v) => (LEFT + PLOT * (inside(v) - left) / (right - left)).toFixed(1);
  const high = panel.groups.length * ROW;
  const grid = panel.ticks.map((v) =>
    `<line x1="${x(v)}" x2="${x(v)}" y1="0" y2="${high}" class="grid"/>`
    + `<text x="${x(v)}" y="${high + 16}" text-anchor="middle">${v}</text>`).join("");
  const rows = panel.groups.map(({ label, variant, values, interval: [mean, low, top] }, r) => {
    const y = r * ROW + 12, [colour] = colours.variants[variant];
    const fit = label.length > 20 ? ` textLength="${LEFT - 12}" lengthAdjust="spacingAndGlyphs"` : "";
    const dots = values.map((v) => `<circle cx="${x(v)}" cy="${y}" r="3.5" fill="none" stroke="${colour}"/>`).join("");
    return `<g class="runs"><text x="${LEFT - 8}" y="${y + 4}" text-anchor="end"${fit}>${escape(label)}</text>${dots}`
      + `<path d="M${x(low)} ${y}H${x(top)}" stroke="${colour}" stroke-width="7" stroke-opacity="0.5"/>`
      + `<path d="M${x(mean)} ${y - 8}v16" class="mean"/>`
      + `<text x="${LEFT + PLOT + 12}" y="${y + 4}" class="note">${mean.toFixed(3)} [${low.toFixed(3)}, ${top.toFixed(3)}]</text></g>`;
  });
  return [high + 34, `${grid}${rows.join("")}<text x="${LEFT + PLOT / 2}" y="${high + 32}" text-anchor="middle" class="note">${escape(panel.label)}</text>`];
}

const PANELS = { spread: drawSpread, curves: drawCurves, cells: drawCells, heat: drawHeat, lines: drawLines, batches: drawBatches, bars: drawBars, threads: drawThreads, passage: drawPassage };

function picture(scene, panels, colours, id, about) {
  const step = PLOT / scene.timesteps;
  let top = 0;
  const groups = panels.map((panel) => {
    const [height, inside] = PANELS[panel.type](panel, step, colours, id);
    const group = `<g transform="translate(0 ${top})"><text x="${LEFT}" y="16" class="title">${escape(panel.title)}</text>`
      + `<g transform="translate(0 24)">${inside}</g></g>`;
    top += height + 38;
    return group;
  });
  return `<svg viewBox="0 0 ${WIDTH} ${top}" ${about} xmlns="http://www.w3.org/2000/svg">
    <defs>
      <pattern id="${id}-hatch" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
        <rect width="6" height="6" fill="${colours.padding}"/><line x1="0" y1="0" x2="0" y2="6" stroke="${colours.hatch}" stroke-width="2"/>
      </pattern>
      <linearGradient id="${id}-scale" x1="0" y1="0" x2="0" y2="1">
        <stop offset="0" stop-color="${colours.positive}"/><stop offset="0.5" stop-color="#ffffff"/><stop offset="1" stop-color="${colours.negative}"/>
      </linearGradient>
    </defs>${groups.join("")}</svg>`;
}

function table(scene) {
  const row = (values, tag) => `<tr>${values.map((v) => `<${tag}>${escape(v)}</${tag}>`).join("")}</tr>`;
  return `<table><thead>${row(scene.columns, "th")}</thead><tbody>${scene.table.map((r) => row(r, "td")).join("")}</tbody></table>`;
}

function control(specification, index, id) {
  const name = `${id}-${specification.name}`;
  const label = escape(specification.label);
  if (specification.kind === "paint") return "";  // its cells are in the picture
  if (specification.kind === "range") {
    return `<div class="control"><label for="${name}">${label}</label>`
      + `<input id="${name}" type="range" min="0" max="${specification.labels.length - 1}" step="1" data-index="${index}">`
      + `<output for="${name}"></output></div>`;
  }
  if (specification.kind === "switch") {
    return `<div class="control"><input id="${name}" type="checkbox" data-index="${index}"><label for="${name}">${label}</label></div>`;
  }
  if (specification.kind === "text") {
    return `<div class="control"><label for="${name}">${label}</label>`
      + `<input id="${name}" type="text" size="${specification.longest}" data-index="${index}" autocomplete="off" autocapitalize="none" spellcheck="false" aria-describedby="${name}-complaint">`
      + `<span id="${name}-complaint" class="complaint" role="alert"></span></div>`;
  }
  const options = specification.labels.map((text, i) => `<option value="${i}">${escape(text)}</option>`).join("");
  const commits = specification.commits;
  return `<div class="control"><label for="${name}">${label}</label>`
    + `<select id="${name}" data-index="${index}"${commits ? " data-waits" : ""}>${options}</select>`
    + (commits ? `<button type="button" data-commits="${name}">${escape(commits)}</button>` : "") + "</div>";
}

const BUTTONS = `<div class="buttons"><button type="button" data-press="train">Train</button>
  <button type="button" data-press="cancel">Cancel</button><span class="status" role="status"></span></div>`;

const MORE = `<details class="more"><summary>More controls</summary><div class="controls">…</div></details>`;

// Train and Cancel, and a line that says how far the runs are; only in labs that train.
function followRuns(model, root) {
  const [train, cancel] = root.querySelectorAll("[data-press]");
  const follow = () => {
    const running = model.get("running");
    root.dataset.running = running;
    root.querySelector(".status").textContent = model.get("status");
    const busy = ["compiling", "running", "cancelling"].includes(running);
    // Not the attribute disabled: a button that is disabled loses the keyboard.
    train.setAttribute("aria-disabled", busy);
    cancel.setAttribute("aria-disabled", !busy || running === "cancelling");
  };
  root.addEventListener("click", (event) => {
    const press = event.target.dataset.press;
    if (press && event.target.getAttribute("aria-disabled") !== "true") model.send({ press });
  });
  model.on("change:running", follow);
  model.on("change:status", follow);
  follow();
  return () => {
    model.off("change:running", follow);
    model.off("change:status", follow);
  };
}

const CLASS = (id) => `<details class="class"><summary>With a class: your own seeds, everybody's runs</summary>
  <div class="controls">
    <div class="control"><label for="${id}-nickname">nickname</label>
      <input id="${id}-nickname" type="text" size="16" pattern="\\s*[\\p{L}\\p{M}\\p{N}_]{0,16}\\s*" aria-describedby="${id}-said" autocomplete="off" autocapitalize="none" spellcheck="false"></div>
    <div class="control"><label for="${id}-code">your code</label>
      <input id="${id}-code" type="text" size="30" readonly placeholder="comes when your runs are done">
      <button type="button" class="copy">Copy</button></div>
  </div>
  <label for="${id}-pasted">codes of the class, one a line</label>
  <textarea id="${id}-pasted" rows="4" spellcheck="false" aria-describedby="${id}-said"></textarea>
  <p id="${id}-said" class="said" role="status"></p></details>`;

// Nickname, result code and the codes of all; only in labs that compare.
function followClass(model, root, id) {
  const find = (name) => root.querySelector(`#${id}-${name}`);
  const said = root.querySelector(".said");
  const follow = () => {
    for (const name of ["nickname", "code", "pasted"]) {
      const typing = find(name) === document.activeElement && name !== "code";
      if (!typing) find(name).value = model.get(name);
    }
    find("nickname").setAttribute("aria-invalid", !find("nickname").checkValidity());
    root.querySelector(".copy").setAttribute("aria-disabled", !model.get("code"));
    said.textContent = model.get("said");
  };
  const send = (name, value) => {
    if (value === model.get(name)) return;
    model.set(name, value);
    model.save_changes();
  };
  const copy = async () => {
    if (!model.get("code")) {
      said.textContent = "There is no code yet: type a nickname, and press Train.";
      return;
    }
    find("code").focus();
    find("code").select();  // where a page may not write the clipboard, Ctrl+C does it
    try {
      await navigator.clipboard.writeText(model.get("code"));
      said.textContent = "Your code is copied.";
    } catch {
      said.textContent = "Your code is selected: press Ctrl+C, on a Mac Cmd+C.";
    }
  };
  for (const name of ["nickname", "pasted"]) {
    find(name).addEventListener("change", (event) => send(name, event.target.value));
  }
  let resting = 0;
  find("pasted").addEventListener("input", (event) => {
    clearTimeout(resting);
    resting = setTimeout(() => send("pasted", event.target.value), REST);
  });
  root.querySelector(".copy").addEventListener("click", copy);
  const followed = "change:nickname change:code change:pasted change:said";
  model.on(followed, follow);
  follow();
  return () => model.off(followed, follow);
}

function render({ model, el }) {
  const id = `sequence-lab-${nextSerial()}`;
  const specifications = model.get("controls");
  const colours = model.get("palette");
  let positions = [...model.get("positions")];
  const controls = (chosen) => specifications.map((s, i) => chosen(s) ? control(s, i, id) : "").join("");

  el.innerHTML = `<section class="sequence-lab" aria-labelledby="${id}-title">
    <h4 id="${id}-title">Lab: ${escape(model.get("title"))}</h4>
    <p class="question">${escape(model.get("question"))}</p>
    <div class="controls">${controls((s) => !s.aside)}</div>
    ${specifications.some((s) => s.aside) ? MORE.replace("…", () => controls((s) => s.aside)) : ""}
    ${model.get("has_buttons") ? BUTTONS : ""}
    ${model.get("for_class") ? CLASS(id) : ""}
    <p class="failure" role="alert" hidden></p>
    <p class="verdict" role="status" aria-live="polite"></p>
    <div class="paint"></div>
    <div class="picture"></div>
    <details class="numbers"><summary>The numbers behind this picture</summary><div></div></details>
    <details class="code" ${model.get("in_class") ? "" : "open"}><summary>The same in Keras</summary><pre></pre></details>
  </section>`;
  const find = (selector) => el.querySelector(selector);
  const root = find(".sequence-lab");

  // done, old (waiting for Python) or failed; a reader keeps quiet about what is still old.
  function mark(state) {
    root.dataset.state = state;
    root.setAttribute("aria-busy", String(state === "old"));
  }

  const place = (at) => specifications.reduce((sum, s, i) => sum * s.labels.length + at[i], 0);

  // The panel whose cells can be painted has a picture of its own, for it is no image but buttons.
  const painted = specifications.findIndex((s) => s.kind === "paint");
  let brush = 0, wide = 1;  // the cell that Tab leads to; cells in a row

  function drawPaint(scene) {
    const panels = scene.panels?.filter((panel) => panel.paints) ?? [];
    if (painted < 0 || !panels.length) return;
    const { labels, label } = specifications[painted];
    let cell = 0;
    const rows = panels[0].rows.map((row) => ({ ...row,
      cells: row.cells.map((old) => ({ ...old, text: labels[positions[painted][cell++]] })) }));
    wide = rows[0].cells.length;
    const box = find(".paint"), active = box.contains(document.activeElement);
    const about = `role="group" aria-label="${escape(panels[0].title)}"`;
    box.innerHTML = picture(scene, [{ ...panels[0], rows }], colours, `${id}-paint`, about);
    buttons().forEach((button, i) => {
      const place = i % wide, row = rows[button.dataset.row];
      button.setAttribute("aria-label", `${row.label}, step ${place + 1}, ${label} ${row.cells[place].text}`);
      button.setAttribute("tabindex", i === brush ? 0 : -1);
    });
    if (active) focusCell(brush);
  }

  const buttons = () => [...find(".paint").querySelectorAll("[role=button]")];

  function focusCell(cell) {
    buttons()[cell].focus({ preventScroll: true });
  }

  // Space and Enter go to the next value, a digit to its own; arrows, Home and End move.
  function paintKey(event) {
    const { labels } = specifications[painted];
    const row = brush - (brush % wide), cells = positions[painted].length;
    const to = { ArrowLeft: brush - 1, ArrowRight: brush + 1, ArrowUp: brush - wide, ArrowDown: brush + wide, Home: row, End: row + wide - 1 }[event.key];
    if (to >= 0 && to < cells) focusCell(to);
    else if (event.key === " " || event.key === "Enter") paint();
    else if (labels.includes(event.key)) paint(labels.indexOf(event.key));
    else if (to === undefined) return;
    event.preventDefault();
  }

  function paint(value = (positions[painted][brush] + 1) % specifications[painted].labels.length) {
    change(painted, positions[painted].map((old, i) => (i === brush ? value : old)));
  }

  let uncovered = "";  // the verdict that somebody has asked for

  function sayVerdict(text) {
    if (!model.get("verdict_covered") || text === uncovered) {
      find(".verdict").textContent = text;
      return;
    }
    find(".verdict").innerHTML = `<button type="button">Show the verdict</button>`;
    find(".verdict button").onclick = () => sayVerdict(uncovered = text);
  }

  function draw(scene) {
    drawPaint(scene);
    const panels = scene.panels.filter((panel) => !panel.paints);
    find(".picture").innerHTML = picture(scene, panels, colours, id, `role="img" aria-label="${escape(scene.alt)}"`);
    sayVerdict(scene.verdict);
    find(".numbers div").innerHTML = table(scene);
    find(".code pre").textContent = scene.code;
    mark("done");
  }

  function follow() {
    for (const input of el.querySelectorAll("[data-index]")) {
      const index = +input.dataset.index, text = specifications[index].labels[positions[index]];
      if (input.type === "text") continue;  // it belongs to the learner who types
      if (input.type === "checkbox") input.checked = positions[index] === 1;
      else input.value = positions[index];
      if (input.type === "range") {
        input.setAttribute("aria-valuetext", text);
        input.nextElementSibling.textContent = text;
      }
    }
  }

  function show() {
    follow();
    const scenes = model.get("scenes");
    if (scenes.length) return draw(scenes[place(positions)]);
    const scene = model.get("scene");
    // Only the answer to the latest question is new; until it comes, what is shown is old.
    if (scene.positions && scene.positions.join() === positions.join()) return draw(scene);
    drawPaint(scene);
    mark("old");
  }

  function change(index, position) {
    const { resets } = specifications[index];
    positions = positions.map((old, i) => (i === index ? position : specifications[i].name === resets ? 0 : old));
    model.set("positions", positions);
    model.save_changes();
    show();
  }

  // A word that cannot be meant is not sent to Python; one that can waits until the fingers rest.
  const clean = (text) => text.trim().toLowerCase();
  let resting = 0;

  function type(input) {
    const index = +input.dataset.index, word = clean(input.value);
    const { labels, longest, expected } = specifications[index];
    const good = word && word.length <= longest && [...word].every((letter) => labels.includes(letter));
    clearTimeout(resting);
    input.setAttribute("aria-invalid", !good);
    input.nextElementSibling.textContent = good ? "" : `Found ${word ? `“${word}”` : "nothing"}; type ${expected}.`;
    if (good && word === positions[index]) return show();
    mark(good ? "old" : "refused");
    if (good) resting = setTimeout(() => change(index, word), REST);
  }

  function refill() {
    for (const input of el.querySelectorAll("[type=text][data-index]")) {
      if (clean(input.value) === positions[input.dataset.index]) continue;
      input.value = positions[input.dataset.index];
      type(input);
    }
  }

  root.addEventListener("input", (event) => {
    const input = event.target;
    if (input.dataset.index === undefined) return;
    if (input.type === "text") return type(input);
    if ("waits" in input.dataset) return;
    change(+input.dataset.index, input.type === "checkbox" ? +input.checked : +input.value);
  });
  root.addEventListener("click", ({ target }) => {
    if (!target.dataset.commits) return;
    const select = document.getElementById(target.dataset.commits);
    change(+select.dataset.index, +select.value);
  });
  find(".paint").addEventListener("click", (event) => {
    const button = event.target.closest("[role=button]");
    if (!button) return;
    focusCell(buttons().indexOf(button));
    paint();
  });
  find(".paint").addEventListener("focusin", (event) => {
    brush = buttons().indexOf(event.target);
    buttons().forEach((button, i) => button.setAttribute("tabindex", i === brush ? 0 : -1));
  });
  find(".paint").addEventListener("keydown", (event) => {
    if (!event.ctrlKey && !event.metaKey && !event.altKey && !event.shiftKey) paintKey(event);
  });
  // JupyterLab would take the arrow keys and the letters as its own shortcuts; Ctrl+S stays its own.
  root.addEventListener("keydown", (event) => {
    if (!event.ctrlKey && !event.metaKey) event.stopPropagation();
  });
  // In front of a class Shift+Enter goes on from wherever the lesson is: so the notebook does not
  // hear that the pointer or the keyboard has come here.
  if (model.get("in_class")) for (const kind of ["mousedown", "focusin"])
    root.addEventListener(kind, (event) => event.stopPropagation());

  const onScene = () => show();
  const onPositions = () => { positions = [...model.get("positions")]; refill(); show(); };
  const onFailure = () => {
    const text = model.get("failure");
    find(".failure").hidden = !text;
    find(".failure").textContent = text && `The lab failed: ${text}. The picture below is the last one that worked.`;
    if (text) mark("failed");
  };
  model.on("change:scene", onScene);
  model.on("change:positions", onPositions);
  model.on("change:failure", onFailure);
  refill();
  show();
  const { tableOpen } = model.get("scenes")[0] ?? model.get("scene");
  find(".numbers").open = Boolean(tableOpen) && !model.get("table_folded");
  onFailure();
  const leaveRuns = model.get("has_buttons") ? followRuns(model, root) : () => {};
  const leaveClass = model.get("for_class") ? followClass(model, root, id) : () => {};
  return () => {
    leaveRuns();
    leaveClass();
    model.off("change:scene", onScene);
    model.off("change:positions", onPositions);
    model.off("change:failure", onFailure);
  };
}

export default { render };
