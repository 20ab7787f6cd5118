// Toasts, alerts, menus and small forms.

import { h, icon } from "./dom.js";

const TOAST_FOR = 3500;

// Shown over one screen, so that with two people it is plain who is told; over the page when no screen is named.
// A new one takes the place of the last, as in Telegram.
export function toast(text, kind = "", over = document.getElementById("toasts")) {
  const shown = h("div", { class: `toast ${kind}`, "data-testid": "toast" }, text);
  over.replaceChildren(shown);
  setTimeout(() => shown.remove(), TOAST_FOR);
}

// Runs an act; what Telegram wouldn't allow is said in a toast.
export async function trying(action, over) {
  try {
    return await action();
  } catch (error) {
    toast(error.message, "bad", over);
    return null;
  }
}

function dialog(attributes, ...children) {
  const element = h("dialog", attributes, ...children);
  element.addEventListener("close", () => element.remove());
  element.addEventListener("click", (event) => event.target === element && element.close());
  document.body.append(element);
  element.showModal();
  return element;
}

export function alertBox(title, text) {
  const close = h("button", { class: "primary", type: "button", autofocus: true, "data-testid": "alert-ok" }, "OK");
  const box = dialog({ class: "box", "data-testid": "alert", "aria-label": title },
    h("h2", {}, title), h("p", { class: "alert-text" }, text), h("div", { class: "box-buttons" }, close));
  close.addEventListener("click", () => box.close());
}

// Resolves to whether the person agreed.
export function confirmBox(title, text, yes) {
  return new Promise((resolve) => {
    const button = h("button", { class: "primary", type: "button", autofocus: true, "data-testid": "confirm" }, yes);
    const no = h("button", { class: "quiet", type: "button" }, "Cancel");
    const box = dialog({ class: "box", "aria-label": title },
      h("h2", {}, title), h("p", { class: "alert-text" }, text), h("div", { class: "box-buttons" }, no, button));
    let agreed = false;
    button.addEventListener("click", () => { agreed = true; box.close(); });
    no.addEventListener("click", () => box.close());
    box.addEventListener("close", () => resolve(agreed));
  });
}

// Fields: [name, label, {type, value, options…}]. Resolves to the values, or null.
export function formBox(title, fields, yes) {
  return new Promise((resolve) => {
    const inputs = fields.map(([name, label, attributes = {}]) => fieldOf(name, label, attributes));
    const cancel = h("button", { class: "quiet", type: "button" }, "Cancel");
    const form = h("form", { method: "dialog" }, h("h2", {}, title), inputs,
      h("div", { class: "box-buttons" }, cancel, h("button", { class: "primary", type: "submit" }, yes)));
    const box = dialog({ class: "box", "aria-label": title }, form);
    let values = null;
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      values = valuesOf(form);
      box.close();
    });
    cancel.addEventListener("click", () => box.close());
    box.addEventListener("close", () => resolve(values));
  });
}

function fieldOf(name, label, { options, ...attributes }) {
  if (options) {
    const many = attributes.multiple ? { multiple: true, size: Math.min(options.length, 8) } : {};
    const choices = options.map(([value, text]) => h("option", { value }, text));
    return h("label", { class: "field" }, h("span", {}, label), h("select", { name, ...many }, choices));
  }
  if (attributes.type === "checkbox") {
    return h("label", { class: "field check" }, h("input", { name, ...attributes }), h("span", {}, label));
  }
  return h("label", { class: "field" }, h("span", {}, label), h("input", { name, type: "text", autocomplete: "off", ...attributes }));
}

function valuesOf(form) {
  const values = {};
  for (const input of form.elements) {
    if (!input.name) continue;
    if (input.type === "checkbox") values[input.name] = input.checked;
    else if (input.multiple) values[input.name] = [...input.selectedOptions].map((option) => option.value);
    else values[input.name] = input.value;
  }
  return values;
}

export function lightbox(url, name) {
  const close = h("button", { class: "round lightbox-close", type: "button", "aria-label": "Close" }, icon("close"));
  const box = dialog({ class: "lightbox", "aria-label": name }, h("img", { src: url, alt: name }), close);
  close.addEventListener("click", () => box.close());
}

// A menu near an element: [label, action, kind]; falsy entries are left out. Arrow keys walk through it.
export function menuAt(anchor, entries) {
  document.querySelector(".menu")?.remove();
  const buttons = entries.filter(Boolean).map(([label, action, kind = ""]) =>
    h("button", { type: "button", role: "menuitem", class: kind, onclick: () => { close(); action(); } }, label));
  const menu = h("div", { class: "menu", role: "menu", "data-testid": "menu" }, buttons);
  const away = (event) => { if (!menu.contains(event.target)) close(); };
  function close() {
    menu.remove();
    document.removeEventListener("pointerdown", away, true);
    anchor.focus?.({ preventScroll: true });
  }
  menu.addEventListener("keydown", (event) => walk(event, buttons, close));
  document.body.append(menu);
  place(menu, anchor.getBoundingClientRect());
  document.addEventListener("pointerdown", away, true);
  buttons[0]?.focus({ preventScroll: true });
}

function walk(event, buttons, close) {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (event.key === "Escape" || event.key === "Tab") {
    event.preventDefault();
    close();
  } else if (step) {
    event.preventDefault();
    const at = buttons.indexOf(document.activeElement);
    buttons[(at + step + buttons.length) % buttons.length].focus();
  }
}

function place(menu, near) {
  const { width, height } = menu.getBoundingClientRect();
  const left = Math.max(8, Math.min(near.left, innerWidth - width - 8));
  const below = near.bottom + 4 + height < innerHeight - 8;
  menu.style.left = `${left}px`;
  menu.style.top = `${below ? near.bottom + 4 : Math.max(8, near.top - height - 4)}px`;
}
