// Whoever signs out on any page leaves no day of a driver on this phone; what waits to be sent stays.

import { KeptShelf } from './driver/shelf'

for (const form of document.querySelectorAll<HTMLFormElement>('form[action="/sign-out"]')) {
  form.addEventListener('submit', (event) => {
    event.preventDefault()
    void forget().catch(() => undefined).then(() => form.submit())
  })
}

async function forget(): Promise<void> {
  const known = await indexedDB.databases()
  if (!known.some((base) => base.name === KeptShelf.NAME)) return
  const shelf = await KeptShelf.open()
  await shelf.keepDay(undefined)
  shelf.close()
}
