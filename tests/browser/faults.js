// What is wrong with what the phone shows, in words: too wide, cut off, or on more lines than it would get in Telegram.
() => {
  const faults = [];
  const areas = [document.scrollingElement, ...document.querySelectorAll(
    ".bar, .chat-head, .chats, .people, .log, .bubble, .composer-area, .commands, .menu, dialog")];
  for (const area of areas) {
    const name = area.className || area.tagName;
    if (area.scrollWidth > Math.min(area.clientWidth, innerWidth)) faults.push(`${name} is ${area.scrollWidth} wide`);
  }

  // The rectangles of a text, one for each line it stands on.
  const linesOf = (text, from, to) => {
    const range = document.createRange();
    range.setStart(text, from);
    range.setEnd(text, to);
    return [...range.getClientRects()];
  };

  for (const button of document.querySelectorAll("button.key, button.step, button.quiet, button.primary")) {
    const box = button.getBoundingClientRect();
    const texts = document.createTreeWalker(button, NodeFilter.SHOW_TEXT);
    while (texts.nextNode()) {
      const lines = linesOf(texts.currentNode, 0, texts.currentNode.length);
      const left = Math.max(box.left, 0), right = Math.min(box.right, innerWidth);
      const isCut = lines.some((line) => line.left < left || line.right > right || line.bottom > box.bottom);
      if (isCut) faults.push(`“${button.textContent}” is cut off`);
      // Telegram gives a label one line and cuts off the rest of it.
      if (new Set(lines.map((line) => line.top)).size > 1) faults.push(`“${button.textContent}” is too long for its row`);
    }
  }
  return faults;
}
