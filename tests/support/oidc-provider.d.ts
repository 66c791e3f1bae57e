// What the tests use of oidc-provider. Its published types bring those of a whole web framework, which change ours.

declare module 'oidc-provider' {
  import type { RequestListener } from 'node:http'

  export default class Provider {
    constructor(issuer: string, configuration: object)
    callback(): RequestListener
  }
}
