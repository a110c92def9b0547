// Before the first paint: the theme that was chosen, so that a dark room stays dark.
(() => {
  try {
    const theme = JSON.parse(localStorage.getItem("copilot-api.theme"));
    if (theme === "light" || theme === "dark") document.documentElement.dataset.theme = theme;
  } catch {
    // The system's own preference holds.
  }
})();
