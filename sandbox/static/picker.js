// Choosing whose eyes to look through.

import { act, ask } from "./api.js";
import { avatar, h, icon } from "./dom.js";
import { formBox, trying } from "./dialogs.js";

export class Picker {
  constructor(choose) {
    this.choose = choose;
    this.people = [];
    this.person = null;
    this.button = h("button", { type: "button", class: "picker", "aria-haspopup": "listbox", "aria-expanded": "false",
      "data-testid": "person-picker", onclick: () => this.toggle() });
    this.search = h("input", { type: "search", placeholder: "Search people", "aria-label": "Search people", oninput: () => this.list() });
    this.options = h("div", { class: "people", role: "listbox", "aria-label": "People" });
    const add = h("button", { type: "button", class: "quiet wide", "data-testid": "add-person", onclick: () => this.add() }, "+ New person");
    this.panel = h("div", { class: "picker-panel", hidden: true }, this.search, this.options, add);
    this.element = h("div", { class: "picker-area" }, this.button, this.panel);
    this.element.addEventListener("keydown", (event) => this.key(event));
    document.addEventListener("pointerdown", (event) => { if (!this.element.contains(event.target)) this.close(); });
  }

  show(person, people) {
    this.person = person;
    this.people = people;
    const name = person ? person.name : "Choose a person";
    this.button.replaceChildren(avatar(person?.id || 0, name, "small"), h("span", { class: "picker-name" }, h("small", {}, ["You are", person?.note].filter(Boolean).join(" · ")), name), icon("down"));
    if (!this.panel.hidden) this.list();
  }

  toggle() {
    if (!this.panel.hidden) return this.close();
    this.panel.hidden = false;
    this.button.setAttribute("aria-expanded", "true");
    this.search.value = "";
    this.list();
    this.search.focus();
    return undefined;
  }

  close() {
    this.panel.hidden = true;
    this.button.setAttribute("aria-expanded", "false");
  }

  list() {
    const wanted = this.search.value.toLocaleLowerCase();
    const found = this.people.filter((person) => `${person.name} @${person.username || ""}`.toLocaleLowerCase().includes(wanted));
    this.options.replaceChildren(...found.map((person) => h("button", {
      type: "button", role: "option", "data-person-id": person.id, "aria-selected": String(person.id === this.person?.id),
      onclick: () => { this.close(); this.choose(person.id); },
    }, avatar(person.id, person.name, "small"), h("span", { class: "grow" }, person.name, (person.username || person.note) && h("small", { class: "handle" }, about(person))),
    person.language_code && h("small", { class: "language" }, person.language_code),
    person.unread > 0 && h("span", { class: "badge" }, String(person.unread)))));
  }

  key(event) {
    if (event.key === "Escape") {
      this.close();
      this.button.focus();
      return;
    }
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    const options = [...this.options.children];
    if (!step || this.panel.hidden || !options.length) return;
    event.preventDefault();
    const at = options.indexOf(document.activeElement);
    options[Math.max(0, Math.min(options.length - 1, at + step))].focus();
  }

  async add() {
    const fields = [["first_name", "First name", { required: true }], ["last_name", "Last name"], ["language_code", "Language", { placeholder: "az, kk, ru, uk, en", maxlength: 2 }]];
    const values = await formBox("New person", fields, "Add");
    if (!values) return;
    const named = Object.fromEntries(Object.entries(values).filter(([, value]) => value));
    const made = await trying(() => act("add_person", named));
    if (made) this.choose(made.id);
  }
}

// What one must know to play her.
function about(person) {
  return [person.username && `@${person.username}`, person.note].filter(Boolean).join(" · ");
}

export async function loadCast() {
  return (await ask("cast")).people;
}
