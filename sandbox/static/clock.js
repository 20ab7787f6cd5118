// The sandbox's clock, and moving it.

import { act, ask } from "./api.js";
import { formBox, trying } from "./dialogs.js";
import { h } from "./dom.js";
import { clockOf, localOf, secondsOf, ZONE } from "./times.js";

const STEPS = [["+10 min", 600], ["+1 h", 3600], ["+1 day", 86400]];

export class ClockBar {
  constructor(element) {
    this.offset = 0;
    this.frozenAt = null;
    this.face = h("time", { class: "clock-face", title: `The sandbox's time, ${ZONE}`, "data-testid": "clock" });
    const steps = STEPS.map(([label, seconds]) => h("button", { type: "button", class: "quiet step", "data-advance": seconds,
      onclick: () => trying(() => this.move({ advance: seconds })) }, label));
    const to = h("button", { type: "button", class: "quiet step", "data-testid": "clock-to", onclick: () => this.choose() }, "to…");
    element.append(this.face, h("div", { class: "steps", role: "group", "aria-label": "Move the clock" }, steps, to));
    setInterval(() => this.paint(), 1000);
  }

  now() {
    return this.frozenAt ?? Date.now() / 1000 + this.offset;
  }

  show(clock) {
    this.offset = clock.now - Date.now() / 1000;
    this.frozenAt = clock.frozen ? clock.now : null;
    this.paint();
  }

  paint() {
    this.face.textContent = clockOf(this.now());
    this.face.dateTime = new Date(this.now() * 1000).toISOString();
  }

  async move(body) {
    this.show(await act("clock", body));
  }

  async load() {
    this.show(await ask("clock"));
  }

  async choose() {
    const [date, time] = localOf(this.now()).split("T");
    // A text field, for the browser's own may insist on a.m. and p.m.
    const hours = { value: time, required: true, inputmode: "numeric", pattern: "([01][0-9]|2[0-3]):[0-5][0-9]", placeholder: "18:30" };
    const fields = [["date", `Date (${ZONE})`, { type: "date", value: date, required: true }], ["time", "Time, 24 h", hours]];
    const chosen = await formBox("Move the clock to", fields, "Move");
    if (chosen) await trying(() => this.move({ set: secondsOf(`${chosen.date}T${chosen.time}`) }));
  }
}
