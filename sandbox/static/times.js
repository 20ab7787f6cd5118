// Times as people read them: 24 hours, in the zone of ?tz= or of this browser.

export const ZONE = new URLSearchParams(location.search).get("tz") || Intl.DateTimeFormat().resolvedOptions().timeZone;
const LANGUAGE = "en-GB";

function formatter(options) {
  const shape = new Intl.DateTimeFormat(LANGUAGE, { timeZone: ZONE, hourCycle: "h23", ...options });
  return (seconds) => shape.format(new Date(seconds * 1000));
}

export const timeOf = formatter({ hour: "2-digit", minute: "2-digit" });
export const dayOf = formatter({ weekday: "short", day: "numeric", month: "long" });
export const shortDayOf = formatter({ day: "2-digit", month: "2-digit" });
export const clockOf = formatter({ weekday: "short", day: "numeric", month: "short", hour: "2-digit", minute: "2-digit" });
const dateKey = formatter({ year: "numeric", month: "2-digit", day: "2-digit" });

export function sameDay(one, other) {
  return dateKey(one) === dateKey(other);
}

export function whenOf(seconds, now) {
  return sameDay(seconds, now) ? timeOf(seconds) : shortDayOf(seconds);
}

// "2026-11-22T09:30" in ZONE, for an <input type=datetime-local>; and back to seconds.
export function localOf(seconds) {
  const parts = new Intl.DateTimeFormat("sv-SE", {
    timeZone: ZONE, year: "numeric", month: "2-digit", day: "2-digit", hour: "2-digit", minute: "2-digit",
  });
  return parts.format(new Date(seconds * 1000)).replace(" ", "T");
}

export function secondsOf(local) {
  const wanted = Date.parse(`${local}:00Z`) / 1000;
  const shown = Date.parse(`${localOf(wanted)}:00Z`) / 1000;
  return wanted - (shown - wanted);
}
