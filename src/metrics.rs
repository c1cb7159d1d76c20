//! What the program counts of itself, for Prometheus (SPEC 14). The counts are this node's and begin anew with it.

use prometheus_client::encoding::{EncodeLabelSet, text};
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::Registry;
use std::sync::LazyLock;
use std::time::Duration;

/// Seconds up to which requests are counted as that quick.
const SECONDS: [f64; 10] = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.5, 2.0, 10.0];

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Answered {
    method: String,
    route: String,
    status: u16,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Routed {
    route: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Ended {
    outcome: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Kept {
    state: &'static str,
}

struct Metrics {
    registry: Registry,
    requests: Family<Answered, Counter>,
    latency: Family<Routed, Histogram, fn() -> Histogram>,
    connections: Family<Kept, Gauge>,
    rule_runs: Family<Ended, Counter>,
    imports: Family<Ended, Counter>,
    import_rows: Counter,
    cache_reads: Family<Ended, Counter>,
    redis: Family<Kept, Gauge>,
    deliveries: Family<Ended, Counter>,
    deliveries_left: Family<Kept, Gauge>,
}

static METRICS: LazyLock<Metrics> = LazyLock::new(|| {
    let mut registry = Registry::with_prefix("clientele");
    let requests = Family::default();
    let quickness: fn() -> Histogram = || Histogram::new(SECONDS);
    let latency = Family::new_with_constructor(quickness);
    let (connections, rule_runs, imports) = (Family::default(), Family::default(), Family::default());
    let import_rows = Counter::default();
    let (cache_reads, redis) = (Family::default(), Family::default());
    let (deliveries, deliveries_left) = (Family::default(), Family::default());
    registry.register("http_requests", "Requests answered, by route and status", requests.clone());
    registry.register("http_request_seconds", "How long answers took, by route", latency.clone());
    registry.register("db_connections", "Connections of the pool", connections.clone());
    registry.register("rule_runs", "Rules that ran on this node", rule_runs.clone());
    registry.register("imports", "Imports that ended on this node", imports.clone());
    registry.register("import_rows", "Rows that imports read on this node", import_rows.clone());
    registry.register("cache_reads", "Groups looked for in the cache, by what was found", cache_reads.clone());
    registry.register("redis", "Whether Redis answers, or is left alone for a moment", redis.clone());
    registry.register("webhook_attempts", "Webhook requests that this node sent", deliveries.clone());
    registry.register(
        "webhook_deliveries",
        "Webhook deliveries of all nodes that wait or were given up, as this node saw last",
        deliveries_left.clone(),
    );
    Metrics {
        registry,
        requests,
        latency,
        connections,
        rule_runs,
        imports,
        import_rows,
        cache_reads,
        redis,
        deliveries,
        deliveries_left,
    }
});

/// A request was answered. `route` is its pattern, `/groups/{id}`, of which there are few; what fits none is `none`.
pub fn request(method: &str, route: Option<&str>, status: u16, took: Duration) {
    let known = ["GET", "HEAD", "POST", "PATCH", "PUT", "DELETE", "OPTIONS"];
    // Anybody can make up methods.
    let method = if known.contains(&method) { method } else { "other" };
    let route = route.unwrap_or("none");
    let answered = Answered { method: method.to_owned(), route: route.to_owned(), status };
    METRICS.requests.get_or_create(&answered).inc();
    METRICS.latency.get_or_create(&Routed { route: route.to_owned() }).observe(took.as_secs_f64());
}

/// A rule ran.
pub fn rule_run(outcome: &'static str) {
    METRICS.rule_runs.get_or_create(&Ended { outcome }).inc();
}

/// An import ended, having read so many rows.
pub fn import(outcome: &'static str, rows: u64) {
    METRICS.imports.get_or_create(&Ended { outcome }).inc();
    METRICS.import_rows.inc_by(rows);
}

/// A group was looked for in the cache: `hit`, `miss` (nothing, or nothing that holds), or `error` (Redis doesn't answer).
pub fn cache_read(outcome: &'static str) {
    METRICS.cache_reads.get_or_create(&Ended { outcome }).inc();
}

/// Whether Redis answers. Where none is used this is never told.
pub fn redis(answers: bool) {
    for (state, is) in [("answers", answers), ("rests", !answers)] {
        METRICS.redis.get_or_create(&Kept { state }).set(i64::from(is));
    }
}

/// A webhook request was sent.
pub fn webhook(outcome: &'static str) {
    METRICS.deliveries.get_or_create(&Ended { outcome }).inc();
}

/// So many webhook deliveries wait, and so many were given up.
pub fn webhooks_left(waiting: i64, dead: i64) {
    for (state, number) in [("waiting", waiting), ("dead", dead)] {
        METRICS.deliveries_left.get_or_create(&Kept { state }).set(number);
    }
}

/// All counts as Prometheus reads them, with how the pool stands: connections there are, those idle, and the most.
pub fn text(there: u32, idle: u32, most: u32) -> Result<String, std::fmt::Error> {
    for (state, number) in [("busy", there.saturating_sub(idle)), ("idle", idle), ("most", most)] {
        METRICS.connections.get_or_create(&Kept { state }).set(i64::from(number));
    }
    let mut out = String::new();
    text::encode(&mut out, &METRICS.registry)?;
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_counted_is_told() {
        request("GET", Some("/a-test/{id}"), 200, Duration::from_millis(3));
        request("GET", Some("/a-test/{id}"), 200, Duration::from_millis(30));
        request("BREW", None, 405, Duration::ZERO);
        import("imported", 12);
        cache_read("a test");
        webhook("delivered");
        webhooks_left(3, 1);
        let told = text(5, 2, 16).unwrap();
        for line in [
            r#"clientele_http_requests_total{method="GET",route="/a-test/{id}",status="200"} 2"#,
            r#"clientele_http_request_seconds_bucket{le="0.005",route="/a-test/{id}"} 1"#,
            r#"clientele_http_requests_total{method="other",route="none",status="405"} 1"#,
            r#"clientele_db_connections{state="busy"} 3"#,
            r#"clientele_imports_total{outcome="imported"}"#,
            r#"clientele_cache_reads_total{outcome="a test"} 1"#,
            r#"clientele_webhook_attempts_total{outcome="delivered"}"#,
            r#"clientele_webhook_deliveries{state="waiting"} 3"#,
            r#"clientele_webhook_deliveries{state="dead"} 1"#,
        ] {
            assert!(told.contains(line), "{line}: {told}");
        }
        assert!(told.ends_with("# EOF\n"));
    }
}
