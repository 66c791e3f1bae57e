// Refuses a Node.js that is too old. Imported by itself, before anything that an old Node.js could not even parse.

const needed = [20, 19]
const found = process.versions.node.split('.').map(Number)

if (found[0] < needed[0] || (found[0] === needed[0] && found[1] < needed[1])) {
  console.error(
    'Pinlab needs Node.js ' +
      needed.join('.') +
      ' or newer and this is ' +
      process.versions.node +
      ": install a newer package nodejs (Debian 12's own is version 18; NodeSource has newer ones for Debian).",
  )
  process.exit(1)
}
