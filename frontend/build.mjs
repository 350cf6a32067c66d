// Bundles the elements of the pages into the package; with --tests, the tests into built-tests/.
import { build } from 'esbuild'
import { copyFileSync, mkdirSync, readdirSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const here = dirname(fileURLToPath(import.meta.url))
const common = { bundle: true, format: 'esm', target: 'es2022', logLevel: 'warning', absWorkingDir: here }

if (process.argv.includes('--tests')) {
  const tests = readdirSync(join(here, 'test')).filter((name) => name.endsWith('.test.ts'))
  rmSync(join(here, 'built-tests'), { recursive: true, force: true })
  await build({ ...common, platform: 'node', entryPoints: tests.map((name) => `test/${name}`), outdir: 'built-tests' })
} else {
  const out = join(here, '..', 'src', 'doorstep', 'console', 'static', 'built')
  rmSync(out, { recursive: true, force: true })
  mkdirSync(out, { recursive: true })
  // The elements come in one small file; each large part is loaded by the pages that use it.
  await build({ ...common, entryPoints: ['src/elements.ts'], outdir: out, splitting: true, minify: true, chunkNames: '[name]-[hash]', legalComments: 'external' })
  // A service worker is one file: it knows which files to keep from the server, which puts that before it.
  await build({ ...common, entryPoints: ['src/driver-worker.ts'], outdir: out, minify: true, format: 'iife' })
  const maplibre = join(dirname(createRequire(import.meta.url).resolve('maplibre-gl/package.json')), 'dist')
  await build({ ...common, entryPoints: { 'map-worker': join(maplibre, 'maplibre-gl-worker.mjs') }, outdir: out, minify: true, legalComments: 'external' })
  copyFileSync(join(maplibre, 'maplibre-gl.css'), join(out, 'map.css'))
}
