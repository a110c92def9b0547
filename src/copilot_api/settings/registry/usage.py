"""Settings of what is counted and remembered, and for how long."""

from copilot_api.settings import accepted
from copilot_api.settings.registry import kinds
from copilot_api.settings.registry.serving import TRUTH
from copilot_api.settings.registry.setting import Setting

USAGE: tuple[Setting, ...] = (
    Setting(
        name="usageTestIntervalMinutes",
        section="usage",
        kind="integer",
        field="usage_test_interval_minutes",
        accept=kinds.integer(least=1),
        accepted="whole minutes from 1, or null",
        description="How often usage is tested; null: never by itself.",
        unit="min",
        minimum=1,
        is_nullable=True,
    ),
    Setting(
        name="usageTestMethod",
        section="usage",
        kind="choice",
        field="usage_test_method",
        accept=kinds.choice("quota", "request"),
        accepted="quota or request",
        description="What tests usage: reading the quota, which is free, or one short request to gpt-4o.",
        choices=("quota", "request"),
    ),
    Setting(
        name="usageLogCountMode",
        section="usage",
        kind="choice",
        field="usage_log_count_mode",
        accept=kinds.choice("request", "conversation"),
        accepted="request or conversation",
        description="What one line of the usage log stands for.",
        choices=("request", "conversation"),
    ),
    Setting(
        name="anthropicApiKey",
        section="usage",
        kind="secret",
        has_effect=False,
        field="anthropic_api_key",
        accept=kinds.filled,
        accepted="a string",
        description="A key for Anthropic's own API, kept sealed.",
    ),
)

RETENTION: tuple[Setting, ...] = (
    Setting(
        name="usageLedger",
        section="retention",
        kind="boolean",
        field="usage_ledger",
        accept=kinds.boolean,
        accepted=TRUTH,
        description="Write one row for each request: who asked whom, what it cost, how it ended. Never what was said.",
        needs_restart=True,
    ),
    Setting(
        name="usageRetention",
        section="retention",
        kind="choice",
        field="usage_retention",
        accept=kinds.choice("rolling", "calendar_month", "forever"),
        accepted="rolling, calendar_month or forever",
        description="How long rows are kept: some months, the calendar month (UTC), or for ever. Sums by day stay.",
        choices=("rolling", "calendar_month", "forever"),
    ),
    Setting(
        name="usageRetentionMonths",
        section="retention",
        kind="integer",
        field="usage_retention_months",
        accept=kinds.integer(least=1, most=accepted.MAX_MONTHS),
        accepted=accepted.MONTHS,
        description="How many months rows are kept where usageRetention is rolling.",
        minimum=1,
        maximum=accepted.MAX_MONTHS,
    ),
)
