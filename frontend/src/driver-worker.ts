// The service worker of the driver's page: it keeps the page and its files, so that they open without a network. What
// is about people never lies here; the page keeps it apart, and sends it itself. Where a browser wakes this worker now and
// then, it sees to it that addresses do not outlast their time also while nobody opens the page.

import { KeptShelf } from './driver/shelf'

interface Kept { version: string; files: string[] }
const worker = self as unknown as ServiceWorkerGlobalScope & { KEPT: Kept }

const SHELL = '/driver/shell'
const cacheName = `driver-${worker.KEPT.version}`

worker.addEventListener('install', (event) => {
  event.waitUntil(caches.open(cacheName).then((cache) => cache.addAll(worker.KEPT.files)).then(() => worker.skipWaiting()))
})

worker.addEventListener('activate', (event) => {
  event.waitUntil(tidy().then(() => worker.clients.claim()))
})

worker.addEventListener('fetch', (event) => {
  const { request } = event
  const { pathname } = new URL(request.url)
  if (request.method !== 'GET') return
  if (request.mode === 'navigate' && /^\/driver\/?$/.test(pathname)) event.respondWith(kept(SHELL, request))
  else if (pathname.startsWith('/static/')) event.respondWith(kept(pathname, request))
})

worker.addEventListener('periodicsync', (event) => {
  ;(event as ExtendableEvent).waitUntil(forget())
})

async function forget(): Promise<void> {
  const shelf = await KeptShelf.open()
  await shelf.day()
  shelf.close()
}

async function kept(path: string, request: Request): Promise<Response> {
  const cache = await caches.open(cacheName)
  return (await cache.match(path)) ?? fetch(request)
}

async function tidy(): Promise<void> {
  const old = (await caches.keys()).filter((name) => name.startsWith('driver-') && name !== cacheName)
  await Promise.all(old.map((name) => caches.delete(name)))
}
