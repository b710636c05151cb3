// What scripts add to the auditors' pages: the event changes without loading the page,
// and history can be played. Everything works without.
(() => {
  'use strict'
  const waits = document.querySelector('[data-aspetta]')
  if (waits) setTimeout(() => location.reload(), Number(waits.dataset.aspetta) * 1000)

  const range = document.getElementById('cursore')
  const place = document.getElementById('passo')
  if (!range || !place) return
  const number = document.getElementById('seq')
  const said = document.getElementById('detto')
  const total = Number(range.max)
  const button = document.getElementById('avvia')
  const pace = document.getElementById('ritmo')
  let playing = 0
  let asked = 0

  const address = (seq) => {
    const url = new URL(location.href)
    url.searchParams.delete('data')
    url.searchParams.delete('posizione')
    url.searchParams.set('seq', seq)
    return url
  }
  const leads = (id, seq, there) => {
    const link = document.getElementById(id)
    if (there) {
      link.href = address(seq)
      link.removeAttribute('aria-disabled')
      link.removeAttribute('role')
    } else {
      link.removeAttribute('href')
      link.setAttribute('aria-disabled', 'true')
      link.setAttribute('role', 'link')
    }
  }
  const tell = () => { said.textContent = place.querySelector('.passo').dataset.detto }

  // Open an event: only the answer to the last question is shown.
  const open = async (seq) => {
    const question = ++asked
    const url = address(seq)
    const answer = await fetch(url, { headers: { 'HX-Request': 'true' } })
    const text = answer.ok ? await answer.text() : ''
    if (!text.includes('class="passo"')) { location.assign(url); return false } // to log in again, or to wait
    if (question !== asked) return true
    const opened = [...place.querySelectorAll('details')].map((d) => d.open)
    place.innerHTML = text
    place.querySelectorAll('details').forEach((d, i) => { d.open = opened[i] ?? false })
    history.replaceState(null, '', url)
    range.value = number.value = seq
    leads('primo', 1, seq > 1)
    leads('precedente', seq - 1, seq > 1)
    leads('successivo', seq + 1, seq < total)
    leads('ultimo', total, seq < total)
    if (!playing) tell()
    return true
  }

  range.addEventListener('input', () => open(Number(range.value)))
  range.addEventListener('keydown', (event) => {
    const step = { PageUp: 100, PageDown: -100 }[event.key]
    if (!step) return
    event.preventDefault()
    open(Math.min(total, Math.max(1, Number(range.value) + step)))
  })

  const calm = matchMedia('(prefers-reduced-motion: reduce)')
  const stop = () => {
    clearTimeout(playing)
    playing = 0
    button.textContent = 'Riproduci'
    button.setAttribute('aria-pressed', 'false')
    tell()
  }
  const step = async () => {
    const began = performance.now()
    const seq = Number(range.value)
    if (seq >= total || !await open(seq + 1)) return stop()
    if (playing) playing = setTimeout(step, Math.max(0, 1000 / Number(pace.value) - (performance.now() - began)))
  }
  button.addEventListener('click', () => {
    if (playing) return stop()
    button.textContent = 'Ferma'
    button.setAttribute('aria-pressed', 'true')
    playing = setTimeout(step, 0)
  })
  const show = () => {
    if (calm.matches && playing) stop()
    document.getElementById('riproduci').hidden = calm.matches
  }
  calm.addEventListener('change', show)
  show()
})()
