// The news about one's leases in plain words. Pure.

import { formatHour, plural } from '../shared/format.ts'
import type { EndWhy, News } from './lease-news.ts'

const endWords: Record<EndWhy, string> = {
  expired: 'The time of the lease is over.',
  released: 'Its holder gave it back.',
  revoked: 'A keeper ended it.',
  'holder-disabled': 'Its holder’s account may not use boards any more.',
  gone: 'It ended before its time.',
}

export function newsWords(news: News, now: number): { title: string; text: string } {
  const { board } = news
  if (news.kind === 'soon') {
    const minutes = Math.max(1, Math.round((Date.parse(news.endsAt) - now) / 60_000))
    return {
      title: `${board} ends in ${plural(minutes, 'minute')}`,
      text: `Your time ends at ${formatHour(news.endsAt)}.`,
    }
  }
  if (news.kind === 'override') {
    return { title: `${news.keeper} controls ${board} too`, text: `Their reason: ${news.reason}` }
  }
  const reason = news.detail ? ` Their reason: ${news.detail}` : ''
  return { title: `You do not control ${board} any more`, text: `${endWords[news.why]}${reason}` }
}
