// How one looks at a board, as the server keeps it.

import type { BenchViews } from '../../server/contract/bench-views.ts'
import { at, get, put } from './requests.ts'

const path = (board: string) => `/me/boards/${at(board)}/views`

export const getBenchViews = (board: string) => get<BenchViews>(path(board))
export const keepBenchViews = (board: string, views: BenchViews) => put<void>(path(board), views)
