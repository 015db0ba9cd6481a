# The image of one service. Node runs the TypeScript sources as they are: there is nothing to build.
#
#   docker build -f infra/docker/service.Dockerfile --build-arg WORKSPACE=services/shop/order .

# Only what npm reads, so that the layer with the dependencies is rebuilt when that changes.
FROM node:24.21.0-bookworm-slim AS manifests
WORKDIR /app
COPY . .
RUN find . -type f ! -name package.json ! -name package-lock.json ! -name .npmrc -delete

FROM node:24.21.0-bookworm-slim AS dependencies
ARG WORKSPACE
WORKDIR /app
COPY --from=manifests /app ./
# npm takes the development dependencies of a linked workspace for dependencies: they go first.
RUN npm pkg delete devDependencies --workspaces --include-workspace-root \
  && npm ci --omit=dev --ignore-scripts --workspace "${WORKSPACE}"

FROM node:24.21.0-bookworm-slim
ARG WORKSPACE
ENV NODE_ENV=production DATA_DIR=/data
RUN mkdir /data && chown node:node /data
WORKDIR /app
COPY --from=dependencies /app/node_modules ./node_modules
COPY package.json ./
COPY packages ./packages
COPY services ./services
WORKDIR /app/${WORKSPACE}
USER node
VOLUME /data
CMD ["node", "src/main.ts"]
