// One person's screen: her chats and the conversation she has open.

import { act, ask } from "./api.js";
import { Composer } from "./composer.js";
import { alertBox, confirmBox, formBox, menuAt, toast, trying } from "./dialogs.js";
import { avatar, h, icon, reconcile } from "./dom.js";
import { row, rowsOf } from "./messages.js";
import { Picker } from "./picker.js";
import { whenOf } from "./times.js";

const NEAR_END = 120;
const ANSWER_WAIT = 30;
const REACTIONS = ["👍", "❤", "🔥", "👏", "🎉", "🤔"];

export class Screen {
  // `side` is "left" or "right"; `moved` is told when the person or her chat changes.
  constructor(side, moved) {
    this.side = side;
    this.moved = moved;
    this.personId = null;
    this.chatId = null;
    this.state = null;
    this.go = { command: (text) => this.send({ text }), link: (event, url) => this.follow(event, url) };
    this.picker = new Picker((id) => this.become(id));
    this.composer = new Composer({
      send: (what) => this.send(what), edit: (message, text) => this.edit(message, text), start: () => this.start(),
      unblock: () => this.does("unblock", {}), botName: () => this.state.bot.username,
    });
    this.element = this.make();
  }

  make() {
    this.list = h("nav", { class: "chats", "aria-label": "Chats", "data-testid": "chats" });
    const newGroup = h("button", { type: "button", class: "quiet new-group", "data-testid": "add-group", onclick: () => this.addGroup() }, "+ New group");
    this.aside = h("aside", { class: "side" }, this.picker.element, this.list, newGroup);
    this.head = h("header", { class: "chat-head" });
    this.pin = h("button", { type: "button", class: "pin-bar", hidden: true, "data-testid": "pinned" });
    this.log = h("div", { class: "log", role: "log", "aria-label": "Messages", tabindex: "0", "data-testid": "messages" });
    this.down = h("button", { type: "button", class: "round to-end", hidden: true, "aria-label": "To the newest", onclick: () => this.toEnd() }, icon("down"));
    this.log.addEventListener("scroll", () => { this.atEnd = this.nearEnd(); this.down.hidden = this.atEnd; });
    // A taller composer or a keyboard must not push the newest message out of sight.
    new ResizeObserver(() => { if (this.atEnd) this.toEnd(); }).observe(this.log);
    this.talk = h("section", { class: "talk", "aria-label": "Conversation", hidden: true },
      this.head, this.pin, h("div", { class: "log-area" }, this.log, this.down), this.composer.element);
    this.empty = h("section", { class: "empty" }, h("p", {}, "Choose a chat"));
    this.toasts = h("div", { class: "toasts", role: "status", "aria-live": "polite" });
    return h("section", { class: "screen", "data-side": this.side, "data-testid": `screen-${this.side}` },
      h("div", { class: "screen-inner" }, this.aside, this.talk, this.empty), this.toasts);
  }

  toast(text, kind = "") {
    toast(text, kind, this.toasts);
  }

  async become(personId, chatId = null) {
    this.personId = personId;
    this.chatId = chatId;
    this.state = null;
    this.moved();
    await this.refresh();
  }

  async open(chatId) {
    this.chatId = chatId;
    this.fresh = true;
    this.moved();
    await this.refresh();
    if (chatId && matchMedia("(hover: hover)").matches) this.composer.input.focus();
  }

  // Repaints; while one is under way, one more is kept for after it.
  async refresh(people = this.picker.people) {
    if (this.loading) {
      this.again = true;
      this.picker.people = people;
      return;
    }
    this.loading = true;
    try {
      await this.load(people);
    } finally {
      this.loading = false;
    }
    if (this.again) {
      this.again = false;
      await this.refresh();
    }
  }

  async load(people) {
    const known = people.find((person) => person.id === this.personId);
    if (this.personId === null || !known) {
      this.picker.show(null, people);
      this.talk.hidden = true;
      this.list.replaceChildren();
      return;
    }
    const [personId, chatId] = [this.personId, this.chatId];
    const state = await ask("state", { person: personId, chat: chatId });
    if (personId !== this.personId || chatId !== this.chatId) return;
    this.state = state;
    this.picker.show(state.person, people);
    this.paintList();
    this.paintTalk();
    this.element.dataset.version = state.version;
  }

  // The list

  paintList() {
    const now = this.state.clock.now;
    const items = this.state.chats.map((chat) => ({ ...chat, pinned: null, menu: null, open: chat.id === this.chatId, when: chat.last ? whenOf(chat.last.date, now) : "" }));
    reconcile(this.list, items, (chat) => chat.id, (chat) => this.listed(chat));
  }

  listed(chat) {
    const last = chat.action ? h("span", { class: "typing" }, "typing…") : h("span", { class: "chat-last" }, this.lastLine(chat));
    return h("button", { type: "button", class: "chat", "data-chat-id": chat.id, "aria-current": chat.open ? "true" : null, onclick: () => this.open(chat.id) },
      avatar(chat.id, chat.title, chat.kind === "private" ? "bot" : ""),
      h("span", { class: "chat-text" },
        h("span", { class: "chat-top" }, h("strong", {}, chat.title), h("small", {}, chat.when)),
        h("span", { class: "chat-bottom" }, last, chat.unread > 0 && h("span", { class: "badge", "aria-label": `${chat.unread} unread` }, String(chat.unread)))));
  }

  lastLine(chat) {
    if (!chat.last) return chat.kind === "private" ? "Press START to begin" : "";
    const named = chat.kind !== "private" && chat.last.from;
    return named ? `${chat.last.from.split(" ")[0]}: ${chat.last.text}` : chat.last.text;
  }

  // The conversation

  paintTalk() {
    const chat = this.state.chat;
    this.element.classList.toggle("opened", Boolean(chat));
    this.talk.hidden = !chat;
    this.empty.hidden = Boolean(chat);
    if (!chat) return;
    const stick = this.fresh || this.nearEnd();
    this.paintHead(chat);
    this.paintPin(chat);
    this.paintLog(chat);
    this.composer.show({ ...chat, person_gone: this.state.person.deactivated });
    if (stick) this.toEnd();
    this.fresh = false;
    if (chat.unread && !document.hidden) act("read", { person: this.personId, chat: chat.id });
  }

  paintHead(chat) {
    const look = JSON.stringify([this.personId, chat.id, chat.title, chat.members, chat.action, chat.role, chat.bot_role, chat.blocked]);
    if (look === this.headLook) return;
    this.headLook = look;
    const under = chat.action ? "typing…" : chat.kind === "private" ? (chat.blocked ? "bot · blocked" : "bot") : membersLine(chat);
    const back = h("button", { type: "button", class: "round back", "aria-label": "Back to the chats", "data-testid": "back", onclick: () => this.open(null) }, icon("back"));
    const person = this.state.person;
    const me = h("button", { type: "button", class: "me", title: `You are ${person.name}`, "aria-label": `You are ${person.name}; choose another person`,
      "data-testid": "me", onclick: () => this.chooseAnother() }, avatar(person.id, person.name, "tiny"), h("span", {}, person.name.split(" ")[0]));
    const more = h("button", { type: "button", class: "round", "aria-label": "What to do with this chat", "data-testid": "chat-menu", onclick: (event) => this.chatMenu(event.currentTarget) }, icon("more"));
    this.head.replaceChildren(back, avatar(chat.id, chat.title, `small ${chat.kind === "private" ? "bot" : ""}`),
      h("div", { class: "head-text" }, h("strong", { "data-testid": "chat-title" }, chat.title), h("small", { class: chat.action ? "typing" : "" }, under)), me, more);
  }

  async chooseAnother() {
    await this.open(null);
    this.picker.toggle();
  }

  paintPin(chat) {
    const [newest] = chat.pinned;
    this.pin.hidden = !newest;
    if (!newest) return;
    this.pin.replaceChildren(icon("pin"), h("span", {}, h("strong", {}, chat.pinned.length > 1 ? `Pinned (${chat.pinned.length})` : "Pinned message"), h("span", {}, newest.text)));
    this.pin.onclick = () => this.scrollTo(newest.id);
  }

  paintLog(chat) {
    const rows = rowsOf(chat);
    const welcome = chat.kind === "private" && !chat.messages.length ? [{ kind: "welcome", key: "welcome", bot: this.state.bot }] : [];
    const earlier = chat.earlier ? [{ kind: "earlier", key: "earlier", count: chat.earlier }] : [];
    const special = { welcome: (item) => this.welcome(item.bot), earlier: (item) => h("div", { class: "day" }, h("span", {}, `${item.count} earlier messages`)) };
    reconcile(this.log, [...welcome, ...earlier, ...rows], (item) => item.key, (item) => (special[item.kind] ? special[item.kind](item) : row(item, this)));
  }

  welcome(bot) {
    return h("div", { class: "welcome" }, avatar(bot.id, bot.name, "large bot"), h("h2", {}, bot.name),
      bot.description && h("p", {}, bot.description), h("small", {}, `@${bot.username}`));
  }

  nearEnd() {
    return this.log.scrollHeight - this.log.scrollTop - this.log.clientHeight < NEAR_END;
  }

  toEnd() {
    this.log.scrollTop = this.log.scrollHeight;
  }

  scrollTo(messageId) {
    const target = this.log.querySelector(`[data-message-id="${messageId}"]`);
    if (!target) return this.toast("That message is not on the screen any more.");
    target.scrollIntoView({ block: "center", behavior: "smooth" });
    target.classList.add("flash");
    setTimeout(() => target.classList.remove("flash"), 1200);
    return undefined;
  }

  // Acts

  does(verb, body) {
    return trying(() => act(verb, { person: this.personId, chat: this.chatId, ...body }), this.toasts);
  }

  start() {
    return this.does("start", {});
  }

  edit(message, text) {
    return this.does("edit", { message: message.id, text });
  }

  vote(message, options) {
    return this.does("vote", { message: message.id, options });
  }

  async send({ text, files, kind, sticker, reply_to, contact, location }) {
    this.fresh = true;
    if (!files) return this.does("send", { text, sticker, reply_to, contact, location });
    const form = new FormData();
    form.set("person", this.personId);
    form.set("chat", this.chatId);
    form.set("text", this.composer.input.value.trim());
    if (reply_to) form.set("reply_to", reply_to);
    files.forEach((file) => form.append(kind, file, file.name));
    this.composer.input.value = "";
    return trying(() => act("send", form), this.toasts);
  }

  async press(element, message, button) {
    if (button.copy) return navigator.clipboard.writeText(button.copy).then(() => this.toast("Copied"), () => this.toast(button.copy));
    if (button.url) return this.follow(null, button.url);
    element.setAttribute("aria-busy", "true");
    element.disabled = true;
    try {
      await this.tapped(message, button);
    } finally {
      element.removeAttribute("aria-busy");
      element.disabled = false;
    }
    return undefined;
  }

  async tapped(message, button) {
    const tap = await this.does("tap", { message: message.id, data: button.data });
    if (!tap) return;
    const answer = await trying(() => ask(`query/${tap.query.id}`, { wait: ANSWER_WAIT }), this.toasts);
    if (!answer) return;
    if (!answer.answered) this.toast(`${this.state.bot.name} does not answer.`, "bad");
    else if (answer.url) await this.follow(null, answer.url);
    else if (answer.text && answer.alert) alertBox(this.state.bot.name, answer.text);
    else if (answer.text) this.toast(answer.text);
  }

  // Telegram's own links stay inside; all others open in a new tab.
  async follow(event, url) {
    const own = /^(https?:\/\/)?(www\.)?(t\.me|telegram\.me)\/|^tg:/i.test(url);
    if (!own) {
      if (!event) window.open(url, "_blank", "noopener");
      return;
    }
    event?.preventDefault();
    const group = /[?&]startgroup/.test(url) ? await this.chooseGroup() : undefined;
    if (group === null) return;
    const reached = await this.does("follow", { url, group });
    if (reached) await this.open(reached.chat);
  }

  async chooseGroup() {
    const groups = this.state.chats.filter((chat) => chat.kind !== "private" && !chat.has_bot);
    if (!groups.length) {
      this.toast("There is no group to add the bot to.");
      return null;
    }
    const chosen = await formBox("Add the bot to", [["group", "Group", { options: groups.map((chat) => [chat.id, chat.title]) }]], "Add");
    return chosen ? Number(chosen.group) : null;
  }

  async addGroup() {
    const others = this.picker.people.filter((person) => person.id !== this.personId);
    const fields = [["title", "Name", { required: true }], ["members", "Members", { multiple: true, options: others.map((person) => [person.id, person.name]) }],
      ["bot", "Add the bot", { type: "checkbox", checked: true }], ["supergroup", "Large group", { type: "checkbox" }]];
    const values = await formBox("New group", fields, "Create");
    if (!values?.title) return;
    const made = await trying(() => act("add_group", { ...values, creator: this.personId }), this.toasts);
    if (made && values.bot) await this.does("add_bot", { group: made.id });
    if (made) await this.open(made.id);
  }

  messageMenu(anchor, message) {
    menuAt(anchor, [
      ["Reply", () => this.composer.replyTo(message)],
      ["React…", () => menuAt(anchor, REACTIONS.map((emoji) => [emoji, () => this.does("react", { message: message.id, emoji }), "sticker-choice"]))],
      message.text && ["Copy text", () => navigator.clipboard.writeText(message.text).then(() => this.toast("Copied"), () => this.toast("The browser won't copy here."))],
      this.mayPin() && ["Pin", () => this.does("pin", { message: message.id })],
      message.mine && message.text && !message.media && ["Edit", () => this.composer.startEditing(message)],
      (message.mine || this.state.chat.kind === "private") && ["Delete", () => this.does("delete", { message: message.id }), "bad"],
    ]);
  }

  mayPin() {
    return this.state.chat.kind === "private" || ["creator", "administrator"].includes(this.state.chat.role);
  }

  chatMenu(anchor) {
    const chat = this.state.chat;
    menuAt(anchor, chat.kind === "private" ? this.privateEntries(chat) : this.groupEntries(chat));
  }

  privateEntries(chat) {
    return [
      ["Send /start", () => this.start()],
      chat.blocked ? ["Unblock the bot", () => this.does("unblock", {})]
        : ["Block the bot", async () => { if (await confirmBox("Block the bot?", "It can't write to you until you unblock it.", "Block")) this.does("block", {}); }, "bad"],
    ];
  }

  groupEntries(chat) {
    const group = { group: chat.id };
    const rules = ["creator", "administrator"].includes(chat.role);
    return [
      !chat.has_bot && ["Add the bot", () => this.does("add_bot", group)],
      chat.has_bot && rules && chat.bot_role === "member" && ["Make the bot an administrator", () => this.does("promote_bot", group)],
      chat.has_bot && rules && chat.bot_role === "administrator" && ["Take the bot's rights away", () => this.does("demote_bot", group)],
      chat.has_bot && rules && ["Remove the bot", () => this.does("remove_bot", group), "bad"],
      rules && ["Invite link", () => this.invite(chat)],
      chat.kind === "group" && chat.role === "creator" && ["Make it a supergroup", () => this.does("upgrade", group)],
      chat.role !== "creator" && ["Leave the group", () => this.does("leave", group), "bad"],
    ];
  }

  async invite(chat) {
    const made = await this.does("create_link", { group: chat.id });
    if (made) alertBox("Invite link", made.url);
  }
}

function membersLine(chat) {
  const members = chat.members === 1 ? "1 member" : `${chat.members} members`;
  const role = { creator: " · you own it", administrator: " · you are an administrator" }[chat.role] || "";
  return members + role;
}
