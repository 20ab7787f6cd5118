// Bubbles.

import { avatar, h, icon, tint } from "./dom.js";
import { lightbox } from "./dialogs.js";
import { formatted } from "./entities.js";
import { pollCard } from "./polls.js";
import { dayOf, sameDay, timeOf } from "./times.js";

const SOON = 300;

// Rows of a conversation: days, what happened, bubbles (an album is one bubble of several messages).
export function rowsOf(chat) {
  const rows = [];
  let last = null;
  for (const message of chat.messages) {
    if (!last || !sameDay(last.date, message.date)) {
      rows.push({ kind: "day", key: `day ${dayOf(message.date)} ${message.id}`, date: message.date });
      last = null;
    }
    const open = rows.at(-1);
    if (message.album && open.album === message.album) {
      open.messages.push(message);
    } else {
      const follows = Boolean(last) && !message.service && !last.service && last.from.id === message.from.id &&
        last.from.name === message.from.name && message.date - last.date < SOON;
      rows.push({ kind: message.service ? "service" : "bubble", key: message.id, album: message.album, messages: [message],
        follows, group: chat.kind !== "private" });
    }
    last = message;
  }
  return rows;
}

export function row(item, screen) {
  if (item.kind === "day") return h("div", { class: "day" }, h("span", {}, dayOf(item.date)));
  const [message] = item.messages;
  if (item.kind === "service") {
    return h("div", { class: "service", "data-message-id": message.id }, h("span", {}, message.service));
  }
  return bubbleRow(item, message, screen);
}

function bubbleRow(item, message, screen) {
  const named = item.group && !message.mine;
  return h("article", {
    class: `row ${message.mine ? "mine" : "theirs"} ${item.follows ? "follows" : ""}`,
    "data-message-id": message.id, "aria-label": `${message.from.name}, ${timeOf(message.date)}`,
  },
  named && (item.follows ? h("span", { class: "avatar small blank" }) : avatar(message.from.id, message.from.name, message.from.bot ? "small bot" : "small")),
  h("div", { class: "stack" },
    bubble(item, message, named && !item.follows, screen),
    message.keyboard.length > 0 && keyboard(message, screen)),
  more(message, screen));
}

function bubble(item, message, named, screen) {
  const sticker = message.media?.kind === "sticker";
  const bare = item.messages.every((one) => ["photo", "video", "animation"].includes(one.media?.kind));
  const captions = item.messages.filter((one) => one.text);
  return h("div", { class: `bubble ${sticker ? "sticker" : ""} ${bare ? "pictured" : ""} ${bare && !captions.length ? "bare" : ""}` },
    named && h("div", { class: `author ${tint(message.from.id)}` }, message.from.name,
      message.from.bot && h("span", { class: "bot-mark" }, "bot")),
    message.thread && h("div", { class: "topic" }, `# ${message.thread}`),
    message.forwarded && h("div", { class: "forwarded" }, `Forwarded from ${message.forwarded}`),
    message.reply_to && quote(message.reply_to, screen),
    media(item.messages),
    message.poll && pollCard(message, (options) => screen.vote(message, options)),
    message.contact && contact(message.contact),
    message.location && h("div", { class: "place" }, `📍 ${message.location.latitude}, ${message.location.longitude}`),
    captions.map((one) => h("div", { class: "text", dir: "auto" }, formatted(one.text, one.entities, screen.go))),
    h("div", { class: "meta" },
      message.reactions.map((reaction) => h("span", { class: "reaction" }, `${reaction.emoji} ${reaction.count}`)),
      message.edited && h("span", { class: "edited", "data-testid": "edited" }, "edited"),
      h("time", { datetime: new Date(message.date * 1000).toISOString() }, timeOf(message.date))));
}

function more(message, screen) {
  return h("button", { type: "button", class: "round more", "aria-label": "What to do with this message",
    "data-testid": "message-menu", onclick: (event) => screen.messageMenu(event.currentTarget, message) }, icon("more"));
}

function quote(reply, screen) {
  return h("button", { type: "button", class: "quote", onclick: () => screen.scrollTo(reply.id) },
    h("strong", {}, reply.name), h("span", {}, reply.text));
}

function contact(person) {
  const name = [person.first_name, person.last_name].filter(Boolean).join(" ");
  return h("div", { class: "file" }, avatar(person.user_id || 1, name), h("span", { class: "file-text" },
    h("strong", {}, name), h("small", {}, person.phone_number)));
}

function media(messages) {
  const carried = messages.filter((message) => message.media);
  if (!carried.length) return null;
  const pictures = carried.filter((message) => ["photo", "video", "animation"].includes(message.media.kind));
  const parts = carried.map((message) => h("div", { class: "part", "data-message-id": messages.length > 1 ? message.id : null },
    part(message.media)));
  return h("div", { class: pictures.length > 1 ? "media album" : "media" }, parts);
}

function part(file) {
  switch (file.kind) {
    case "photo": return photo(file);
    case "sticker": return sticker(file);
    case "video": case "animation": case "video_note":
      return h("video", { src: file.url, controls: true, preload: "metadata", "aria-label": file.name || "Video" });
    case "voice": return sound(file, `Voice message, ${duration(file)}`);
    case "audio": return sound(file, file.name || "Audio");
    default: return documentCard(file);
  }
}

function photo(file) {
  const image = h("img", { src: file.url, alt: "Photo", loading: "lazy", width: file.width, height: file.height });
  image.addEventListener("error", () => image.closest("button")?.replaceChildren(h("span", { class: "no-picture" }, "🖼")));
  return h("button", { type: "button", class: "photo", "aria-label": "Open the photo",
    onclick: () => lightbox(file.url, file.name || "Photo") }, image);
}

function sticker(file) {
  const pictured = file.mime?.startsWith("image/");
  return pictured ? h("img", { src: file.url, alt: `Sticker ${file.emoji}`, width: 160, height: 160 })
    : h("span", { class: "big-emoji", role: "img", "aria-label": `Sticker ${file.emoji}` }, file.emoji);
}

function sound(file, label) {
  return h("div", { class: "sound" }, h("small", {}, label), h("audio", { src: file.url, controls: true, preload: "none", "aria-label": label }));
}

function documentCard(file) {
  const name = file.name || "File";
  const ending = name.includes(".") ? name.split(".").at(-1).slice(0, 4) : "file";
  return h("a", { class: "file", href: file.url, download: name, "data-testid": "document" },
    h("span", { class: "file-sign", "aria-hidden": "true" }, ending),
    h("span", { class: "file-text" }, h("strong", {}, name), h("small", {}, size(file.size))));
}

function duration(file) {
  const seconds = file.duration || 1;
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
}

function size(bytes) {
  if (bytes < 1024) return `${bytes} B`;
  return bytes < 1024 * 1024 ? `${Math.round(bytes / 1024)} KB` : `${(bytes / 1024 / 1024).toFixed(1)} MB`;
}

function keyboard(message, screen) {
  const rows = message.keyboard.map((buttons) => h("div", { class: "keys" }, buttons.map((button) => key(message, button, screen))));
  return h("div", { class: "keyboard", role: "group", "aria-label": "Buttons" }, rows);
}

function key(message, button, screen) {
  const pressed = (event) => screen.press(event.currentTarget, message, button);
  return h("button", { type: "button", class: `key ${button.style || ""}`, "data-button": button.text, "data-data": button.data,
    onclick: pressed }, h("span", {}, button.text), button.url && h("span", { class: "key-sign", "aria-label": "link" }, "↗\uFE0E"));
}
