// Events as a table for spreadsheets: RFC 4180, in UTF-8 with a byte order mark, which is how these know it.

const columns = [
  ...['seq', 'at', 'type', 'actor', 'method', 'credential', 'board', 'session', 'request'],
  'detail',
]

/** A spreadsheet would take it for a formula and compute it. */
const formula = /^[=+\-@\t\r]/
const needsQuotes = /[",\r\n]/

export const csvHead = `\ufeff${columns.join(',')}\r\n`

/** `payload`: an event as it stands in the log. */
export function csvRow(payload: string): string {
  const event = JSON.parse(payload)
  const { by, detail } = event
  const values = { ...event, ...by, detail: detail && JSON.stringify(detail) }
  return `${columns.map((column) => csvCell(values[column])).join(',')}\r\n`
}

/** What begins like a formula is quoted, and begins with an apostrophe: spreadsheets show the rest as text. */
export function csvCell(value: unknown): string {
  const text = value === undefined || value === null ? '' : String(value)
  const isFormula = formula.test(text)
  if (!isFormula && !needsQuotes.test(text)) return text
  return `"${isFormula ? "'" : ''}${text.replaceAll('"', '""')}"`
}
