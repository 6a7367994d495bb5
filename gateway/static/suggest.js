/* Suggestions while typing: an editable combobox with a listbox, after the ARIA Authoring Practices.

   Without this module the fields are plain ones in a plain form. What to ask stands at the field, the texts around it at
   the search it belongs to; completions come as OpenSearch suggestions: [typed, completions, what they are, where they
   lead]. One that leads nowhere only fills its field. */

const SHORTEST = 2;
const WAIT_MS = 120;

class Suggestions {
  constructor(input) {
    this.input = input;
    this.texts = input.closest("[role=search]").dataset;
    this.options = [];
    this.active = -1;
    this.asked = new AbortController();
    this.list = this.make("ul", { id: `${input.id}-list`, class: "suggestions", role: "listbox", "aria-label": this.texts.list, hidden: "" });
    this.status = this.make("div", { class: "kern-sr-only", role: "status" });
    this.set({ role: "combobox", autocomplete: "off", "aria-autocomplete": "list", "aria-expanded": "false", "aria-controls": this.list.id });
    input.addEventListener("input", (event) => this.typed(event));
    input.addEventListener("keydown", (event) => this.pressed(event));
    input.addEventListener("blur", () => this.close());
    this.list.addEventListener("mousedown", (event) => event.preventDefault()); // the focus stays in the field
    this.list.addEventListener("click", (event) => this.choose(this.options.indexOf(event.target.closest("li"))));
  }

  make(name, attributes) {
    const made = document.createElement(name);
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
    this.input.parentElement.append(made);
    return made;
  }

  set(attributes) {
    for (const [key, value] of Object.entries(attributes)) this.input.setAttribute(key, value);
  }

  get open() {
    return !this.list.hidden;
  }

  typed(event) {
    this.asked.abort();
    clearTimeout(this.waiting);
    if (event.isComposing) return;
    if (this.input.value.trim().length < SHORTEST) this.close();
    else this.waiting = setTimeout(() => this.ask(), WAIT_MS);
  }

  async ask() {
    this.asked.abort();
    this.asked = new AbortController();
    const { signal } = this.asked;
    const address = `${this.input.dataset.suggest}?${new URLSearchParams({ q: this.input.value.trim() })}`;
    try {
      const answer = await fetch(address, { signal });
      const found = answer.ok ? await answer.json() : ["", [], [], []];
      if (!signal.aborted && document.activeElement === this.input) this.show(found);
    } catch {
      if (!signal.aborted) this.close(); // no connection: the form still works once there is one
    }
  }

  show([, texts, kinds, addresses]) {
    this.options = texts.map((text, position) => this.option(text, kinds[position], addresses[position], position));
    this.list.replaceChildren(...this.options);
    this.expand(texts.length > 0);
    const { none, one, many } = this.texts;
    this.status.textContent = [none, one][texts.length] ?? many.replace("{}", texts.length);
  }

  option(text, kind, address, position) {
    const made = document.createElement("li");
    made.id = `${this.list.id}-${position}`;
    made.setAttribute("role", "option");
    made.setAttribute("aria-selected", "false");
    made.dataset.address = address ?? "";
    made.dataset.text = text;
    const what = document.createElement("small");
    what.textContent = kind;
    made.append(`${text} `, what);
    return made;
  }

  expand(open) {
    this.list.hidden = !open;
    this.set({ "aria-expanded": String(open) });
    this.mark(-1);
  }

  close() {
    this.asked.abort();
    clearTimeout(this.waiting);
    this.expand(false);
    this.status.textContent = "";
  }

  mark(position) {
    this.options[this.active]?.setAttribute("aria-selected", "false");
    this.active = position;
    const option = this.options[position];
    if (option === undefined) return this.input.removeAttribute("aria-activedescendant");
    option.setAttribute("aria-selected", "true");
    option.scrollIntoView({ block: "nearest" });
    this.set({ "aria-activedescendant": option.id });
  }

  pressed(event) {
    if (event.isComposing || event.ctrlKey || event.metaKey) return;
    const moves = { ArrowDown: 1, ArrowUp: -1 };
    if (event.key in moves) this.move(moves[event.key]);
    else if (event.key === "Enter" && this.active >= 0) this.choose(this.active);
    else if (event.key === "Escape" && this.open) this.close();
    else return;
    event.preventDefault();
  }

  /* Through the options and the field itself, round and round; with a closed list an arrow asks for suggestions. */
  move(step) {
    if (!this.open) {
      if (this.input.value.trim().length >= SHORTEST) this.ask();
      return;
    }
    const places = this.options.length + 1;
    this.mark(((this.active + 1 + step + places) % places) - 1);
  }

  /* Words complete the search at hand, with its place and filters; what else leads somewhere is opened. */
  choose(position) {
    const option = this.options[position];
    if (option === undefined) return;
    const { address, text } = option.dataset;
    this.close();
    this.input.value = text;
    if (!address) return;
    const target = new URL(address);
    if (target.searchParams.has("q") && target.pathname === new URL(this.input.form.action).pathname) this.input.form.requestSubmit();
    else location.assign(address);
  }
}

for (const input of document.querySelectorAll("input[data-suggest]")) new Suggestions(input);
