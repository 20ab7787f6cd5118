// Native polls.

import { h } from "./dom.js";
import { timeOf, dayOf } from "./times.js";

export function pollCard(message, vote) {
  const poll = message.poll;
  const open = !poll.closed && !poll.voted;
  return h("div", { class: "poll", role: "group", "aria-label": poll.question, "data-testid": "poll" },
    h("div", { class: "poll-question" }, poll.question),
    poll.description && h("div", { class: "poll-description" }, poll.description),
    h("div", { class: "poll-kind" }, kindOf(poll)),
    open ? ballot(poll, vote) : results(poll),
    poll.explanation && h("div", { class: "poll-explanation" }, poll.explanation),
    h("div", { class: "poll-foot" }, h("span", {}, totalOf(poll)),
      poll.voted && !poll.closed && poll.revoting &&
        h("button", { type: "button", class: "inline-link", "data-testid": "retract", onclick: () => vote([]) }, "Retract vote")));
}

function kindOf(poll) {
  const kind = poll.closed ? "Final results" : `${poll.anonymous ? "Anonymous " : "Public "}${poll.quiz ? "quiz" : "poll"}`;
  const many = poll.multiple && !poll.closed ? " · several answers" : "";
  const until = poll.closes && !poll.closed ? ` · until ${dayOf(poll.closes)}, ${timeOf(poll.closes)}` : "";
  return kind + many + until;
}

function totalOf(poll) {
  if (!poll.total) return "No votes yet";
  return poll.total === 1 ? "1 vote" : `${poll.total} votes`;
}

function ballot(poll, vote) {
  return poll.multiple ? severalOf(poll, vote) : h("div", { class: "poll-options" }, poll.options.map((option, index) =>
    h("button", { type: "button", class: "poll-option", "data-option": index, onclick: () => vote([index]) },
      h("span", { class: "poll-mark" }), h("span", {}, option.text))));
}

function severalOf(poll, vote) {
  const boxes = poll.options.map((option, index) => h("input", { type: "checkbox", value: index }));
  const cast = h("button", { type: "button", class: "poll-cast", disabled: true, "data-testid": "cast-vote" }, "Vote");
  const chosen = () => boxes.filter((box) => box.checked).map((box) => Number(box.value));
  boxes.forEach((box) => box.addEventListener("change", () => { cast.disabled = !chosen().length; }));
  cast.addEventListener("click", () => vote(chosen()));
  const rows = poll.options.map((option, index) =>
    h("label", { class: "poll-option", "data-option": index }, boxes[index], h("span", {}, option.text)));
  return h("div", { class: "poll-options" }, rows, cast);
}

function results(poll) {
  return h("div", { class: "poll-options" }, poll.options.map((option) => {
    const share = option.count === null ? "" : `${option.share}%`;
    const right = option.right === null ? "" : option.right ? "right" : "wrong";
    return h("div", { class: `poll-result ${option.mine ? "mine" : ""} ${right}`, "data-share": option.share },
      h("span", { class: "poll-share" }, share),
      h("span", { class: "poll-text" }, option.mine ? `${option.text} ✓` : option.text),
      option.count !== null && h("progress", { max: 100, value: option.share, "aria-label": `${option.text}: ${share}` }));
  }));
}
