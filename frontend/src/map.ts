// <ds-map src every watch-src moving-src moving-every bounds>: sites, routes, stops on a map of our own layers, and vehicles as they are watched, or
// asked for where they cannot be; nothing is asked of other servers unless the page names tiles. It begins at the bounds (west, south, east, north).
// What is selected is told by a "pick" event and by the attribute `selected` (a route).

import { AttributionControl, Map as GlMap, NavigationControl, Popup, setWorkerUrl } from 'maplibre-gl'
import type { ExpressionSpecification, GeoJSONSource, LayerSpecification, MapGeoJSONFeature, StyleSpecification } from 'maplibre-gl'
import { changesOf, stated } from './changes'
import { drawn } from './marks'
import { Vehicles, watch } from './moves'
import { ask, say } from './page'

type Collection = GeoJSON.FeatureCollection
interface Layers {
  bounds?: [number, number, number, number]
  areas?: Collection
  lines?: Collection
  stops?: Collection
  sites?: Collection
  vehicles?: Collection
}
const SOURCES = ['areas', 'lines', 'stops', 'sites', 'vehicles'] as const
const KNOWN_BY: Record<string, string> = { lines: 'route', stops: 'delivery', vehicles: 'n' }
const EMPTY: Collection = { type: 'FeatureCollection', features: [] }

function token(name: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim()
}

/** Return the colour of a feature by its mode, or by its state where that is not in order. */
function colour(): ExpressionSpecification {
  return [
    'match', ['get', 'state'],
    'late', token('late'), 'at_risk', token('at-risk'), 'done', token('done'), 'failed', token('late'),
    ['match', ['get', 'mode'],
      'contractor', token('contractor'), 'on_demand', token('third'), 'parcel_carrier', token('parcel'),
      'pickup', token('pickup'), 'locker', token('locker'), 'drone', token('drone'), token('own')],
  ]
}

function style(tiles: string | null, streets: string | null): StyleSpecification {
  const hues = [1, 2, 3, 4, 5, 6, 7, 8, 9].flatMap((n) => [n, token(`hue-${n}`)] as [number, string])
  const hue = ['match', ['%', ['coalesce', ['get', 'hue'], 0], 10], ...hues, token('hue-0')] as unknown as ExpressionSpecification
  const base: LayerSpecification[] = [{ id: 'ground', type: 'background', paint: { 'background-color': token('surface-2') } }]
  if (tiles) base.push({ id: 'tiles', type: 'raster', source: 'tiles' })
  if (streets) base.push({ id: 'streets', type: 'line', source: 'streets', 'source-layer': 'streets', layout: { 'line-cap': 'round', 'line-join': 'round' },
    paint: { 'line-color': token('line-strong'), 'line-width': ['interpolate', ['exponential', 1.6], ['zoom'], 9, ['/', ['get', 'kmh'], 70], 16, ['/', ['get', 'kmh'], 6]] } })
  return {
    version: 8,
    sources: {
      ...Object.fromEntries(SOURCES.map((name) => [name, { type: 'geojson' as const, data: EMPTY, ...(KNOWN_BY[name] ? { promoteId: KNOWN_BY[name] } : {}) }])),
      ...(streets ? { streets: { type: 'vector' as const, tiles: [location.origin + streets], maxzoom: 14 } } : {}),
      ...(tiles ? { tiles: { type: 'raster' as const, tiles: [tiles], tileSize: 256 } } : {}),
    },
    layers: [
      ...base,
      { id: 'areas', type: 'fill', source: 'areas', paint: { 'fill-color': hue, 'fill-opacity': ['coalesce', ['get', 'weight'], 0.25] } },
      { id: 'area-lines', type: 'line', source: 'areas', paint: { 'line-color': hue, 'line-opacity': 0.5 } },
      { id: 'lines', type: 'line', source: 'lines', layout: { 'line-cap': 'round', 'line-join': 'round' },
        paint: { 'line-color': ['match', ['get', 'state'], 'late', token('late'), 'done', token('done'), token('own')], 'line-width': ['coalesce', ['get', 'width'], 2], 'line-opacity': 0.55 } },
      { id: 'stops', type: 'circle', source: 'stops', maxzoom: 13,
        paint: { 'circle-radius': ['interpolate', ['linear'], ['zoom'], 8, 2, 12, 4.5], 'circle-color': colour(),
          'circle-stroke-color': token('halo'), 'circle-stroke-width': 1 } },
      { id: 'numbers', type: 'symbol', source: 'stops', minzoom: 13,
        layout: { 'icon-image': ['concat', 'stop/', ['get', 'state'], '/', ['to-string', ['get', 'number']]],
          'icon-allow-overlap': true, 'icon-size': 0.5 } },
      { id: 'sites', type: 'symbol', source: 'sites',
        layout: { 'icon-image': ['concat', 'site/', ['get', 'kind']], 'icon-allow-overlap': true, 'icon-size': 0.5 } },
      { id: 'vehicles', type: 'symbol', source: 'vehicles',
        layout: { 'icon-image': ['concat', 'vehicle/', ['get', 'state'], '/', ['get', 'mode']],
          'icon-rotate': ['coalesce', ['get', 'bearing'], 0], 'icon-rotation-alignment': 'map', 'icon-allow-overlap': true,
          'icon-size': 0.5 } },
    ],
  }
}

export class LiveMap extends HTMLElement {
  static observedAttributes = ['selected']
  private map: GlMap | undefined
  private timers: number[] = []
  private leave: (() => void) | undefined
  private watching = false
  private told = false
  private fitted = false
  private readonly dark = matchMedia('(prefers-color-scheme: dark)')
  private shown: Layers = {}
  private held: Layers = {}

  connectedCallback(): void {
    const link = Object.assign(document.createElement('link'), { rel: 'stylesheet', href: this.getAttribute('style-src') ?? '' })
    document.head.append(link)
    setWorkerUrl(this.getAttribute('worker') ?? '')
    const place = document.createElement('div')
    place.className = 'map-place'
    this.append(place)
    const map = new GlMap({
      container: place, style: this.look(), attributionControl: false, fadeDuration: 0,
      locale: { 'Map.Title': this.getAttribute('name') ?? 'Map' },
      ...this.start(), dragRotate: false, pitchWithRotate: false,
    })
    this.map = map
    map.touchZoomRotate.disableRotation()
    map.addControl(new NavigationControl({ showCompass: false }), 'top-right')
    const credit = this.getAttribute('tiles-credit')
    if (credit) map.addControl(new AttributionControl({ customAttribution: credit }))
    map.setMissingStyleImageResolver((id) => {
      const image = drawn(id, token)
      if (image && !map.hasImage(id)) map.addImage(id, image)
    })
    map.on('load', () => void this.begin(map))
    map.on('idle', () => { if (this.told) this.dataset['idle'] = 'yes' })
    this.hearPicks(map)
    this.dark.addEventListener('change', () => this.repaint())
    this.timers = [['src', 'every'], ['moving-src', 'moving-every']].flatMap(([src = '', every = '']) => {
      const seconds = Number(this.getAttribute(every) ?? '0')
      return seconds ? [window.setInterval(() => void this.renew(src), seconds * 1000)] : []
    })
  }

  disconnectedCallback(): void {
    this.timers.forEach((timer) => window.clearInterval(timer))
    this.leave?.()
    this.map?.remove()
  }

  private look(): StyleSpecification {
    return style(this.getAttribute('tiles'), this.getAttribute('streets'))
  }

  /** Return where the map begins: all of its page's places, or the whole country where it does not know them. */
  private start(): { bounds: [number, number, number, number]; fitBoundsOptions: object } | { center: [number, number]; zoom: number } {
    const [west, south, east, north] = (this.getAttribute('bounds') ?? '').split(',').map(Number)
    if (west === undefined || south === undefined || east === undefined || north === undefined) return { center: [-98, 39], zoom: 3.5 }
    return { bounds: [west, south, east, north], fitBoundsOptions: { padding: 40, maxZoom: 15 } }
  }

  private async begin(map: GlMap): Promise<void> {
    await this.renew()
    this.told = true
    map.triggerRepaint()
    const src = this.getAttribute('watch-src')
    if (!src) return this.renew('moving-src')
    const vehicles = new Vehicles()
    this.leave = watch(src, (frame) => {
      this.watching = true
      this.show({ vehicles: vehicles.hear(frame) })
      delete this.dataset['stale']
    }, () => (this.watching = false))
  }

  attributeChangedCallback(): void {
    this.select()
  }

  /** Fetch what an attribute names and show it. */
  async renew(attribute = 'src'): Promise<void> {
    const src = this.getAttribute(attribute)
    if (!src || document.hidden || (attribute === 'moving-src' && this.watching)) return
    try {
      this.show(await ask<Layers>(src))
      delete this.dataset['stale']
    } catch (fault) {
      this.dataset['stale'] = 'yes'
      if (!this.fitted) say(fault instanceof Error ? fault.message : String(fault), 'refused')
    }
  }

  /** Show layers; those that are not given stay as they are. */
  show(layers: Layers): void {
    this.shown = { ...this.shown, ...layers }
    for (const name of SOURCES) if (layers[name]) this.hold(name, layers[name])
    if (layers.lines && !layers.vehicles && this.shown.vehicles) this.hold('vehicles', this.shown.vehicles)
    if (!this.fitted && this.shown.bounds) {
      this.fitted = true
      this.map?.fitBounds(this.shown.bounds, { padding: 40, animate: false, maxZoom: 15 })
    }
    this.dispatchEvent(new CustomEvent('shown', { bubbles: true }))
  }

  /** Give a layer to the map: what changed, if it has it already. Vehicles look as their route is. */
  private hold(name: (typeof SOURCES)[number], given: Collection): void {
    const source = this.map?.getSource(name) as GeoJSONSource | undefined
    const data = name === 'vehicles' ? stated(given, this.shown.lines?.features ?? []) : given
    const [before, key] = [this.held[name], KNOWN_BY[name]]
    const changes = before && key ? changesOf(before.features, data.features, key) : undefined
    this.held[name] = data
    if (!changes) source?.setData(data)
    else if (changes.remove.length || changes.add.length) void source?.updateData(changes)
  }

  private select(): void {
    const route = this.getAttribute('selected')
    const map = this.map
    if (!map?.isStyleLoaded()) return
    const mine: ExpressionSpecification = ['==', ['get', 'route'], route ?? '']
    map.setPaintProperty('lines', 'line-opacity', route ? ['case', mine, 1, 0.15] : 0.55)
    map.setPaintProperty('lines', 'line-width', route ? ['case', mine, 4, 1.5] : ['coalesce', ['get', 'width'], 2])
    map.setPaintProperty('stops', 'circle-opacity', route ? ['case', mine, 1, 0.25] : 1)
    map.setPaintProperty('numbers', 'icon-opacity', route ? ['case', mine, 1, 0.25] : 1)
    const line = this.shown.lines?.features.find((one) => one.properties?.['route'] === route)
    if (line?.geometry.type === 'LineString' && line.geometry.coordinates.length > 1) {
      const [xs, ys] = [line.geometry.coordinates.map((at) => at[0] ?? 0), line.geometry.coordinates.map((at) => at[1] ?? 0)]
      map.fitBounds([Math.min(...xs), Math.min(...ys), Math.max(...xs), Math.max(...ys)], { padding: 60, maxZoom: 15, duration: 300 })
    }
  }

  private hearPicks(map: GlMap): void {
    const popup = new Popup({ closeButton: false, closeOnClick: false, maxWidth: '280px' })
    const layers = ['vehicles', 'numbers', 'stops', 'sites', 'lines', 'areas', 'streets']
    const under = (at: { point: { x: number; y: number } }): MapGeoJSONFeature | undefined =>
      map.queryRenderedFeatures([[at.point.x - 4, at.point.y - 4], [at.point.x + 4, at.point.y + 4]], {
        layers: layers.filter((name) => map.getLayer(name)),
      })[0]
    map.on('click', (event) => {
      const found = under(event)
      this.dispatchEvent(new CustomEvent('pick', { bubbles: true, detail: found ? { kind: found.layer.id, ...found.properties } : null }))
    })
    map.on('mousemove', (event) => {
      const found = under(event)
      map.getCanvas().style.cursor = found ? 'pointer' : ''
      const text = found?.properties['label'] as string | undefined
      if (!text) return void popup.remove()
      popup.setLngLat(event.lngLat).setText(text).addTo(map)
    })
  }

  private repaint(): void {
    const map = this.map
    if (!map) return
    map.once('styledata', () => { this.held = {}; this.show(this.shown); this.select() })
    map.setStyle(this.look())
  }
}

customElements.define('ds-map', LiveMap)
