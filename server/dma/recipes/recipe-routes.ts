// Recipes over HTTP: save, list, change, delete.

import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import Type from 'typebox'
import {
  NewRecipe,
  Recipe,
  RecipeChange,
  RecipeQuery,
  RecipeSummary,
} from '../../contract/recipe.ts'
import { Id, Page } from '../../contract/schema.ts'
import { entityTag, requireVersion } from '../../entity-tag.ts'
import type { RecipeServices } from './recipe-services.ts'
import { runRoutes } from './run-routes.ts'

const ById = Type.Object({ id: Id })
const read = { permission: 'lab.read' } as const
const control = { permission: 'board.control' } as const

export const recipeRoutes: FastifyPluginAsyncTypebox<RecipeServices> = async (
  app,
  { recipes, runs },
) => {
  await app.register(runRoutes, { runs })

  app.get(
    '/recipes',
    {
      config: read,
      schema: {
        summary: 'One’s own recipes and those that others share, newest first, without their steps',
        querystring: RecipeQuery,
        response: { 200: Page(RecipeSummary) },
      },
    },
    async ({ query, actor }) => recipes.list(query, actor),
  )

  app.post(
    '/recipes',
    {
      config: control,
      schema: {
        summary: 'Save a recipe; a refusal says which step is wrong',
        body: NewRecipe,
        response: { 201: Recipe },
      },
    },
    async ({ body, actor, id }, reply) => {
      const recipe = await recipes.add(body, { actor, request: id })
      return reply.code(201).header('etag', entityTag(recipe.version)).send(recipe)
    },
  )

  app.get(
    '/recipes/:id',
    {
      config: read,
      schema: { summary: 'One recipe', params: ById, response: { 200: Recipe } },
    },
    async ({ params, actor }, reply) => {
      const recipe = await recipes.read(params.id, actor)
      return reply.header('etag', entityTag(recipe.version)).send(recipe)
    },
  )

  app.patch(
    '/recipes/:id',
    {
      config: control,
      schema: {
        summary: 'Change one’s own recipe, or share it; needs If-Match',
        params: ById,
        headers: Type.Object({ 'if-match': Type.Optional(Type.String({ maxLength: 40 })) }),
        body: RecipeChange,
        response: { 200: Recipe },
      },
    },
    async ({ params, headers, body, actor, id }, reply) => {
      const version = requireVersion(headers['if-match'])
      const recipe = await recipes.change(params.id, version, body, { actor, request: id })
      return reply.header('etag', entityTag(recipe.version)).send(recipe)
    },
  )

  app.delete(
    '/recipes/:id',
    {
      config: control,
      schema: {
        summary: 'Delete one’s own recipe; keepers any',
        params: ById,
        response: { 204: Type.Null() },
      },
    },
    async ({ params, actor, id }, reply) => {
      await recipes.remove(params.id, { actor, request: id })
      return reply.code(204).send(null)
    },
  )
}
