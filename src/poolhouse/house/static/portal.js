// The home page: the list follows what is typed; without script the button does it.
"use strict";
(() => {
  for (const input of document.querySelectorAll("[data-filters]")) {
    const list = document.getElementById(input.dataset.filters);
    if (!list) continue;
    const none = document.getElementById(`${list.id}-none`);
    input.addEventListener("input", () => {
      const words = input.value.toLowerCase().split(/\s+/).filter(Boolean);
      let left = 0;
      for (const item of list.children) {
        const text = item.textContent.toLowerCase();
        item.hidden = !words.every((word) => text.includes(word));
        left += item.hidden ? 0 : 1;
      }
      none.hidden = left > 0;
    });
  }
})();
