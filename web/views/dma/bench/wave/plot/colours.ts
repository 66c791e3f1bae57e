// Colours as numbers, and the colour map of the spectrogram.

export type Rgb = [number, number, number]

/** Of `#rrggbb`, as the tokens are written; each part from 0 to 255. */
export function rgbOf(colour: string): Rgb {
  const value = Number.parseInt(colour.slice(1), 16)
  return [(value >> 16) & 255, (value >> 8) & 255, value & 255]
}

/** After cividis: even steps of lightness, and the same to eyes that tell no red from green. */
const anchors: Rgb[] = [
  [0, 32, 77],
  [0, 48, 111],
  [53, 69, 107],
  [85, 91, 109],
  [113, 114, 116],
  [143, 139, 119],
  [176, 167, 112],
  [212, 197, 94],
  [255, 234, 70],
]

/** The colour at a share from 0 to 1. */
function mapped(share: number): Rgb {
  const place = share * (anchors.length - 1)
  const at = Math.min(anchors.length - 2, Math.floor(place))
  const [low, high] = [anchors[at] as Rgb, anchors[at + 1] as Rgb]
  return low.map((part, i) => Math.round(part + (place - at) * ((high[i] as number) - part))) as Rgb
}

/** The colours of the levels 1 to 255; level 0, nothing, has the ground's. */
export function levelColours(ground: string): Rgb[] {
  return [rgbOf(ground), ...Array.from({ length: 255 }, (_, i) => mapped(i / 254))]
}

export const mapGradient = `linear-gradient(to right, ${anchors.map((rgb) => `rgb(${rgb.join(' ')})`).join(', ')})`
