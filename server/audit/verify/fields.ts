// JSON as a bundle may have it, and its fields. Whatever is not as it should be is tampering.

import { isUtf8 } from 'node:buffer'
import { hashByteLength } from '../merkle.ts'
import { Tampered } from './verdict.ts'

/** Deeper values are nothing that Pinlab would have written, and other verifiers' parsers have limits. */
const deepest = 100

export type Fields = Record<string, unknown>

/** `where` names it in a message. */
export function parseFields(bytes: Buffer, where: string): Fields {
  const value = isUtf8(bytes) && !isTooDeep(bytes) ? parsed(bytes.toString('utf8')) : undefined
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new Tampered(`${where} is no JSON object.`)
  }
  return value as Fields
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

const [quote, backslash] = [0x22, 0x5c]
const opens = (byte: number | undefined) => byte === 0x5b || byte === 0x7b
const closes = (byte: number | undefined) => byte === 0x5d || byte === 0x7d

function isTooDeep(bytes: Buffer): boolean {
  // Of few that open anything none is.
  if (count(bytes, 0x5b) + count(bytes, 0x7b) <= deepest) return false
  let depth = 0
  let isText = false
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at]
    if (byte === quote) isText = !isText
    else if (isText && byte === backslash) at += 1
    else if (!isText && opens(byte) && ++depth > deepest) return true
    else if (!isText && closes(byte)) depth -= 1
  }
  return false
}

function count(bytes: Buffer, byte: number): number {
  let found = 0
  for (let at = bytes.indexOf(byte); at >= 0; at = bytes.indexOf(byte, at + 1)) found += 1
  return found
}

function wrong(where: string, name: string): never {
  throw new Tampered(`${where} has no valid "${name}".`)
}

export function integerIn(fields: Fields, name: string, where: string): number {
  const value = fields[name]
  return Number.isSafeInteger(value) && (value as number) >= 0
    ? (value as number)
    : wrong(where, name)
}

/** A text that UTF-8 can say. */
export function textIn(fields: Fields, name: string, where: string): string {
  const value = fields[name]
  return typeof value === 'string' && isWellFormed(value) ? value : wrong(where, name)
}

export function textOrNullIn(fields: Fields, name: string, where: string): string | null {
  return fields[name] === null ? null : textIn(fields, name, where)
}

const isWellFormed = (text: string) => !/\p{Surrogate}/u.test(text)

/** So few that they are proofs, not data. */
const mostHashes = 128

export function hashesIn(fields: Fields, name: string, where: string): Buffer[] {
  const value = fields[name]
  if (!Array.isArray(value) || value.length > mostHashes) return wrong(where, name)
  return value.map((hex) =>
    typeof hex === 'string' && /^[0-9a-f]+$/.test(hex) && hex.length === 2 * hashByteLength
      ? Buffer.from(hex, 'hex')
      : wrong(where, name),
  )
}
