// JupyterLab in front of a class (course.py teach): one key, and what it shows is on the screen.
//
// Shift+Enter runs the active cell and goes to the next, as always. JupyterLab then scrolls to the
// next cell, and a tall picture leaves the screen upwards before anybody has seen it. Here the new
// output stays, with as much of what was before it as there is room for. Where the screen ends
// before the step does, the key first shows the rest. While Python works it does nothing.
// Alt+Shift+Enter runs all up to the next heading.
//
// A plugin without a build: JupyterLab loads this file as it is (a Module Federation container).

const EDGE = 12; // pixels between what is shown and the border
const LEFT_OVER = 16; // pixels that may be out of sight: the lower padding of a cell, a border
const PAGE = 0.8; // of the screen, where nothing ends that one could scroll to
const SPARED = 0.4; // of the screen, at most, is left empty for not cutting something in two

function activate(app) {
  let following = false; // until somebody scrolls, or works in a lab
  let running = false; // what the last key has begun; nothing is uncovered until it has ended
  const resized = new ResizeObserver(() => { if (following) place(); });

  const notebook = () => {
    const content = app.shell.currentWidget?.content;
    return content?.widgets && "activeCellIndex" in content ? content : null;
  };

  // The cell that ran last, and the one that comes next: in the end they are one and the same.
  function step() {
    const { widgets, activeCellIndex: at } = notebook();
    const next = widgets[at], ended = at === widgets.length - 1 && next.outputArea?.widgets.length;
    return { ran: ended ? next : widgets[at - 1], next };
  }

  // What the last key has shown, and down to where it has to be seen before the next key: code is
  // to be read before it runs, text is covered until then.
  function extent() {
    const { ran, next } = step();
    const output = ran?.outputArea?.node;
    const fresh = output ? output.offsetHeight && output : ran?.node;
    const covered = next.model.type !== "code" || next.inputHidden;
    const last = covered ? ran?.node : next.node;
    return { top: box(fresh || next.node).top, bottom: box(last ?? next.node).bottom };
  }

  const pane = () => notebook().node.querySelector(".jp-WindowedPanel-outer") ?? notebook().node;

  function box(node) {
    const { top, bottom } = node.getBoundingClientRect();
    const origin = pane().getBoundingClientRect().top - pane().scrollTop;
    return { top: top - origin, bottom: bottom - origin };
  }

  // Paragraphs, code, outputs: what should not be cut in two by the upper border.
  const blocks = () => [...pane().querySelectorAll(
    ".jp-InputArea-editor, .jp-OutputArea-output, .jp-MarkdownOutput > *, .sequence-question",
  )].filter((node) => node.checkVisibility({ visibilityProperty: true })).map(box);

  // The new is at the bottom, what was before it above; nothing new above the upper border.
  function place() {
    if (!notebook()) return;
    const { top, bottom } = extent(), { next } = step();
    const end = Math.max(bottom, box(next.node).bottom), height = pane().clientHeight;
    const lowest = Math.min((end - top > height ? bottom : end) + EDGE - height, top - EDGE);
    const whole = blocks().map((block) => block.top - EDGE).filter((at) => at >= lowest - 1);
    const aligned = Math.min(top - EDGE, ...whole);
    scroll(lowest <= 0 ? 0 : aligned - lowest > SPARED * height ? lowest : aligned);
  }

  function scroll(to) {
    if (Math.abs(pane().scrollTop - to) > 1) pane().scrollTop = to;
  }

  // Show what of this step is not seen yet; false when all of it is.
  function showRest() {
    const { top, bottom } = extent(), begin = pane().scrollTop, height = pane().clientHeight;
    const end = begin + height;
    if (top > end - LEFT_OVER || bottom < begin) {
      following = true; // somebody has looked back
      place();
      return true;
    }
    if (bottom <= end + LEFT_OVER) return false;
    following = false;
    const cut = blocks().filter((block) => block.bottom > end && block.top > begin + LEFT_OVER);
    const further = Math.min(...cut.map((block) => block.top - EDGE), begin + PAGE * height);
    scroll(Math.min(further, bottom + EDGE - height));
    return true;
  }

  async function goOn() {
    if (running) return;
    document.body.classList.toggle("sequence-lab-running", running = true);
    try {
      await runStep();
    } finally {
      document.body.classList.toggle("sequence-lab-running", running = false);
    }
  }

  async function runStep() {
    const { widgets, activeCellIndex: at } = notebook();
    following = true;
    const ran = app.commands.execute(
      at === widgets.length - 1 ? "notebook:run-cell" : "notebook:run-cell-and-select-next",
    );
    resized.disconnect();
    for (const cell of widgets.slice(at, at + 2)) resized.observe(cell.node);
    await ran;
    if (following) place();
    // Code that shows nothing, and the folded cell that shows what has come out, are one step.
    const cell = widgets[at], silent = cell.model.type === "code" && !cell.outputArea.widgets.length;
    if (silent && !cell.inputHidden && widgets[at + 1]?.inputHidden
        && notebook().activeCellIndex === at + 1) await runStep();
  }

  // For a part that the class leaves out.
  async function goOnToHeading() {
    const last = notebook().widgets.length - 1;
    const heading = ({ type, sharedModel }) => type === "markdown" && /^##? /.test(sharedModel.getSource());
    do await goOn(); while (!heading(step().next.model) && notebook().activeCellIndex < last);
  }

  window.addEventListener("keydown", (event) => {
    const combined = event.ctrlKey || event.metaKey;
    const here = notebook()?.node.contains(event.target) || event.target === document.body;
    if (!notebook() || !here) return;
    if (event.key !== "Enter" || !event.shiftKey || combined) {
      if (!event.target.closest?.(".sequence-question") && event.key !== "Shift") following = false;
      return;
    }
    event.preventDefault();
    event.stopImmediatePropagation();
    if (event.repeat || running) return;
    const typing = event.target.closest?.(".cm-editor");
    if (event.altKey) goOnToHeading();
    else if (typing || !showRest()) goOn();
  }, true);

  // The answer to a question makes it longer, and is to be seen; a lab is where the hand left it.
  for (const kind of ["wheel", "touchmove", "pointerdown"])
    window.addEventListener(kind, (event) => {
      if (kind !== "pointerdown" || !event.target.closest?.(".sequence-question")) following = false;
    }, { capture: true, passive: true });
  // In the teacher's notes: JupyterLab shows another page for Back than the address says.
  window.addEventListener("popstate", () => { if (!notebook()) location.reload(); });
  // JupyterLab scrolls on its own, late: taken back before it is painted.
  window.addEventListener("scroll", (event) => {
    if (following && notebook() && event.target === pane()) place();
  }, true);
}

const plugin = { id: "keras-sequence-lab-class:steps", autoStart: true, activate };

(window._JUPYTERLAB ??= {})["keras-sequence-lab-class"] = {
  init() {},
  get: async () => () => plugin,
};
