// What browsers add when scripts run; every page works without.
(() => {
  'use strict'
  document.documentElement.classList.add('js')

  // Show and hide a password.
  const show = (button) => {
    const input = document.getElementById(button.dataset.mostra)
    const shown = input.type === 'password'
    input.type = shown ? 'text' : 'password'
    button.setAttribute('aria-pressed', String(shown))
    const use = button.querySelector('use')
    use.setAttribute('href', use.getAttribute('href').replace(/#.*/, shown ? '#it-password-invisible' : '#it-password-visible'))
  }

  // Copy a datum of a notice, and say so.
  const copy = async (button) => {
    const said = document.getElementById('copiato')
    try {
      await navigator.clipboard.writeText(button.dataset.copia)
      said.textContent = 'Copiato: ' + button.dataset.nome
      said.className = 'alert alert-success'
    } catch {
      said.textContent = 'Il browser non permette di copiare: seleziona il testo a mano'
      said.className = 'alert alert-warning'
    }
  }

  document.addEventListener('click', (event) => {
    const button = event.target.closest('[data-mostra], [data-copia]')
    if (!button) return
    if (button.dataset.mostra) show(button)
    else copy(button)
  })

  // A page that nobody looks at asks for no news.
  document.addEventListener('htmx:before:request', (event) => {
    if (document.hidden && event.target.matches('[hx-trigger^="every"]')) event.preventDefault()
  })

  // A box that goes away while it has the focus leaves it to its table.
  let focused
  document.addEventListener('focusin', (event) => { focused = event.target })
  document.addEventListener('htmx:after:swap', () => {
    if (document.activeElement === document.body && focused && !focused.isConnected) document.getElementById('bollettini')?.focus()
  })

  // Two minutes before the session ends, ask; when it has ended, go and log in.
  const dialog = document.getElementById('sessione')
  if (!dialog) return
  const warning = 120
  let asking, ending
  const last = (seconds) => {
    clearTimeout(asking)
    clearTimeout(ending)
    asking = setTimeout(() => dialog.open || dialog.showModal(), Math.max(0, seconds - warning) * 1000)
    ending = setTimeout(leave, seconds * 1000)
  }
  const leave = () => location.replace('/accesso?scaduta=1&torna=' + encodeURIComponent(dialog.dataset.torna))
  const renewed = (headers) => {
    const seconds = Number(headers?.get('Saldo-Sessione'))
    if (seconds > 0) last(seconds)
  }
  const stay = async () => {
    try {
      const answer = await fetch('/sessione', { method: 'POST', redirect: 'error' })
      if (answer.ok) renewed(answer.headers)
    } catch {
      leave() // over, or out of reach: the next page tells
    }
  }
  dialog.addEventListener('close', stay) // the button and Esc alike
  dialog.querySelector('[data-sessione]').addEventListener('click', () => dialog.close())
  document.addEventListener('htmx:after:request', (event) => renewed(event.detail.ctx?.response?.headers))
  last(Number(dialog.dataset.resta))
})()
