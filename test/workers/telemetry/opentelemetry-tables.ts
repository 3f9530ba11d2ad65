// Columns, partitions and keys of the tables the collector's ClickHouse exporter creates (v0.151.0 and later), less the
// skip indexes and compression, which change no answer.

const attributes = 'Map(LowCardinality(String), String)'

const traces = `CREATE TABLE otel_traces (
  Timestamp DateTime64(9), TraceId String, SpanId String, ParentSpanId String, TraceState String,
  SpanName LowCardinality(String), SpanKind LowCardinality(String), ServiceName LowCardinality(String),
  ResourceAttributes ${attributes}, ScopeName String, ScopeVersion String, SpanAttributes ${attributes},
  Duration UInt64, StatusCode LowCardinality(String), StatusMessage String,
  Events Nested (Timestamp DateTime64(9), Name LowCardinality(String), Attributes ${attributes}),
  Links Nested (TraceId String, SpanId String, TraceState String, Attributes ${attributes})
) ENGINE = MergeTree PARTITION BY toDate(Timestamp)
PRIMARY KEY (ServiceName, SpanName, toDateTime(Timestamp))
ORDER BY (ServiceName, SpanName, toDateTime(Timestamp), Timestamp)`

const logColumns = `TraceId String, SpanId String, TraceFlags UInt8, SeverityText LowCardinality(String),
  SeverityNumber UInt8, ServiceName LowCardinality(String), Body String, ResourceSchemaUrl LowCardinality(String),
  ResourceAttributes ${attributes}, ScopeSchemaUrl LowCardinality(String), ScopeName String,
  ScopeVersion LowCardinality(String), ScopeAttributes ${attributes}, LogAttributes ${attributes}, EventName String`

const logs = `CREATE TABLE IF NOT EXISTS otel_logs (Timestamp DateTime64(9), ${logColumns})
ENGINE = MergeTree PARTITION BY toDate(Timestamp)
ORDER BY (toStartOfFiveMinutes(Timestamp), ServiceName, Timestamp)`

const metric = (name: string, more: string) => `CREATE TABLE otel_metrics_${name} (
  ResourceAttributes ${attributes}, ResourceSchemaUrl String, ScopeName String, ScopeVersion String,
  ScopeAttributes ${attributes}, ScopeDroppedAttrCount UInt32, ScopeSchemaUrl String,
  ServiceName LowCardinality(String), MetricName LowCardinality(String), MetricDescription String, MetricUnit String,
  Attributes ${attributes}, StartTimeUnix DateTime64(9), TimeUnix DateTime64(9), Value Float64, Flags UInt32${more}
) ENGINE = MergeTree PARTITION BY toDate(TimeUnix)
ORDER BY (ServiceName, MetricName, Attributes, toUnixTimestamp64Nano(TimeUnix))`

export const collectorTables = [
  traces,
  logs,
  metric('gauge', ''),
  metric('sum', ', AggregationTemporality Int32, IsMonotonic Bool'),
]

/** Up to v0.150: laid out by whole seconds. */
export const legacyLogTable = `CREATE TABLE otel_logs (
  Timestamp DateTime64(9), TimestampTime DateTime DEFAULT toDateTime(Timestamp), ${logColumns}
) ENGINE = MergeTree PARTITION BY toDate(TimestampTime)
PRIMARY KEY (ServiceName, TimestampTime) ORDER BY (ServiceName, TimestampTime, Timestamp)`
