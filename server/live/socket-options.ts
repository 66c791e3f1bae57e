// How @fastify/websocket is registered: what the sockets of the lab accept, and who ends them.

import type { WebsocketPluginOptions } from '@fastify/websocket'
import { liveSubprotocol } from '../contract/frame.ts'

export const socketOptions: WebsocketPluginOptions = {
  options: {
    maxPayload: 64 * 1024,
    perMessageDeflate: false,
    handleProtocols: (offered) => offered.has(liveSubprotocol) && liveSubprotocol,
  },
  /** A client's own mistakes (a message that is too long, a lost connection) close its socket without the plugin's help. */
  errorHandler(error, socket, request) {
    request.log.info({ err: error }, 'live socket failed')
    if (socket.readyState === socket.OPEN) socket.close(1011)
  },
  /** The feature that opened the sockets says goodbye on them; this only lets no more in. */
  preClose(done) {
    this.websocketServer.close()
    done()
  },
}
