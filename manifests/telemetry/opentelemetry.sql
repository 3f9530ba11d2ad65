-- Tocsin's canonical relations over the tables of the OpenTelemetry collector's ClickHouse exporter.
--
-- Written for the tables exporter v0.151.0 and later creates (create_schema: true, default names, Map attributes);
-- traces and metrics are the same back to v0.110. Existing tables of v0.150 and earlier work too, see "logs" below.
--
-- Apply with:   clickhouse-client --multiquery < opentelemetry.sql
-- Then set:     CLICKHOUSE_URL=https://user:password@host:8443/tocsin
--
-- The collector is taken to write into the database "default"; replace that name where yours differs.
-- Times are converted by CAST and not by toDateTime64(), because only CAST lets ClickHouse skip parts and granules
-- by a bound on the converted time.

CREATE DATABASE IF NOT EXISTS tocsin;

-- An execution is a span that receives work. Its route is the span name, such as "GET /orders/{id}".
-- Older exporters write kinds and status codes in the longer form.
CREATE OR REPLACE VIEW tocsin.executions AS
SELECT
    multiIf(
        ResourceAttributes['deployment.environment.name'] != '', ResourceAttributes['deployment.environment.name'],
        ResourceAttributes['deployment.environment'] != '', ResourceAttributes['deployment.environment'],
        'default') AS environment,
    ServiceName AS app,
    SpanName AS route,
    multiIf(
        ResourceAttributes['service.instance.id'] != '', ResourceAttributes['service.instance.id'],
        ResourceAttributes['k8s.pod.name'] != '', ResourceAttributes['k8s.pod.name'],
        ResourceAttributes['host.name']) AS agent,
    CAST(
        if(StatusCode IN ('Error', 'STATUS_CODE_ERROR'), 'FAILED', 'COMPLETED'),
        'Enum8(''COMPLETED'' = 1, ''FAILED'' = 2, ''RUNNING'' = 3)') AS status,
    CAST(Timestamp, 'DateTime64(3, ''UTC'')') AS ts,
    toUInt32(least(intDiv(Duration, 1000000), 4294967295)) AS duration_ms,
    concat(TraceId, '/', SpanId) AS exec_id,
    TraceId AS correlation_id,
    StatusMessage AS error,
    CAST(SpanAttributes, 'Map(String, String)') AS attributes,
    -- The exporter records no time of arrival. A span is sent when it ends, so it cannot have arrived earlier.
    addMilliseconds(CAST(Timestamp, 'DateTime64(3, ''UTC'')'), duration_ms) AS ingested_at
FROM default.otel_traces
WHERE SpanKind IN ('Server', 'Consumer', 'SPAN_KIND_SERVER', 'SPAN_KIND_CONSUMER');

-- Tables of exporter v0.150 and earlier are laid out by TimestampTime, in whole seconds. They give right answers as it
-- stands, but whole tables are read: there, write TimestampTime instead of Timestamp in the two CASTs.
CREATE OR REPLACE VIEW tocsin.logs AS
SELECT
    multiIf(
        ResourceAttributes['deployment.environment.name'] != '', ResourceAttributes['deployment.environment.name'],
        ResourceAttributes['deployment.environment'] != '', ResourceAttributes['deployment.environment'],
        'default') AS environment,
    ServiceName AS app,
    multiIf(
        ResourceAttributes['service.instance.id'] != '', ResourceAttributes['service.instance.id'],
        ResourceAttributes['k8s.pod.name'] != '', ResourceAttributes['k8s.pod.name'],
        ResourceAttributes['host.name']) AS agent,
    -- Severity numbers as OpenTelemetry's log data model defines them. Without one, the text decides.
    CAST(
        multiIf(
            SeverityNumber >= 17, 'ERROR',
            SeverityNumber >= 13, 'WARN',
            SeverityNumber >= 9, 'INFO',
            SeverityNumber >= 5, 'DEBUG',
            SeverityNumber >= 1, 'TRACE',
            lower(SeverityText) IN ('fatal', 'critical', 'error', 'err', 'severe'), 'ERROR',
            lower(SeverityText) IN ('warn', 'warning'), 'WARN',
            lower(SeverityText) IN ('debug', 'fine'), 'DEBUG',
            lower(SeverityText) IN ('trace', 'finer', 'finest'), 'TRACE',
            'INFO'),
        'Enum8(''TRACE'' = 1, ''DEBUG'' = 2, ''INFO'' = 3, ''WARN'' = 4, ''ERROR'' = 5)') AS level,
    CAST(Timestamp, 'DateTime64(3, ''UTC'')') AS ts,
    ScopeName AS logger,
    Body AS message,
    CAST(Timestamp, 'DateTime64(3, ''UTC'')') AS ingested_at
FROM default.otel_logs;

-- One metric name may have several series told apart by attributes, such as one jvm.memory.used per memory pool:
-- their samples appear side by side here. Counters appear as the running totals they are sent as.
CREATE OR REPLACE VIEW tocsin.jvm_metrics AS
SELECT
    multiIf(
        ResourceAttributes['deployment.environment.name'] != '', ResourceAttributes['deployment.environment.name'],
        ResourceAttributes['deployment.environment'] != '', ResourceAttributes['deployment.environment'],
        'default') AS environment,
    ServiceName AS app,
    multiIf(
        ResourceAttributes['service.instance.id'] != '', ResourceAttributes['service.instance.id'],
        ResourceAttributes['k8s.pod.name'] != '', ResourceAttributes['k8s.pod.name'],
        ResourceAttributes['host.name']) AS agent,
    MetricName AS metric,
    Value AS value,
    CAST(TimeUnix, 'DateTime64(3, ''UTC'')') AS ts,
    CAST(TimeUnix, 'DateTime64(3, ''UTC'')') AS ingested_at
FROM
(
    SELECT ResourceAttributes, ServiceName, MetricName, TimeUnix, Value FROM default.otel_metrics_gauge
    UNION ALL
    SELECT ResourceAttributes, ServiceName, MetricName, TimeUnix, Value FROM default.otel_metrics_sum
)
WHERE startsWith(MetricName, 'jvm.') OR startsWith(MetricName, 'process.');

-- OpenTelemetry reports no states of agents. An agent counts as LIVE while its metrics keep coming, STALE after
-- 90 seconds without, DEAD after 5 minutes, and is forgotten after a day.
CREATE OR REPLACE VIEW tocsin.agents AS
SELECT
    environment,
    app,
    agent,
    CAST(
        multiIf(silent_seconds < 90, 'LIVE', silent_seconds < 300, 'STALE', 'DEAD'),
        'Enum8(''LIVE'' = 1, ''STALE'' = 2, ''DEAD'' = 3)') AS state,
    addSeconds(seen, multiIf(silent_seconds < 90, 0, silent_seconds < 300, 90, 300)) AS ts,
    ts AS ingested_at
FROM
(
    SELECT
        environment,
        app,
        agent,
        max(jvm_metrics.ts) AS seen,
        dateDiff('second', seen, now64(3, 'UTC')) AS silent_seconds
    FROM tocsin.jvm_metrics
    WHERE toStartOfMinute(jvm_metrics.ts) >= toStartOfMinute(now64(3, 'UTC')) - INTERVAL 1 DAY AND agent != ''
    GROUP BY environment, app, agent
);

-- OpenTelemetry reports no deployments. Replace this view where another table of yours does.
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
