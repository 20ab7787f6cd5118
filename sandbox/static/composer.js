// Below a conversation: writing, attaching, commands, START.

import { h, icon } from "./dom.js";
import { menuAt } from "./dialogs.js";

const STICKERS = ["👍", "👏", "❤️", "😂", "🎉", "🙏", "🤔", "😢", "🌱", "📚", "⚽", "☕"];
const TALLEST = 140;

export class Composer {
  // `does`: send({text, files, sticker, reply_to}), edit, start, unblock; given by the screen.
  constructor(does) {
    this.does = does;
    this.reply = null;
    this.editing = null;
    this.chat = null;
    this.context = h("div", { class: "context", hidden: true });
    this.commands = h("div", { class: "commands", role: "listbox", "aria-label": "Commands", hidden: true, "data-testid": "commands" });
    this.replyKeys = h("div", { class: "reply-keys", hidden: true, "data-testid": "reply-keyboard" });
    this.input = this.makeInput();
    this.line = this.makeLine();
    this.instead = h("div", { class: "instead", hidden: true });
    this.element = h("footer", { class: "composer-area" }, this.commands, this.context, this.line, this.replyKeys, this.instead);
  }

  makeInput() {
    const input = h("textarea", { rows: "1", placeholder: "Message", "aria-label": "Message", "data-testid": "composer", maxlength: "4096", dir: "auto" });
    input.addEventListener("keydown", (event) => this.key(event));
    input.addEventListener("input", () => { this.grow(); this.showCommands(); });
    input.addEventListener("paste", (event) => this.pasted(event));
    return input;
  }

  makeLine() {
    this.menuButton = h("button", { type: "button", class: "round", "aria-label": "Commands", "data-testid": "command-menu",
      onclick: () => this.toggleCommands() }, icon("slash"));
    const attach = h("button", { type: "button", class: "round", "aria-label": "Attach", "data-testid": "attach",
      onclick: (event) => this.attachMenu(event.currentTarget) }, icon("attach"));
    const sticker = h("button", { type: "button", class: "round", "aria-label": "Stickers", "data-testid": "stickers",
      onclick: (event) => this.stickerMenu(event.currentTarget) }, icon("smile"));
    const send = h("button", { type: "button", class: "round send", "aria-label": "Send", "data-testid": "send",
      onclick: () => this.submit() }, icon("send"));
    this.photos = this.fileInput("photo", "image/*");
    this.documents = this.fileInput("document", null);
    return h("div", { class: "composer" }, this.menuButton, attach, this.input, sticker, send, this.photos, this.documents);
  }

  fileInput(kind, accept) {
    const input = h("input", { type: "file", hidden: true, multiple: true, accept, "data-testid": `file-${kind}`, "aria-label": `Choose a ${kind}` });
    input.addEventListener("change", () => { this.send({ kind, files: [...input.files] }); input.value = ""; });
    return input;
  }

  // What may be done in this chat now.
  show(chat) {
    const other = this.chat?.id !== chat.id;
    this.chat = chat;
    if (other) this.clear();
    const instead = this.insteadOf(chat);
    this.line.hidden = Boolean(instead);
    this.instead.hidden = !instead;
    this.menuButton.hidden = !chat.menu.length;
    if (instead !== this.shownInstead || other) {
      this.shownInstead = instead;
      this.instead.replaceChildren(...(instead ? [this.insteadButton(instead)] : []));
    }
    this.showReplyKeys(chat.reply_keyboard, Boolean(instead));
    // Typed commands are matched anew; the whole menu, once opened, stays until she chooses or closes it.
    if (!this.commands.hidden && this.input.value) this.showCommands();
  }

  insteadOf(chat) {
    if (chat.person_gone) return "gone";
    if (chat.kind !== "private") return null;
    if (chat.blocked) return "unblock";
    return chat.started ? null : "start";
  }

  insteadButton(kind) {
    if (kind === "gone") return h("p", {}, "This account was deleted.");
    const label = kind === "start" ? "START" : "UNBLOCK";
    return h("button", { type: "button", class: "primary wide", "data-testid": kind, onclick: () => this.does[kind]() }, label);
  }

  showReplyKeys(markup, off) {
    const look = JSON.stringify([markup, off]);
    if (look === this.replyLook) return;
    this.replyLook = look;
    this.replyKeys.hidden = !markup || off;
    this.input.placeholder = markup?.placeholder || "Message";
    this.replyKeys.replaceChildren(...(markup?.rows || []).map((row) => h("div", { class: "keys" }, row.map((button) =>
      h("button", { type: "button", class: "reply-key", "data-reply-key": button.text, onclick: () => this.pressReplyKey(button) }, button.text)))));
  }

  pressReplyKey(button) {
    if (button.request_contact) this.does.send({ contact: true });
    else if (button.request_location) this.does.send({ location: true });
    else this.does.send({ text: button.text });
  }

  key(event) {
    const options = [...this.commands.querySelectorAll("button")];
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
      event.preventDefault();
      this.submit();
    } else if (event.key === "Escape") {
      this.clearContext();
      this.hideCommands();
    } else if (event.key === "ArrowUp" && !this.commands.hidden && options.length) {
      event.preventDefault();
      options.at(-1).focus();
    }
  }

  pasted(event) {
    const files = [...event.clipboardData.files];
    if (files.length) {
      event.preventDefault();
      this.send({ kind: files.every((file) => file.type.startsWith("image/")) ? "photo" : "document", files });
    }
  }

  grow() {
    this.input.style.height = "auto";
    this.input.style.height = `${Math.min(this.input.scrollHeight, TALLEST)}px`;
  }

  submit() {
    const text = this.input.value.trim();
    if (!text) return;
    if (this.editing) this.does.edit(this.editing, text);
    else this.send({ text });
    this.input.value = "";
    this.clearContext();
    this.grow();
    this.hideCommands();
  }

  send(what) {
    this.does.send({ ...what, reply_to: this.reply?.id });
    this.clearContext();
  }

  attachMenu(anchor) {
    menuAt(anchor, [
      ["Photo", () => this.photos.click()],
      ["File", () => this.documents.click()],
      ["My contact", () => this.send({ contact: true })],
      ["My location", () => this.send({ location: true })],
    ]);
  }

  stickerMenu(anchor) {
    menuAt(anchor, STICKERS.map((emoji) => [emoji, () => this.send({ sticker: emoji }), "sticker-choice"]));
  }

  replyTo(message) {
    this.reply = message;
    this.showContext(`Reply to ${message.from.name}`, message.text || message.media?.name || "Message");
  }

  startEditing(message) {
    this.editing = message;
    this.input.value = message.text;
    this.showContext("Edit message", message.text);
    this.grow();
  }

  showContext(title, text) {
    const close = h("button", { type: "button", class: "round", "aria-label": "Cancel", onclick: () => this.clearContext() }, icon("close"));
    this.context.replaceChildren(h("div", { class: "context-text" }, h("strong", {}, title), h("span", {}, text)), close);
    this.context.hidden = false;
    this.input.focus();
  }

  clearContext() {
    if (this.editing) this.input.value = "";
    this.reply = null;
    this.editing = null;
    this.context.hidden = true;
  }

  clear() {
    this.clearContext();
    this.input.value = "";
    this.grow();
    this.hideCommands();
  }

  toggleCommands() {
    if (this.commands.hidden) this.listCommands(this.chat.menu);
    else this.hideCommands();
  }

  showCommands() {
    const typed = /^\/([a-z0-9_]*)$/i.exec(this.input.value);
    if (typed) this.listCommands(this.chat.menu.filter((one) => one.command.startsWith(typed[1].toLowerCase())));
    else this.hideCommands();
  }

  listCommands(commands) {
    this.commands.replaceChildren(...commands.map((one) => h("button", { type: "button", role: "option", "data-command": one.command,
      onclick: () => this.choose(one.command) }, h("strong", {}, `/${one.command}`), h("span", {}, one.description))));
    this.commands.hidden = !commands.length;
  }

  hideCommands() {
    this.commands.hidden = true;
  }

  choose(command) {
    this.hideCommands();
    this.input.value = "";
    this.send({ text: this.chat.kind === "private" ? `/${command}` : `/${command}@${this.does.botName()}` });
    // On a phone this would bring the keyboard up over the answer.
    if (matchMedia("(hover: hover)").matches) this.input.focus();
  }
}
