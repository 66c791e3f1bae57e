// A device host around another one, whose calls a test hears of before and after they are made.

import type { DeviceHost } from '../../server/boards/device-host.ts'

export type HostCall = Exclude<keyof DeviceHost, 'subscribe'>

export interface AroundCalls {
  before?: (call: HostCall) => Promise<void> | void
  after?: (call: HostCall) => Promise<void> | void
}

type Call = (...args: unknown[]) => Promise<unknown>

export function aroundHost(host: DeviceHost, { before, after }: AroundCalls): DeviceHost {
  return new Proxy(host, {
    get(target, name) {
      const member = Reflect.get(target, name) as Call
      if (name === 'subscribe') return member.bind(target)
      return async (...args: unknown[]) => {
        await before?.(name as HostCall)
        const answer = await member.apply(target, args)
        await after?.(name as HostCall)
        return answer
      }
    },
  })
}
