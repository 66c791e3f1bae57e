import { spawn } from 'node:child_process'
import { once } from 'node:events'
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { outdatedSteps, runSteps } from '../../scripts/run-steps.mjs'

let tree: string
const write = (path: string, text: string) => writeFileSync(join(tree, path), text)
const read = (path: string) => readFileSync(join(tree, path), 'utf8')

beforeEach(() => {
  tree = mkdtempSync(join(tmpdir(), 'pinlab-steps-'))
  mkdirSync(join(tree, 'sources'))
  write('sources/a.txt', 'one')
  write('list.txt', 'list')
})
afterEach(() => rmSync(tree, { recursive: true }))

/** A step whose command is a program for Node.js. */
const step = (name: string, program: string, more: object = {}) => ({
  title: `Making ${name}`,
  inputs: [],
  outputs: [`${name}.out`],
  clears: [],
  command: ['node', '-e', `const fs = require('node:fs'); ${program}`],
  after: [],
  ...more,
})
const copy = (name: string) =>
  `fs.writeFileSync('${name}.out', 'made'); fs.appendFileSync('order.txt', '${name} ')`
const twoSteps = () => ({
  low: step('low', copy('low'), { inputs: ['list.txt'] }),
  high: step('high', copy('high'), { inputs: [['sources', /\.txt$/]], after: ['low'] }),
})
const make = (steps: object, say: (line: string) => void = () => {}) =>
  runSteps({ root: tree, steps, wanted: Object.keys(steps), say })

test('steps run in order and tell when they begin and end', async () => {
  const lines: string[] = []
  const ran = await make(twoSteps(), (line) => lines.push(line))
  expect(ran).toEqual(['low', 'high'])
  expect(read('order.txt')).toBe('low high ')
  expect(lines.map((line) => line.replace(/\d+\.\d s/, 'N s'))).toEqual([
    'Making low …',
    'Making low: done in N s',
    'Making high …',
    'Making high: done in N s',
  ])
})

test('a second run does nothing', async () => {
  await make(twoSteps())
  expect(await make(twoSteps())).toEqual([])
  expect(read('order.txt')).toBe('low high ')
})

test('a changed, added or deleted input runs the step again', async () => {
  await make(twoSteps())
  write('sources/a.txt', 'two')
  expect(await make(twoSteps())).toEqual(['high'])
  write('sources/b.txt', '')
  expect(await make(twoSteps())).toEqual(['high'])
  rmSync(join(tree, 'sources/b.txt'))
  expect(await make(twoSteps())).toEqual(['high'])
})

test('what builds upon a changed step runs again', async () => {
  await make(twoSteps())
  write('list.txt', 'longer list')
  expect(await make(twoSteps())).toEqual(['low', 'high'])
})

test('a changed command or a missing output runs the step again', async () => {
  await make(twoSteps())
  rmSync(join(tree, 'high.out'))
  expect(await make(twoSteps())).toEqual(['high'])
  const other = twoSteps()
  other.high.command.push('argument')
  expect(outdatedSteps(tree, other, ['high'])).toEqual(['high'])
})

test('a failed step shows its output, keeps it in a log and leaves no stamp', async () => {
  const failing = { bad: step('bad', `${copy('bad')}; console.log('no luck'); process.exit(3)`) }
  await expect(make(failing)).rejects.toMatchObject({
    message: 'Making bad failed: exit code 3; what it wrote is in dist/logs/bad.log',
    output: 'no luck\n',
  })
  expect(read('dist/logs/bad.log')).toBe('no luck\n')
  expect(outdatedSteps(tree, failing, ['bad'])).toEqual(['bad'])
})

test('a step that fails again forgets its older stamp', async () => {
  const steps = twoSteps()
  await make(steps)
  write('sources/a.txt', 'two')
  steps.high.command = ['node', '-e', 'process.exit(1)']
  await expect(make(steps)).rejects.toThrow('Making high failed')
  write('sources/a.txt', 'one')
  expect(outdatedSteps(tree, twoSteps(), ['high'])).toEqual(['high'])
})

test('a step that does not make its output has failed', async () => {
  await expect(make({ idle: step('idle', '') })).rejects.toThrow('did not make idle.out')
})

test('a step starts with its output folders empty', async () => {
  mkdirSync(join(tree, 'old'))
  write('old/left-over.js', '')
  await make({ clean: step('clean', copy('clean'), { clears: ['old'] }) })
  expect(existsSync(join(tree, 'old'))).toBe(false)
})

test('work that was done by hand is taken over', async () => {
  const steps = { byHand: step('byHand', copy('byHand'), { alreadyDone: () => true }) }
  write('byHand.out', '')
  expect(await make(steps)).toEqual([])
  expect(outdatedSteps(tree, steps, ['byHand'])).toEqual([])
  expect(existsSync(join(tree, 'order.txt'))).toBe(false)
})

test('a lock whose owner died is taken over', async () => {
  mkdirSync(join(tree, 'dist'))
  write('dist/.lock', `${process.pid} 1`)
  expect(await make(twoSteps())).toEqual(['low', 'high'])
  expect(existsSync(join(tree, 'dist/.lock'))).toBe(false)
})

/** A process of its own that runs one step, so that two can be started at once and one can be ended. */
function startBuilder(program: string) {
  const steps = JSON.stringify({ slow: step('slow', program) })
  const runner = join(import.meta.dirname, '../../scripts/run-steps.mjs')
  const script = `import { runSteps } from ${JSON.stringify(runner)}
    const say = (line) => console.log(line)
    await runSteps({ root: ${JSON.stringify(tree)}, steps: ${steps}, wanted: ['slow'], say })`
  const child = spawn(process.execPath, ['--input-type=module', '-e', script])
  let output = ''
  child.stdout.on('data', (chunk) => {
    output += chunk
  })
  return { child, closed: once(child, 'close'), output: () => output }
}

test('two builds at once do the work once', async () => {
  const program = `setInterval(() => { if (!fs.existsSync('go')) return; ${copy('slow')}; process.exit() }, 20)`
  const says = (builder: { output: () => string }, text: string) =>
    vi.waitFor(() => expect(builder.output()).toContain(text), { timeout: 10_000 })
  const first = startBuilder(program)
  await says(first, 'Making slow …')
  const second = startBuilder(program)
  await says(second, 'Waiting for another build')
  write('go', '')
  for (const { closed } of [first, second]) expect((await closed)[0]).toBe(0)
  expect(read('order.txt')).toBe('slow ')
  expect(second.output()).not.toContain('Making slow')
})

test('Ctrl-C ends the step with all its processes and unlocks', async () => {
  // The step's own child writes its process id and then would stay for ever.
  const grandchild = `fs.writeFileSync('pid.txt', String(process.pid)); setInterval(() => {}, 1000)`
  const program = `require('node:child_process').spawnSync(process.execPath, ['-e', ${JSON.stringify(
    `const fs = require('node:fs'); ${grandchild}`,
  )}])`
  const { child, closed, output } = startBuilder(program)
  await vi.waitFor(() => expect(read('pid.txt')).toMatch(/^\d+$/), { timeout: 10_000 })
  child.kill('SIGINT')
  expect((await closed)[0]).toBe(130)
  expect(output()).not.toContain('failed')
  expect(existsSync(join(tree, 'dist/.lock'))).toBe(false)
  expect(isRunning(read('pid.txt'))).toBe(false)
})

function isRunning(pid: string): boolean {
  if (!existsSync(`/proc/${pid}/stat`)) return false
  return !/\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'))
}

test('links among the inputs are not followed', async () => {
  symlinkSync('..', join(tree, 'sources/link'))
  expect(await make(twoSteps())).toEqual(['low', 'high'])
})
