// Opens a board, locks memory both ways and has the board work on it; then ends as it was told.
//
// CommonJS, because import() opens files without waiting, and Node.js leaves open those of a worker that is terminated meanwhile.

const { fileURLToPath } = require('node:url')
const { parentPort, workerData } = require('node:worker_threads')

const { native, end, lockByteLength } = workerData
const { openCard } = require(fileURLToPath(native))

async function useBoard() {
  const card = await openCard({ bus: 'simulated', h2c: ['memory'], c2h: ['memory'] })
  card.setBusMaster(true)
  const ring = await card.lockContiguous(lockByteLength)
  const target = await card.lockScatterGather(new Uint8Array(lockByteLength), { options: 0x80 })
  const write = (offset, value) => card.writeRegister({ barIndex: 1, offset, width: 32 }, value)

  // One descriptor that names itself as the next: C2H channel 0 writes the first page again and again.
  const [first] = target.pages
  const [descriptor] = ring.pages
  const view = new DataView(ring.userBytes.buffer)
  view.setUint32(0, 0xad4b_0002, true)
  view.setUint32(4, first.byteLength, true)
  view.setBigUint64(16, first.address, true)
  view.setBigUint64(24, descriptor.address, true)
  write(0x5080, Number(descriptor.address & 0xffff_ffffn))
  write(0x5084, Number(descriptor.address >> 32n))
  write(0x1004, 1)

  if (end === 'exits') process.exit()
  if (end === 'terminated') {
    // A port that listens keeps the worker until it is terminated.
    parentPort.on('message', () => {})
    parentPort.postMessage('running')
  }
  if (end === 'closes') {
    write(0x1004, 0)
    while (card.readRegister({ barIndex: 1, offset: 0x1040, width: 32 }) & 1) {}
    await target.unlock()
    await ring.unlock()
    await card.close()
  }
}

useBoard()
