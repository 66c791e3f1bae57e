# Pinlab in a container: docker-compose.yml says how it is meant to be run.

FROM node:20-bookworm AS build
WORKDIR /pinlab
COPY package.json package-lock.json ./
RUN PRISMA_SCHEMA_ENGINE_BINARY=/usr/local/bin/node npm ci --include=dev --no-audit --no-fund
COPY . .
RUN node scripts/build.mjs && npm prune --omit=dev --no-audit --no-fund

FROM node:20-bookworm-slim
WORKDIR /pinlab
COPY --from=build --chown=node:node /pinlab ./
RUN mkdir /data && chown node:node /data
USER node
VOLUME /data
ENV PINLAB_HOST=0.0.0.0 PINLAB_PORT=8080 PINLAB_DATA=/data
EXPOSE 8080
CMD ["node", "scripts/serve-built.mjs"]
