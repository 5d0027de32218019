// What long forms need: how much of a long text is left, lists ticked at once, and a long list that is searched by typing.
(() => {
  "use strict";
  const near = 0.8; // from here on a text says how much is left
  const count = (area) => {
    const most = Number(area.dataset.most);
    const note = area.parentNode.querySelector("[data-left]") || area.insertAdjacentElement("afterend", document.createElement("p"));
    note.dataset.left = "";
    note.className = "help";
    note.setAttribute("aria-live", "polite");
    const left = most - area.value.length;
    note.hidden = area.value.length < most * near;
    note.classList.toggle("field-error", left < 0);
    note.textContent = (left < 0 ? area.dataset.over : area.dataset.leftWords).replace("{n}", Math.abs(left));
  };
  for (const area of document.querySelectorAll("textarea[data-most]")) {
    area.addEventListener("input", () => count(area));
    count(area);
  }
  for (const button of document.querySelectorAll("[data-tick-all]")) {
    const boxes = [...button.closest("fieldset").querySelectorAll("[type=checkbox]")];
    const all = button.textContent;
    const told = () => { button.textContent = boxes.every((box) => box.checked) ? button.dataset.none : all; };
    button.addEventListener("click", () => {
      const ticked = !boxes.every((box) => box.checked);
      for (const box of boxes) box.checked = ticked;
      told();
    });
    button.closest("fieldset").addEventListener("change", told);
    button.hidden = boxes.length < 2;
    told();
  }
  for (const select of document.querySelectorAll("select[data-search]")) {
    const all = [...select.options].map((option) => option.cloneNode(true));
    const input = document.createElement("input");
    input.type = "search";
    input.placeholder = select.dataset.search;
    input.setAttribute("aria-label", select.dataset.search);
    input.autocomplete = "off";
    input.className = "select-search";
    select.before(input);
    input.addEventListener("input", () => {
      const asked = input.value.trim().toLowerCase();
      const chosen = select.value;
      const found = all.filter((option) => !option.value || option.text.toLowerCase().includes(asked) || option.value.toLowerCase() === asked);
      select.replaceChildren(...found.map((option) => option.cloneNode(true)));
      const real = found.filter((option) => option.value);
      select.value = asked && real.length === 1 ? real[0].value : real.some((option) => option.value === chosen) ? chosen : "";
    });
    input.addEventListener("keydown", (event) => {
      if (event.key === "Enter") { event.preventDefault(); select.focus(); }
    });
  }
})();
