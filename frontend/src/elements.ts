// The elements of the pages. Each is loaded by the pages that have it; all of them work on what the server has written
// into the page, which can be read without them.

const elements: Record<string, () => Promise<unknown>> = {
  'ds-map': () => import('./map'),
  'ds-live': () => import('./live'),
  'ds-timeline': () => import('./timeline'),
  '.desk, .move': () => import('./dispatch'),
  'ds-driver': () => import('./driver'),
  'ds-ring': () => import('./ring'),
  'ds-scan': () => import('./scan'),
  'ds-sound': () => import('./sound'),
  'ds-ticks': () => import('./ticks'),
}

for (const [name, load] of Object.entries(elements)) {
  if (document.querySelector(name)) void load()
}
if (document.querySelector('form[action="/sign-out"]') && !document.querySelector('ds-driver')) void import('./leaving')
document.documentElement.dataset['elements'] = 'on'
