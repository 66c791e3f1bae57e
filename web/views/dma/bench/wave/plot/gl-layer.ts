// A picture that is drawn into, kept, and drawn from.

import type { Size } from './scene.ts'

export class GlLayer {
  readonly #texture: WebGLTexture
  readonly #frame: WebGLFramebuffer
  #size = { width: 0, height: 0 }

  constructor(private readonly gl: WebGL2RenderingContext) {
    this.#texture = gl.createTexture()
    this.#frame = gl.createFramebuffer()
  }

  /** Empty; drawing goes here until `end`. */
  begin(size: Size): void {
    const { gl } = this
    if (size.width !== this.#size.width || size.height !== this.#size.height) this.#resize(size)
    gl.bindFramebuffer(gl.FRAMEBUFFER, this.#frame)
    gl.clearColor(0, 0, 0, 0)
    gl.clear(gl.COLOR_BUFFER_BIT)
  }

  end(): void {
    this.gl.bindFramebuffer(this.gl.FRAMEBUFFER, null)
  }

  bind(unit: number): void {
    this.gl.activeTexture(this.gl.TEXTURE0 + unit)
    this.gl.bindTexture(this.gl.TEXTURE_2D, this.#texture)
  }

  #resize({ width, height }: Size): void {
    const { gl } = this
    this.#size = { width, height }
    this.bind(0)
    gl.texImage2D(gl.TEXTURE_2D, 0, gl.RGBA8, width, height, 0, gl.RGBA, gl.UNSIGNED_BYTE, null)
    gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_MIN_FILTER, gl.NEAREST)
    gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_MAG_FILTER, gl.NEAREST)
    gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_WRAP_S, gl.CLAMP_TO_EDGE)
    gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_WRAP_T, gl.CLAMP_TO_EDGE)
    gl.bindFramebuffer(gl.FRAMEBUFFER, this.#frame)
    gl.framebufferTexture2D(gl.FRAMEBUFFER, gl.COLOR_ATTACHMENT0, gl.TEXTURE_2D, this.#texture, 0)
  }
}
