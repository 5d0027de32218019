// The editor of a policy's files: line numbers, colours, indenting with Tab, Ctrl+S, jumping to a finding's line.
// Without this script it is an ordinary text field that is saved by its button.
(() => {
  "use strict";
  const box = document.querySelector("[data-editor]");
  if (!box) return;
  const text = box.querySelector("textarea"), gutter = box.querySelector(".editor-gutter"), colours = box.querySelector(".editor-colours");
  const LINE = 20; // pixels; the sheet sets the same line height
  let wrong = new Set(), drawn = -1;

  const lines = () => text.value.split("\n");
  const lineOf = (position) => text.value.slice(0, position).split("\n").length;

  // One pass over the text: comments, keys and quoted words; everything is written as text, never as markup.
  const TOKEN = /(#[^\n]*)|("(?:[^"\\\n]|\\.)*"|'[^'\n]*')(?=\s*(:)?)|([A-Za-z_][\w.-]*)(?=:(?:\s|$))/gm;
  const paint = () => {
    const parts = document.createDocumentFragment();
    let last = 0;
    for (const match of text.value.matchAll(TOKEN)) {
      const isComment = match[1] !== undefined;
      if (isComment && match.index > 0 && !/[\s]/.test(text.value[match.index - 1])) continue;
      if (match.index < last) continue;
      parts.append(text.value.slice(last, match.index));
      const word = document.createElement("span");
      word.className = isComment ? "code-comment" : match[4] !== undefined || match[3] ? "code-key" : "code-string";
      word.textContent = match[0];
      parts.append(word);
      last = match.index + match[0].length;
    }
    parts.append(text.value.slice(last) + "\n");
    colours.replaceChildren(parts);
  };
  const number = (force) => {
    const count = lines().length;
    if (count === drawn && !force) return;
    drawn = count;
    const parts = document.createDocumentFragment();
    for (let n = 1; n <= count; n += 1) {
      if (wrong.has(n)) {
        const mark = document.createElement("span");
        mark.className = "is-wrong";
        mark.textContent = n;
        parts.append(mark, "\n");
      } else parts.append(`${n}\n`);
    }
    gutter.replaceChildren(parts);
  };
  const follow = () => {
    gutter.style.transform = `translateY(${-text.scrollTop}px)`;
    colours.style.transform = `translate(${-text.scrollLeft}px, ${-text.scrollTop}px)`;
  };
  let asked = 0;
  const draw = () => { cancelAnimationFrame(asked); asked = requestAnimationFrame(() => { paint(); number(false); follow(); }); };
  const mark = (list) => { wrong = new Set((list || "").split(",").filter(Boolean).map(Number)); number(true); };

  const goTo = (line) => {
    const all = lines(), at = all.slice(0, line - 1).reduce((sum, each) => sum + each.length + 1, 0);
    text.focus();
    text.setSelectionRange(at, at + (all[line - 1] || "").length);
    text.scrollTop = Math.max(0, (line - 6) * LINE);
    text.scrollLeft = 0;
    follow();
  };

  // Tab indents, Shift+Tab the other way; after Escape it leaves the text, so that nobody is caught.
  let leaving = false;
  const change = (from, to, words) => {
    text.setSelectionRange(from, to);
    // The one way in that keeps the browser's undo; where it is gone, the words are put in all the same.
    if (!document.execCommand("insertText", false, words)) {
      text.setRangeText(words, from, to, "end");
      text.dispatchEvent(new Event("input", { bubbles: true }));
    }
  };
  text.addEventListener("keydown", (event) => {
    if (event.key === "Escape") { leaving = true; return; }
    if (event.key === "s" && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      text.form.querySelector("[data-save]").click();
      return;
    }
    if (event.key === "Enter" && !event.ctrlKey && !event.metaKey && !event.isComposing) {
      const start = text.value.lastIndexOf("\n", text.selectionStart - 1) + 1;
      const indent = /^ */.exec(text.value.slice(start, text.selectionStart))[0];
      if (indent) { event.preventDefault(); change(text.selectionStart, text.selectionEnd, `\n${indent}`); }
    }
    if (event.key !== "Tab" || leaving || event.ctrlKey || event.altKey) { if (event.key !== "Tab") leaving = false; return; }
    event.preventDefault();
    const first = text.value.lastIndexOf("\n", text.selectionStart - 1) + 1, end = text.selectionEnd;
    if (text.selectionStart === end && !event.shiftKey) { change(end, end, "  "); return; }
    const block = text.value.slice(first, end);
    const moved = event.shiftKey ? block.replace(/^ {1,2}/gm, "") : block.replace(/^(?=.)/gm, "  ");
    if (moved === block) return;
    change(first, end, moved);
    text.setSelectionRange(first, first + moved.length);
  });
  text.addEventListener("blur", () => { leaving = false; });
  text.addEventListener("input", draw);
  text.addEventListener("scroll", follow, { passive: true });
  document.addEventListener("click", (event) => {
    const link = event.target.closest("[data-line][data-file]");
    if (!link || link.dataset.file !== text.form.querySelector("[name=file]").value) return;
    event.preventDefault();
    goTo(Number(link.dataset.line));
  });
  document.addEventListener("htmx:afterSwap", () => {
    const findings = document.getElementById("findings");
    if (findings) mark(findings.dataset.lines);
  });

  box.classList.add("is-live");
  paint();
  mark(box.dataset.lines);
  follow();
  const asks = Number(new URLSearchParams(location.search).get("line"));
  if (asks) goTo(asks);
})();
