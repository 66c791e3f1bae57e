// The shaders, and what they need. Edges are smoothed by the share of a pixel that a shape covers, so no multisampling is asked for.

/** A bar for each pixel of the width: instances of a rectangle between two heights. */
const barVertex = `#version 300 es
layout(location = 0) in vec2 edges;
uniform vec2 size;
uniform float thickness;
out float y;
flat out vec2 span;
void main() {
  span = edges + vec2(-0.5, 0.5) * thickness;
  float x = float(gl_InstanceID + (gl_VertexID & 1));
  y = gl_VertexID < 2 ? span.x - 1.0 : span.y + 1.0;
  gl_Position = vec4(vec2(x, size.y - y) / size * 2.0 - 1.0, 0.0, 1.0);
}`
const barFragment = `#version 300 es
precision highp float;
in float y;
flat in vec2 span;
uniform vec3 colour;
out vec4 pixel;
void main() {
  float covered = clamp(min(y - span.x, span.y - y) + 0.5, 0.0, 1.0);
  pixel = vec4(colour, 1.0) * covered;
}`

/** A line from point to point with round ends: instances of the rectangle around it. */
const lineVertex = `#version 300 es
layout(location = 0) in vec4 ends;
uniform vec2 size;
uniform float radius;
out vec2 at;
flat out vec4 line;
void main() {
  vec2 along = ends.zw - ends.xy;
  float reach = length(along);
  vec2 forward = reach > 0.0 ? along / reach : vec2(1.0, 0.0);
  vec2 aside = vec2(-forward.y, forward.x);
  float wide = radius + 1.0;
  vec2 from = gl_VertexID < 2 ? ends.xy - forward * wide : ends.zw + forward * wide;
  at = from + aside * (float(gl_VertexID & 1) * 2.0 - 1.0) * wide;
  line = ends;
  gl_Position = vec4(vec2(at.x, size.y - at.y) / size * 2.0 - 1.0, 0.0, 1.0);
}`
const lineFragment = `#version 300 es
precision highp float;
in vec2 at;
flat in vec4 line;
uniform vec3 colour;
uniform float radius;
out vec4 pixel;
void main() {
  vec2 along = line.zw - line.xy;
  float place = clamp(dot(at - line.xy, along) / max(dot(along, along), 1e-6), 0.0, 1.0);
  float covered = clamp(radius - distance(at, line.xy + along * place) + 0.5, 0.0, 1.0);
  pixel = vec4(colour, 1.0) * covered;
}`

/** A picture over the whole extent. */
const wholeVertex = `#version 300 es
out vec2 place;
void main() {
  place = vec2(gl_VertexID & 1, gl_VertexID >> 1);
  gl_Position = vec4(place * 2.0 - 1.0, 0.0, 1.0);
}`
/** What is taken off beside the share lets the last shades go, which would otherwise round to themselves. */
const fadeFragment = `#version 300 es
precision highp float;
in vec2 place;
uniform sampler2D picture;
uniform float kept;
uniform float taken;
out vec4 pixel;
void main() {
  pixel = max(texture(picture, place) * kept - taken, 0.0);
}`
const levelFragment = `#version 300 es
precision highp float;
in vec2 place;
uniform sampler2D picture;
uniform sampler2D colours;
out vec4 pixel;
void main() {
  float level = texture(picture, vec2(place.x, 1.0 - place.y)).r;
  pixel = texture(colours, vec2((level * 255.0 + 0.5) / 256.0, 0.5));
}`

export interface Program {
  use(): void
  at(name: string): WebGLUniformLocation | null
}

export interface Programs {
  bars: Program
  lines: Program
  fade: Program
  levels: Program
}

export function makePrograms(gl: WebGL2RenderingContext): Programs {
  const make = (vertex: string, fragment: string) => makeProgram(gl, vertex, fragment)
  return {
    bars: make(barVertex, barFragment),
    lines: make(lineVertex, lineFragment),
    fade: make(wholeVertex, fadeFragment),
    levels: make(wholeVertex, levelFragment),
  }
}

function makeProgram(gl: WebGL2RenderingContext, vertex: string, fragment: string): Program {
  const program = gl.createProgram()
  for (const [type, source] of [
    [gl.VERTEX_SHADER, vertex],
    [gl.FRAGMENT_SHADER, fragment],
  ] as const) {
    const shader = gl.createShader(type)
    if (!shader) throw new Error('WebGL is lost')
    gl.shaderSource(shader, source)
    gl.compileShader(shader)
    gl.attachShader(program, shader)
  }
  gl.linkProgram(program)
  if (!gl.getProgramParameter(program, gl.LINK_STATUS)) {
    throw new Error(gl.getProgramInfoLog(program) ?? 'WebGL is lost')
  }
  const places = new Map<string, WebGLUniformLocation | null>()
  return {
    use: () => gl.useProgram(program),
    at(name) {
      if (!places.has(name)) places.set(name, gl.getUniformLocation(program, name))
      return places.get(name) ?? null
    },
  }
}
