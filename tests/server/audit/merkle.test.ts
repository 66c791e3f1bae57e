// Known answers of Certificate Transparency's own tests, and each proof of trees up to a size against its definition.

import { describe, expect, it } from 'vitest'
import {
  consistencyProof,
  emptyRoot,
  Frontier,
  inclusionProof,
  leafHash,
  nodeHash,
  verifyConsistency,
  verifyInclusion,
} from '../../../server/audit/merkle.ts'

const hex = (text: string) => Buffer.from(text, 'hex')
const leaves = [
  '',
  '00',
  '10',
  '2021',
  '3031',
  '40414243',
  '5051525354555657',
  '606162636465666768696a6b6c6d6e6f',
].map((data) => leafHash(hex(data)))
const roots = [
  '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d',
  'fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125',
  'aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77',
  'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
  '4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4',
  '76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef',
  'ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c',
  '5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328',
]

const treeOf = (hashes: readonly Buffer[]) => {
  const tree = new Frontier()
  for (const hash of hashes) tree.append(hash)
  return tree
}
const subtreeOf = (hashes: readonly Buffer[]) => async (start: number, end: number) =>
  treeOf(hashes.slice(start, end)).root()

describe('known answers', () => {
  it('are right for the empty tree, leaves and nodes', () => {
    expect(emptyRoot.toString('hex')).toBe(
      'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
    )
    expect(leafHash('L123456').toString('hex')).toBe(
      '395aa064aa4c29f7010acfe3f25db9485bbd4b91897b6ad7ad547639252b4d56',
    )
    expect(nodeHash(Buffer.from('N123'), Buffer.from('N456')).toString('hex')).toBe(
      'aa217fe888e47007fa15edab33c2b492a722cb106c64667fc2b044444de66bbb',
    )
    expect(new Frontier().root()).toEqual(emptyRoot)
  })

  it('are right for the roots of the first leaves', () => {
    const tree = new Frontier()
    const seen = leaves.map((leaf) => {
      tree.append(leaf)
      return tree.root().toString('hex')
    })
    expect(seen).toEqual(roots)
  })

  it.each([
    [
      0,
      8,
      [
        '96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7',
        '5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e',
        '6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4',
      ],
    ],
    [
      5,
      8,
      [
        'bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b',
        'ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0',
        'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
      ],
    ],
    [2, 3, ['fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125']],
    [
      1,
      5,
      [
        '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d',
        '5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e',
        'bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b',
      ],
    ],
  ])('are right for the inclusion of leaf %i in %i', async (index, size, proof) => {
    const made = await inclusionProof(index, size, subtreeOf(leaves.slice(0, size)))
    expect(made.map((hash) => hash.toString('hex'))).toEqual(proof)
  })

  it.each([
    [
      1,
      8,
      [
        '96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7',
        '5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e',
        '6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4',
      ],
    ],
    [
      6,
      8,
      [
        '0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a',
        'ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0',
        'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
      ],
    ],
    [
      2,
      5,
      [
        '5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e',
        'bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b',
      ],
    ],
  ])('are right for the consistency of %i and %i', async (from, to, proof) => {
    const made = await consistencyProof(from, to, subtreeOf(leaves.slice(0, to)))
    expect(made.map((hash) => hash.toString('hex'))).toEqual(proof)
  })
})

const many = Array.from({ length: 40 }, (_, n) => leafHash(`leaf ${n}`))

describe('in every tree of up to 40 leaves', () => {
  it('each leaf has a proof, and no other leaf, place, size or root passes with it', async () => {
    for (let size = 1; size <= many.length; size++) {
      const hashes = many.slice(0, size)
      const root = treeOf(hashes).root()
      for (let index = 0; index < size; index++) {
        const leaf = hashes[index] as Buffer
        const proof = await inclusionProof(index, size, subtreeOf(hashes))
        const passes = (change: object, other = proof) =>
          verifyInclusion({ leaf, index, size, root, ...change }, other)
        expect(passes({})).toBe(true)
        expect(passes({ leaf: leafHash('other') })).toBe(false)
        expect(passes({ root: emptyRoot })).toBe(false)
        expect(passes({ index: (index + 1) % size })).toBe(size === 1)
        expect(passes({}, [...proof, emptyRoot])).toBe(false)
        if (proof.length > 0) expect(passes({}, proof.slice(1))).toBe(false)
      }
    }
  })

  it('each size is consistent with each later one, and with no other root', async () => {
    for (let to = 1; to <= many.length; to++) {
      const toRoot = treeOf(many.slice(0, to)).root()
      for (let from = 1; from <= to; from++) {
        const fromRoot = treeOf(many.slice(0, from)).root()
        const proof = await consistencyProof(from, to, subtreeOf(many.slice(0, to)))
        const passes = (change: object, other = proof) =>
          verifyConsistency({ from, to, fromRoot, toRoot, ...change }, other)
        expect(passes({})).toBe(true)
        expect(passes({ fromRoot: emptyRoot })).toBe(false)
        expect(passes({ toRoot: emptyRoot })).toBe(false)
        expect(passes({}, [...proof, emptyRoot])).toBe(false)
        if (proof.length > 0) expect(passes({}, proof.slice(0, -1))).toBe(false)
      }
    }
  })

  it('a frontier that was written down goes on as the tree itself', () => {
    const tree = new Frontier()
    let kept = new Frontier()
    for (const leaf of many) {
      tree.append(leaf)
      kept.append(leaf)
      kept = Frontier.fromBytes(kept.size, kept.toBytes())
      expect(kept.root()).toEqual(tree.root())
    }
  })
})

it('refuses a frontier that does not fit its size', () => {
  expect(() => Frontier.fromBytes(3, Buffer.alloc(32))).toThrow(RangeError)
  expect(() => Frontier.fromBytes(1, Buffer.alloc(31))).toThrow(RangeError)
})
