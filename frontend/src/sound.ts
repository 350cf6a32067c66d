// <ds-sound>: a switch for sounds, off until somebody switches it on; the sounds are made, not loaded.

const KEPT = 'doorstep-sound'
export type Sound = 'good' | 'bad' | 'ring'
/** Pitch [Hz] and length [s] of the tones of each sound, one after the other. */
export const TONES: Record<Sound, readonly (readonly [number, number])[]> = {
  good: [[1320, 0.09]],
  bad: [[220, 0.18], [180, 0.25]],
  ring: [[660, 0.14], [880, 0.14], [660, 0.14], [880, 0.2]],
}
let speaker: AudioContext | undefined

export function isOn(): boolean {
  return localStorage.getItem(KEPT) === 'on'
}

/** Make a sound, and let the handheld shake where it can, if people want to hear something. */
export function beep(sound: Sound): void {
  if (!isOn()) return
  speaker ??= new AudioContext()
  void speaker.resume()
  let at = speaker.currentTime
  for (const [pitch, length] of TONES[sound]) {
    const tone = speaker.createOscillator()
    const volume = speaker.createGain()
    tone.frequency.value = pitch
    tone.type = sound === 'bad' ? 'square' : 'sine'
    volume.gain.setValueAtTime(0.25, at)
    volume.gain.linearRampToValueAtTime(0, at + length)
    tone.connect(volume).connect(speaker.destination)
    tone.start(at)
    tone.stop(at + length)
    at += length
  }
  navigator.vibrate?.(sound === 'good' ? 40 : [120, 60, 120])
}

class SoundSwitch extends (typeof HTMLElement === 'undefined' ? (Object as unknown as typeof HTMLElement) : HTMLElement) {
  connectedCallback(): void {
    const button = document.createElement('button')
    button.type = 'button'
    button.className = 'quiet'
    const show = (): void => {
      button.textContent = isOn() ? 'Sound on' : 'Sound off'
      button.setAttribute('aria-pressed', String(isOn()))
    }
    button.addEventListener('click', () => {
      localStorage.setItem(KEPT, isOn() ? 'off' : 'on')
      show()
      beep('good')
    })
    show()
    this.replaceChildren(button)
  }
}

if (typeof customElements !== 'undefined') customElements.define('ds-sound', SoundSwitch)
