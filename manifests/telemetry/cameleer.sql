-- Tocsin's canonical relations over a schema like Cameleer's.
--
-- Apply with:   clickhouse-client --multiquery < cameleer.sql
-- Then set:     CLICKHOUSE_URL=https://user:password@host:8443/tocsin
--
-- These tables and columns are assumed, in a database called "cameleer". Cameleer's public documents name them, but its
-- schema moves: compare with yours, and change names here where they differ.
--
--   executions     environment, application_id, route_id, instance_id, status, start_time, duration_ms, execution_id,
--                  correlation_id, error_message, attributes (a JSON object as text)
--                  ReplacingMergeTree: one execution may have several rows until they are merged
--   logs           environment, application, instance_id, level, timestamp, logger_name, message
--   agent_metrics  environment, instance_id, metric_name, metric_value, collected_at, server_received_at
--   agent_events   environment, application_id, instance_id, event_type, timestamp
--
-- Several tenants in one database: add "AND tenant_id = '...'" to every WHERE.
-- Times are converted by CAST and not by toDateTime64(), because only CAST lets ClickHouse skip parts and granules
-- by a bound on the converted time.

CREATE DATABASE IF NOT EXISTS tocsin;

-- FINAL, or an execution that was written twice would count twice.
CREATE OR REPLACE VIEW tocsin.executions AS
SELECT
    environment,
    application_id AS app,
    route_id AS route,
    instance_id AS agent,
    CAST(
        multiIf(status IN ('FAILED', 'ABANDONED'), 'FAILED', status = 'RUNNING', 'RUNNING', 'COMPLETED'),
        'Enum8(''COMPLETED'' = 1, ''FAILED'' = 2, ''RUNNING'' = 3)') AS status,
    CAST(start_time, 'DateTime64(3, ''UTC'')') AS ts,
    toUInt32(greatest(0, least(ifNull(source.duration_ms, 0), 4294967295))) AS duration_ms,
    execution_id AS exec_id,
    ifNull(source.correlation_id, '') AS correlation_id,
    ifNull(error_message, '') AS error,
    JSONExtract(ifNull(source.attributes, ''), 'Map(String, String)') AS attributes,
    -- An execution is written once, when it has ended.
    addMilliseconds(CAST(start_time, 'DateTime64(3, ''UTC'')'), duration_ms) AS ingested_at
FROM cameleer.executions AS source FINAL
WHERE 1;

CREATE OR REPLACE VIEW tocsin.logs AS
SELECT
    environment,
    application AS app,
    instance_id AS agent,
    CAST(
        multiIf(
            upper(source.level) IN ('FATAL', 'SEVERE', 'ERROR'), 'ERROR',
            upper(source.level) IN ('WARN', 'WARNING'), 'WARN',
            upper(source.level) IN ('DEBUG', 'FINE'), 'DEBUG',
            upper(source.level) IN ('TRACE', 'FINER', 'FINEST'), 'TRACE',
            'INFO'),
        'Enum8(''TRACE'' = 1, ''DEBUG'' = 2, ''INFO'' = 3, ''WARN'' = 4, ''ERROR'' = 5)') AS level,
    CAST(timestamp, 'DateTime64(3, ''UTC'')') AS ts,
    logger_name AS logger,
    message,
    CAST(timestamp, 'DateTime64(3, ''UTC'')') AS ingested_at
FROM cameleer.logs AS source
WHERE 1;

-- Samples name the instance only; its application is the one it registered with last.
CREATE OR REPLACE VIEW tocsin.jvm_metrics AS
SELECT
    samples.environment AS environment,
    registered.app AS app,
    samples.instance_id AS agent,
    samples.metric_name AS metric,
    samples.metric_value AS value,
    CAST(samples.collected_at, 'DateTime64(3, ''UTC'')') AS ts,
    CAST(samples.server_received_at, 'DateTime64(3, ''UTC'')') AS ingested_at
FROM cameleer.agent_metrics AS samples
LEFT ANY JOIN
(
    SELECT environment, instance_id, argMax(application_id, timestamp) AS app
    FROM cameleer.agent_events
    WHERE 1
    GROUP BY environment, instance_id
) AS registered ON registered.environment = samples.environment AND registered.instance_id = samples.instance_id
WHERE 1;

-- Cameleer keeps states of agents in memory; its events tell every change of state.
CREATE OR REPLACE VIEW tocsin.agents AS
SELECT
    environment,
    application_id AS app,
    instance_id AS agent,
    CAST(
        multiIf(event_type IN ('WENT_DEAD', 'DEREGISTERED'), 'DEAD', event_type = 'WENT_STALE', 'STALE', 'LIVE'),
        'Enum8(''LIVE'' = 1, ''STALE'' = 2, ''DEAD'' = 3)') AS state,
    CAST(timestamp, 'DateTime64(3, ''UTC'')') AS ts,
    CAST(timestamp, 'DateTime64(3, ''UTC'')') AS ingested_at
FROM cameleer.agent_events
WHERE event_type IN ('REGISTERED', 'RE_REGISTERED', 'RECOVERED', 'WENT_STALE', 'WENT_DEAD', 'DEREGISTERED');

-- Cameleer keeps deployments in PostgreSQL. Replace this view by one over postgresql(...), or over a copy of yours.
CREATE OR REPLACE VIEW tocsin.deployments AS
SELECT
    '' AS environment,
    '' AS app,
    '' AS deployment,
    '' AS state,
    '' AS version,
    toDateTime64(0, 3, 'UTC') AS ts,
    toDateTime64(0, 3, 'UTC') AS ingested_at
WHERE 0;
