/** What a handler of the control API gets and gives. One per route of the contract, by the route's name. */
import type { z } from 'zod'
import type { RouteName, routes } from '../contract/index.ts'
import type { Yard } from '../yard/yard.ts'

type Routes = typeof routes
type Parsed<R, K extends string> = R extends Record<K, infer S extends z.ZodType> ? z.infer<S> : undefined

export interface Call<N extends RouteName> {
  readonly yard: Yard
  readonly params: Parsed<Routes[N], 'params'>
  readonly query: Parsed<Routes[N], 'query'>
  readonly body: Routes[N] extends { bodyOptional: true } ? Parsed<Routes[N], 'body'> | undefined : Parsed<Routes[N], 'body'>
  /** Aborts when the caller leaves. */
  readonly signal: AbortSignal
  /** It asks from this machine. */
  readonly local: boolean
  readonly header: (name: string) => string | undefined
}

/** A plain value is answered as JSON with 200; undefined is 204. */
export type Handler<N extends RouteName> = (call: Call<N>) => unknown

export type Handlers = { readonly [N in RouteName]: Handler<N> }
