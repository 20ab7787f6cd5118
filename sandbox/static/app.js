// The page: one or two screens, the clock, and news from the sandbox.

import { listen } from "./api.js";
import { ClockBar } from "./clock.js";
import { toast } from "./dialogs.js";
import { loadCast } from "./picker.js";
import { Screen } from "./screen.js";

const page = {
  clock: new ClockBar(document.getElementById("clock")),
  panes: document.getElementById("panes"),
  split: document.getElementById("split"),
  screens: {},
  people: [],
  loadedAt: 0,
};
const LARGE_CAST = 300;
const CAST_EVERY = 5000;

function wanted() {
  const query = new URLSearchParams(location.search);
  const number = (name) => (query.get(name) ? Number(query.get(name)) : null);
  return { left: number("left"), right: number("right"), leftChat: number("leftchat"), rightChat: number("rightchat") };
}

// The address always tells what is shown, so that it can be shared and reloaded.
function remember() {
  const query = new URLSearchParams(location.search);
  for (const side of ["left", "right"]) {
    const screen = page.screens[side];
    const set = (name, value) => (value ? query.set(name, value) : query.delete(name));
    set(side, screen?.personId);
    set(`${side}chat`, screen?.chatId);
  }
  history.replaceState(null, "", `${location.pathname}?${query}`);
}

function addScreen(side) {
  const screen = new Screen(side, remember);
  page.screens[side] = screen;
  page.panes.append(screen.element);
  return screen;
}

function showSplit() {
  const two = Boolean(page.screens.right);
  page.split.setAttribute("aria-pressed", String(two));
  page.panes.classList.toggle("two", two);
}

async function toggleSplit() {
  if (page.screens.right) {
    page.screens.right.element.remove();
    delete page.screens.right;
  } else {
    const other = page.people.find((person) => person.id !== page.screens.left.personId);
    await addScreen("right").become(other?.id ?? null);
    await repaint();
    page.screens.right.element.scrollIntoView({ inline: "start" });
  }
  showSplit();
  remember();
}

// Everybody's counters are news each time in a small cast, and too much of it in a large one.
async function loadPeople() {
  const rest = page.people.length > LARGE_CAST ? CAST_EVERY : 0;
  if (Date.now() - page.loadedAt < rest) return;
  page.loadedAt = Date.now();
  page.people = await loadCast();
}

async function repaint() {
  await loadPeople();
  const nobody = page.screens.left.personId === null && page.people.length;
  if (nobody) page.screens.left.personId = page.people[0].id;
  await Promise.all(Object.values(page.screens).map((screen) => screen.refresh(page.people)));
  const state = page.screens.left.state;
  if (state) {
    page.clock.show(state.clock);
    document.title = `${state.bot.name} · Sandbox`;
  }
}

async function begin() {
  const at = wanted();
  page.people = await loadCast();
  const first = addScreen("left");
  first.picker.people = page.people;
  await first.become(at.left ?? page.people[0]?.id ?? null, at.leftChat);
  if (at.right !== null) {
    const second = addScreen("right");
    second.picker.people = page.people;
    await second.become(at.right, at.rightChat);
  }
  showSplit();
  await page.clock.load();
  page.split.addEventListener("click", toggleSplit);
  document.addEventListener("visibilitychange", () => { if (!document.hidden) repaint(); });
  let lost = false;
  listen(() => {
    if (lost) toast("The sandbox is back.");
    lost = false;
    repaint();
  }, () => {
    if (!lost) toast("The sandbox is away; waiting for it.", "bad");
    lost = true;
  });
}

begin();
