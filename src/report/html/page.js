"use strict";
(() => {
  const form = document.querySelector("form");
  const all = [...document.querySelectorAll("article")];
  if (!form || all.length === 0) return;
  const text = new Map(all.map((one) => [one, one.textContent.toLowerCase()]));
  const count = document.getElementById("count");
  const show = () => {
    const words = form.elements.search.value.toLowerCase().split(/\s+/).filter(Boolean);
    const rule = form.elements.rule.value;
    const levels = new Set([...form.querySelectorAll("input[name=level]:checked")].map((box) => box.value));
    let shown = 0;
    for (const one of all) {
      const fits = levels.has(one.dataset.level) && (rule === "" || rule === one.dataset.rule) && words.every((word) => text.get(one).includes(word));
      one.hidden = !fits;
      shown += fits ? 1 : 0;
    }
    count.textContent = `${shown} of ${all.length} shown`;
  };
  const open = (state) => all.forEach((one) => { if (!one.hidden) one.firstElementChild.open = state; });
  form.addEventListener("input", show);
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("reset", () => setTimeout(show));
  document.getElementById("open").addEventListener("click", () => open(true));
  document.getElementById("close").addEventListener("click", () => open(false));
  const light = (event, on) => {
    const step = event.target.closest?.(".steps li");
    if (step) document.getElementById(step.dataset.step)?.classList.toggle("here", on);
  };
  for (const name of ["pointerover", "focusin"]) document.addEventListener(name, (event) => light(event, true));
  for (const name of ["pointerout", "focusout"]) document.addEventListener(name, (event) => light(event, false));
  // What is folded away would be missing on paper.
  let closed = [];
  addEventListener("beforeprint", () => {
    closed = all.filter((one) => !one.firstElementChild.open);
    closed.forEach((one) => { one.firstElementChild.open = true; });
  });
  addEventListener("afterprint", () => closed.forEach((one) => { one.firstElementChild.open = false; }));
  form.hidden = false;
  show();
})();
