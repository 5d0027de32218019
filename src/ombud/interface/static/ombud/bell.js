// The bell knows of a new notice within fifteen seconds, on every page of the desk that somebody looks at.
(() => {
  "use strict";
  const { all } = window.ombud;
  const shell = document.querySelector("[data-bell]");
  if (!shell) return;
  const EVERY = 15000;
  let stamp = "", asked = 0, isOver = false;

  const show = (unread) => {
    for (const count of all("[data-count=notices]")) {
      count.textContent = unread;
      count.hidden = !unread;
      count.classList.add("count-accent");
    }
  };
  const ask = async () => {
    if (document.hidden || isOver || Date.now() - asked < 2000) return;
    asked = Date.now();
    try {
      const answer = await fetch(`${shell.dataset.bell}?stamp=${encodeURIComponent(stamp)}`);
      isOver = answer.status === 401; // what then is said of the session is said elsewhere
      if (answer.status !== 200) return;
      const told = await answer.json();
      stamp = told.stamp;
      show(told.unread);
    } catch { /* away for a moment: asked again */ }
  };
  setInterval(ask, EVERY);
  document.addEventListener("visibilitychange", ask);
})();
