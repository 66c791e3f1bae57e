// Prometheus text at /metrics.

import fp from 'fastify-plugin'
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client'

export interface Measured {
  /** Called at each scrape; the values as they are now. */
  gauges: Record<string, { help: string; read: () => number | Promise<number> }>
  /** Called at each scrape; totals since the start. */
  totals: Record<string, { help: string; read: () => number }>
}

export const metrics = fp<Measured>(
  async (app, { gauges, totals }) => {
    const register = new Registry()
    collectDefaultMetrics({ register })
    const seconds = new Histogram({
      name: 'pinlab_http_request_seconds',
      help: 'Time to answer HTTP requests',
      labelNames: ['method', 'route', 'status'],
      buckets: [0.001, 0.005, 0.02, 0.1, 0.5, 2, 10],
      registers: [register],
    })
    for (const [name, { help, read }] of Object.entries(gauges)) {
      new Gauge({
        name,
        help,
        registers: [register],
        async collect() {
          this.set(await read())
        },
      })
    }
    for (const [name, { help, read }] of Object.entries(totals)) {
      new Counter({
        name,
        help,
        registers: [register],
        collect() {
          this.reset()
          this.inc(read())
        },
      })
    }
    app.addHook('onResponse', async (request, reply) => {
      const route = request.routeOptions.url ?? 'unknown'
      const labels = { method: request.method, route, status: reply.statusCode }
      seconds.observe(labels, reply.elapsedTime / 1000)
    })
    app.get(
      '/metrics',
      { config: { permission: 'public' }, schema: { hide: true } },
      async (_request, reply) => reply.type(register.contentType).send(await register.metrics()),
    )
  },
  { name: 'metrics' },
)
