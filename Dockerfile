# One image for all our programs; docker-compose.yml says which one a container runs.
FROM node:26-bookworm-slim

WORKDIR /shop
ENV NODE_ENV=local
COPY package.json package-lock.json .npmrc ./
# Without the optional packages: embedded ClickHouse and PostgreSQL are for machines without containers.
RUN npm ci --omit=dev --omit=optional && npm cache clean --force
COPY bin ./bin
COPY schemas ./schemas
COPY pipelines ./pipelines
COPY services ./services
COPY analytics ./analytics
# The dashboards are bundled here, so that a container starts with them.
RUN node analytics/pages/build.ts && chown -R node:node .eshop

USER node
ENTRYPOINT ["node", "--disable-warning=TimeoutNegativeWarning"]
