// theme.js: dark or light as the system has it, until a person chooses. Loaded before the first
// paint, and so not a module.
(function () {
  const root = document.documentElement;
  const kept = () => {
    try {
      return localStorage.getItem("navvy.theme");
    } catch {
      return null; // storage is forbidden here: the system decides
    }
  };
  const choose = (theme) => {
    if (theme) root.dataset.theme = theme;
    else delete root.dataset.theme;
    try {
      if (theme) localStorage.setItem("navvy.theme", theme);
      else localStorage.removeItem("navvy.theme");
    } catch {
      // it then lasts as long as the page
    }
  };
  const isDark = () =>
    root.dataset.theme
      ? root.dataset.theme === "dark"
      : matchMedia("(prefers-color-scheme: dark)").matches;
  window.navvyTheme = { toggle: () => choose(isDark() ? "light" : "dark"), isDark };
  const theme = kept();
  if (theme === "dark" || theme === "light") choose(theme);
})();
