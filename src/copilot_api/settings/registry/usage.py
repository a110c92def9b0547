"""Settings of what is counted and remembered, and for how long."""

from copilot_api.settings.registry import kinds
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
        field="anthropic_api_key",
        accept=kinds.filled,
        accepted="a string",
        description="A key for Anthropic's own API, kept sealed.",
    ),
)

RETENTION: tuple[Setting, ...] = ()
