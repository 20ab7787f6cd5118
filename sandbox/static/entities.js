// Text and its entities as elements. Offsets count UTF-16 units, as JavaScript's strings do.

import { h } from "./dom.js";

const TAGS = { bold: "strong", italic: "em", underline: "u", strikethrough: "s", code: "code", pre: "pre", blockquote: "blockquote" };

export function formatted(text, entities, go) {
  const sorted = [...entities].sort((one, other) => one.offset - other.offset || other.length - one.length);
  return within(text, 0, text.length, sorted, go);
}

// The pieces between `from` and `to`: entities that start there, with those inside of them, and plain text between.
function within(text, from, to, entities, go) {
  const pieces = [];
  let at = from;
  for (let index = 0; index < entities.length; index += 1) {
    const entity = entities[index];
    if (entity.offset < at) continue;
    const end = Math.min(entity.offset + entity.length, to);
    const inner = entities.slice(index + 1).filter((other) => other.offset < end);
    pieces.push(text.slice(at, entity.offset));
    pieces.push(wrapped(entity, text.slice(entity.offset, end), within(text, entity.offset, end, inner, go), go));
    at = end;
  }
  pieces.push(text.slice(at, to));
  return withoutBreaksAround(pieces).filter((piece) => piece !== "");
}

// A quote or a block of code stands on its own lines; the line breaks beside it would show as empty ones.
function withoutBreaksAround(pieces) {
  const block = (piece) => piece instanceof HTMLElement && ["BLOCKQUOTE", "PRE"].includes(piece.tagName);
  return pieces.map((piece, index) => {
    if (typeof piece !== "string") return piece;
    const after = block(pieces[index - 1]) ? piece.replace(/^\n/, "") : piece;
    return block(pieces[index + 1]) ? after.replace(/\n$/, "") : after;
  });
}

function wrapped(entity, words, children, go) {
  if (TAGS[entity.type]) return h(TAGS[entity.type], {}, children);
  switch (entity.type) {
    case "text_link": return link(entity.url, children, go);
    case "url": return link(words.includes("://") ? words : `https://${words}`, children, go);
    case "email": return h("a", { href: `mailto:${words}` }, children);
    case "bot_command": return h("button", { type: "button", class: "inline-link", onclick: () => go.command(words) }, children);
    case "expandable_blockquote": return expandable(children);
    case "spoiler": return spoiler(children);
    case "mention": case "hashtag": case "text_mention": return h("span", { class: "mention" }, children);
    default: return h("span", {}, children);
  }
}

function link(url, children, go) {
  const safe = /^(https?|tg|mailto|tel):/i.test(url) ? url : "#";
  return h("a", { href: safe, rel: "noopener noreferrer", target: "_blank", onclick: (event) => go.link(event, url) }, children);
}

function expandable(children) {
  const quote = h("blockquote", { class: "folded", tabindex: "0" }, children);
  const unfold = () => quote.classList.toggle("folded");
  quote.addEventListener("click", unfold);
  quote.addEventListener("keydown", (event) => event.key === "Enter" && unfold());
  return quote;
}

function spoiler(children) {
  const hidden = h("span", { class: "spoiler", tabindex: "0", role: "button", "aria-label": "Hidden text" }, children);
  const reveal = () => { hidden.classList.add("shown"); hidden.removeAttribute("aria-label"); };
  hidden.addEventListener("click", reveal);
  hidden.addEventListener("keydown", (event) => event.key === "Enter" && reveal());
  return hidden;
}
