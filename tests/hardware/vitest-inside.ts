// The command that runs test files inside the guest.

/**
 * One file at a time: a device has one owner. In one process, since starting one takes its time there. A test has the time that emulated
 * processors need while the machine is busy.
 */
export function vitestInside(projects: string[], files: string[], more = ''): string {
  const names = projects.map((project) => `--project ${project}`).join(' ')
  const patient = '--no-file-parallelism --no-isolate --testTimeout=120000'
  return `node node_modules/vitest/vitest.mjs run ${names} ${patient} ${more} ${files.join(' ')}`
}
