// The school office's pages. Everything works without this script.
document.addEventListener('click', (event) => {
  if (event.target.closest('[data-stampa]')) window.print()
})
