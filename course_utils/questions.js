// One question: radio buttons, a button to commit, and the explanation of the chosen option.

const PATIENCE = 2000; // milliseconds without an answer until the learner is told why

let serial = 0;

// Text with `code` and *emphasis* in it, as in the lessons; a star between numbers multiplies.
function write(element, text) {
  const marked = text.split(/(`[^`]*`|(?<!\w)\*[^*`]+\*(?!\w))/);
  element.replaceChildren(...marked.map((part, i) => {
    if (i % 2 === 0) return part;
    const inline = document.createElement(part[0] === "`" ? "code" : "em");
    inline.textContent = part.slice(1, -1);
    return inline;
  }));
}

function render({ model, el }) {
  const id = `sequence-question-${++serial}`;
  el.innerHTML = `<form class="sequence-question" data-kind="${model.get("kind")}">
    <fieldset><legend><strong></strong> <span></span></legend><div class="options"></div></fieldset>
    <button type="submit">Commit</button>
    <p role="status" aria-live="polite"></p>
  </form>`;
  const find = (selector) => el.querySelector(selector);
  find("legend strong").textContent = `${model.get("heading")}.`;
  write(find("legend span"), model.get("text"));
  model.get("options").forEach((text, i) => {
    const label = document.createElement("label");
    label.innerHTML = `<input type="radio" name="${id}" value="${i}"> <span></span>`;
    write(label.querySelector("span"), text);
    find(".options").append(label);
  });

  const form = find("form"), status = find("[role=status]");
  // As in a lab: plain keys are for this form, combinations are for JupyterLab.
  form.addEventListener("keydown", (event) => {
    if (!event.ctrlKey && !event.metaKey) event.stopPropagation();
  });
  // In front of a class Shift+Enter goes on from wherever the lesson is: so the notebook does not
  // hear that the pointer or the keyboard has come here.
  if (model.get("in_class")) for (const kind of ["mousedown", "focusin"])
    form.addEventListener(kind, (event) => event.stopPropagation());
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const input = form.querySelector("input:checked");
    if (!input) { status.textContent = "Choose an option first."; return; }
    status.textContent = "…";
    setTimeout(() => {
      if (status.textContent === "…") status.textContent = "Python has not answered yet. It may be busy "
        + "with another cell; if it is not, run this cell again.";
    }, PATIENCE);
    if (+input.value === model.get("chosen")) return onFeedback();
    model.set("chosen", +input.value);
    model.save_changes();
  });

  const onFeedback = () => {
    const { verdict, text } = model.get("feedback");
    if (!text) return;
    status.innerHTML = "<strong></strong> <span></span>";
    status.querySelector("strong").textContent = verdict;
    write(status.querySelector("span"), text);
  };
  model.on("change:feedback", onFeedback);
  const chosen = model.get("chosen");
  if (chosen >= 0) form.querySelector(`input[value="${chosen}"]`).checked = true;
  onFeedback();
  return () => model.off("change:feedback", onFeedback);
}

export default { render };
