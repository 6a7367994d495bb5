"""Prometheus metrics of search."""

from __future__ import annotations

from infra.metrics import LONG, counter, gauge, histogram

SEARCH_SECONDS = histogram("lotse_search_query_duration_seconds", "Time the engine takes for one search")
DOCUMENTS = gauge("lotse_search_documents", "Documents in the index that everybody may find")
PENDING = gauge("lotse_search_pending_changes", "Changes in the table that are not in the index yet")
REBUILDING = gauge("lotse_search_rebuilding", "1 while the index is made anew")
REBUILD_SECONDS = histogram("lotse_search_rebuild_duration_seconds", "Time to make the index anew", (), LONG)
DEMAND_FAILURES = counter("lotse_search_demand_failures_total", "Times that what was looked for could not be counted")
REBUILD_FAILURES = counter("lotse_search_rebuild_failures_total", "Attempts to make the index anew that failed")
