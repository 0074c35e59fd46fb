//! The queries of the system's own document, and the view that answers the same.

/// A query of the document.
#[derive(Debug, Clone, Copy)]
pub(super) struct Documented {
    /// The file's name without its ending.
    pub(super) name: &'static str,
    /// It runs as it stands.
    pub(super) query: &'static str,
    /// Our statement that tells at least as much.
    pub(super) ours: &'static str,
}

/// Every one that reads the system's tables.
pub(super) const DOCUMENTED: [Documented; 7] = [
    Documented { name: "silent_tenants", query: include_str!("documented/silent_tenants.sql"), ours: "tenants silent" },
    Documented {
        name: "expiring_licenses",
        query: include_str!("documented/expiring_licenses.sql"),
        ours: "licenses expiring",
    },
    Documented { name: "critical_errors", query: include_str!("documented/critical_errors.sql"), ours: "error_log" },
    Documented { name: "metrics_24h", query: include_str!("documented/metrics_24h.sql"), ours: "metrics 24h" },
    Documented { name: "top_tenants", query: include_str!("documented/top_tenants.sql"), ours: "metrics" },
    Documented { name: "active_tenants", query: include_str!("documented/active_tenants.sql"), ours: "overview_facts" },
    Documented {
        name: "licenses_by_status",
        query: include_str!("documented/licenses_by_status.sql"),
        ours: "overview_facts",
    },
];
