// Before the first paint: the theme that was chosen here, unless the page fixes one.
try {
  const root = document.documentElement, chosen = localStorage.getItem("theme");
  if (!root.dataset.theme && (chosen === "light" || chosen === "dark")) root.dataset.theme = chosen;
} catch { /* storage is refused: the system's theme stays */ }
