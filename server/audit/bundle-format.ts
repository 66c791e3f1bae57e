// The names in a bundle, for who writes it and who verifies it. Imports nothing of ours: the verifier is built from it.

export const bundleKinds = ['log', 'session'] as const
export type BundleKind = (typeof bundleKinds)[number]

/** In this order, before the manifest. */
export const bundleFiles = {
  log: [
    'keys.jsonl',
    'checkpoints.jsonl',
    'proof.json',
    'hashes.bin',
    'parts.jsonl',
    'events.jsonl',
  ],
  session: ['keys.jsonl', 'checkpoints.jsonl', 'proofs.jsonl', 'parts.jsonl', 'events.jsonl'],
} as const
export type BundleFile = (typeof bundleFiles)[BundleKind][number]

export const manifestFile = 'manifest.txt'
export const manifestTitle = 'pinlab-audit-bundle/v1'
export const statementTitle = 'pinlab-audit-key/v1'

export interface Manifest {
  kind: BundleKind
  /** The log's name. */
  origin: string
  session?: string
  /** First and last event that the bundle is about. */
  from: number
  to: number
  /** First and last of the events whose text is gone. */
  pruned: [first: number, last: number][]
  madeAt: string
  /** Who asked for it: a person's id. */
  madeBy: string
  /** Version of Pinlab. */
  build: string
  files: Record<string, { byteLength: number; sha256: string }>
}
