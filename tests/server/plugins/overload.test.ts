import Fastify from 'fastify'
import { expect, it, onTestFinished } from 'vitest'
import { mostConnections, overload } from '../../../server/plugins/overload.ts'
import { problemDocuments } from '../../../server/plugins/problem-documents.ts'

async function open(options: { eventLoopDelayMs?: number; sampleMs?: number }) {
  const app = Fastify()
  onTestFinished(() => app.close())
  await app.register(problemDocuments)
  await app.register(overload, options)
  app.get('/', async () => 'served')
  app.post('/stop', { config: { urgent: true } }, async () => 'stopped')
  await app.ready()
  return app
}

it('refuses work when the event loop lags, but not what ends something', async () => {
  // Every event loop lags by more than a nanosecond.
  const app = await open({ eventLoopDelayMs: 1e-6, sampleMs: 20 })
  const refused = () =>
    expect.poll(async () => {
      expect((await app.inject({ method: 'POST', url: '/stop' })).body).toBe('stopped')
      const answer = await app.inject('/')
      return answer.statusCode === 503 && [answer.headers['retry-after'], answer.json().code]
    })
  await refused().toEqual(['10', 'PINLAB_SERVER_BUSY'])
})

it('takes one long turn of the event loop for no overload', async () => {
  const app = await open({ sampleMs: 20 })
  for (let turn = 0; turn < 5; turn++) {
    const until = performance.now() + 200
    while (performance.now() < until);
    await new Promise((resolve) => setTimeout(resolve))
    expect((await app.inject('/')).body).toBe('served')
  }
})

it('serves where nothing is said, and counts connections', async () => {
  const app = await open({})
  expect((await app.inject('/')).body).toBe('served')
  expect(app.server.maxConnections).toBe(mostConnections)
})
