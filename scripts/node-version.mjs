// Refuses a Node.js that is too old. Imported by itself, before anything that an old Node.js could not even parse.

const needed = [20, 19]
const found = process.versions.node.split('.').map(Number)

if (found[0] < needed[0] || (found[0] === needed[0] && found[1] < needed[1])) {
  console.error(
    'Pinlab needs Node.js ' +
      needed.join('.') +
      ' or newer and this is ' +
      process.versions.node +
      ': install the package nodejs from deb.nodesource.com (Debian 12 has only version 18) or a build from nodejs.org.',
  )
  process.exit(1)
}
