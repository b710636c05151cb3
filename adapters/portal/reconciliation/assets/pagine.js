// Keys of the reconciliation officers: arrows between rows, Enter opens, C confirms. They
// can be switched off (WCAG 2.1.4), and the choice is kept in this browser. Everything
// works without.
(() => {
  'use strict'
  const rows = [...document.querySelectorAll('[data-righe] tbody tr')]
  const confirms = document.querySelector('[data-tasto="c"]')
  const place = document.getElementById('tasti')
  if (!place) return
  const box = document.getElementById('tasti-attivi')
  const kept = 'saldo-tasti-riconciliazione'
  const remembered = () => { try { return localStorage.getItem(kept) } catch { return null } }
  box.checked = remembered() !== 'no'
  box.addEventListener('change', () => { try { localStorage.setItem(kept, box.checked ? 'si' : 'no') } catch { /* private browsing */ } })
  place.hidden = false

  const link = (row) => row.querySelector('th a[href], td a[href]')
  const linked = rows.filter(link)
  const writing = (element) => element.closest('input, select, textarea, [contenteditable]')

  // The row that the focus is in, by its link; -1 for none.
  const current = () => linked.findIndex((row) => row.contains(document.activeElement))
  const go = (to) => {
    const row = linked[Math.min(linked.length - 1, Math.max(0, to))]
    link(row).focus()
    row.scrollIntoView({ block: 'nearest' })
  }

  document.addEventListener('keydown', (event) => {
    if (!box.checked || event.ctrlKey || event.altKey || event.metaKey || event.shiftKey || writing(event.target) || document.querySelector('dialog[open]')) return
    if ((event.key === 'ArrowDown' || event.key === 'ArrowUp') && linked.length) {
      event.preventDefault()
      const at = current()
      go(at < 0 ? 0 : at + (event.key === 'ArrowDown' ? 1 : -1))
    } else if (event.key.toLowerCase() === 'c' && confirms) {
      event.preventDefault()
      confirms.focus()
      confirms.click()
    }
  })
})()
