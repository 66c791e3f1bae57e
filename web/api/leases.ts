// The HTTP API of a lease that runs, one function for each route. Failures are ApiProblem.

import type { Lease } from '../../server/contract/lease.ts'
import { at, post, put } from './requests.ts'

/** The lab's usual time where no minutes are given. */
export const extendLease = (lease: string, minutes?: number) =>
  post<Lease>(`/leases/${at(lease)}/extend`, minutes === undefined ? {} : { minutes })
/** These people and no others, besides keepers who made themselves members. */
export const setLeaseMembers = (lease: string, logins: string[]) =>
  put<Lease>(`/leases/${at(lease)}/members`, { logins })
export const setLeaseWatchable = (lease: string, watchable: boolean) =>
  put<Lease>(`/leases/${at(lease)}/watching`, { watchable })
export const revokeLease = (lease: string, reason: string) =>
  post<Lease>(`/leases/${at(lease)}/revoke`, { reason })
export const overrideLease = (lease: string, reason: string) =>
  post<Lease>(`/leases/${at(lease)}/override`, { reason })
