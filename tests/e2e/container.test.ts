// The container's files. Where no container engine runs, they are read, and what the image runs is run here.

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { request } from 'node:http'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { parse } from 'yaml'
import { readConfig } from '../../server/config.ts'
import { projectRoot } from '../../server/project-root.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

const compose = parse(readFileSync(join(projectRoot, 'docker-compose.yml'), 'utf8'))
const dockerfile = readFileSync(join(projectRoot, 'Dockerfile'), 'utf8')
const { pinlab } = compose.services

/** Of the stage that becomes the image. */
const imageLines = dockerfile.slice(dockerfile.lastIndexOf('FROM ')).split('\n')
const lineOf = (word: string) =>
  imageLines.find((line) => line.startsWith(`${word} `))?.slice(word.length + 1) ?? ''
const imageEnvironment = Object.fromEntries(
  lineOf('ENV')
    .split(' ')
    .map((pair) => pair.split('=')),
)

describe('the container', () => {
  it('is published on loopback alone, with room to lock what the lab may lock', () => {
    expect(pinlab.ports).toEqual([`127.0.0.1:8080:${imageEnvironment.PINLAB_PORT}`])
    const { limits } = readConfig({})
    expect(pinlab.ulimits.memlock).toBe(limits.lockedByteLengthPerHost)
  })

  it('keeps the database in a volume, and does not run as root', () => {
    expect(pinlab.volumes).toContain(`data:${imageEnvironment.PINLAB_DATA}`)
    expect(compose.volumes).toHaveProperty('data')
    expect(lineOf('USER')).toBe('node')
  })

  it('runs a command that serves under the published address', async () => {
    const [command, ...parameters] = JSON.parse(lineOf('CMD')) as [string, ...string[]]
    const own = { PINLAB_PORT: '0', PINLAB_DATA: temporaryFolder(), LOG_LEVEL: 'warn' }
    const env = { ...process.env, ...imageEnvironment, ...pinlab.environment, ...own }
    const child = spawn(command, parameters, { cwd: projectRoot, env })
    onTestFinished(async () => {
      child.kill('SIGKILL')
      if (child.exitCode === null) await once(child, 'exit')
    })
    let said = ''
    for await (const chunk of child.stdout) {
      said += chunk
      if (said.includes('/setup#')) break
    }
    expect(said).toContain('Pinlab is ready at http://127.0.0.1:8080')
    const port = listeningPort(child.pid as number)
    expect(await statusAs('127.0.0.1:8080', port)).toBe(200)
    expect(await statusAs('pinlab.example.org', port)).toBe(403)
  })
})

/** The port was any free one, and the server says only what it is called outside. */
function listeningPort(pid: number): number {
  const inodes = readFileSync(`/proc/${pid}/net/tcp`, 'utf8')
  const sockets = socketInodes(pid)
  const line = inodes
    .split('\n')
    .map((text) => text.trim().split(/\s+/))
    .find((fields) => fields[3] === '0A' && sockets.has(fields[9] ?? ''))
  return Number.parseInt(line?.[1]?.split(':')[1] ?? '', 16)
}

function socketInodes(pid: number): Set<string> {
  const folder = `/proc/${pid}/fd`
  const links = readdirSync(folder).map((name) => {
    try {
      return readlinkSync(join(folder, name))
    } catch {
      return ''
    }
  })
  return new Set(links.flatMap((link) => /^socket:\[(\d+)\]$/.exec(link)?.[1] ?? []))
}

function statusAs(host: string, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const asked = request({ host: '127.0.0.1', port, path: '/api/v1/health', headers: { host } })
    asked.on('response', (answer) => {
      answer.resume()
      resolve(answer.statusCode ?? 0)
    })
    asked.on('error', reject).end()
  })
}
