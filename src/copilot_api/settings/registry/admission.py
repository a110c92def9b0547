"""Settings of who may go now, what may be spent, and what is told of it to programs that watch.

Not here: the address of a shared counter and the key for /metrics. Only the environment decides those.
"""

from copilot_api.settings import accepted
from copilot_api.settings.limits import Budget
from copilot_api.settings.registry import kinds
from copilot_api.settings.registry.serving import TRUTH
from copilot_api.settings.registry.setting import Setting

_PERIOD = "day or month"
_CREDITS = "a number of AI credits greater than 0"

ADMISSION: tuple[Setting, ...] = (
    Setting(
        name="rateLimitMaxWaitSeconds",
        section="limits",
        kind="number",
        field="rate_limit_max_wait_s",
        accept=kinds.number(above=0),
        accepted=accepted.SECONDS,
        description=(
            "With rateLimitWait, the longest that a request waits for a limit of a minute, for a free place or for the "
            "end of a pause."
        ),
        unit="s",
        minimum=0.001,
    ),
    Setting(
        name="adaptivePause",
        section="limits",
        kind="boolean",
        field="adaptive_pause",
        accept=kinds.boolean,
        accepted=TRUTH,
        description=(
            "When Copilot refuses a model with 429 and says for how long, requests for it are answered here for that "
            "long, and not sent."
        ),
    ),
    *(
        Setting(
            name=name,
            section="limits",
            kind="integer",
            field=field,
            accept=kinds.integer(least=1),
            accepted=accepted.COUNT,
            description=description,
            minimum=1,
            is_nullable=True,
        )
        for name, field, description in (
            ("requestsPerMinute", "requests_per_minute", "Requests of all clients together in a minute."),
            (
                "tokensPerMinute",
                "tokens_per_minute",
                "Tokens of all clients together in a minute, both directions.",
            ),
            ("concurrency", "concurrency", "Requests of all clients together at a time."),
        )
    ),
    Setting(
        name="manualApproval",
        section="limits",
        kind="boolean",
        field="manual_approval",
        accept=kinds.boolean,
        accepted=TRUTH,
        description="Each request waits until a person says yes, on the admin page or in the terminal.",
    ),
    Setting(
        name="approvalTimeoutSeconds",
        section="limits",
        kind="number",
        field="approval_timeout_s",
        accept=kinds.number(above=0),
        accepted=accepted.SECONDS,
        description="How long a request waits for that before it is refused.",
        unit="s",
        minimum=0.001,
    ),
    Setting(
        name="budget.credits",
        section="usage",
        kind="number",
        field="budget.credits",
        accept=kinds.number(above=0),
        accepted=_CREDITS,
        description="AI credits that all clients together may spend in a period.",
        minimum=0.001,
        is_nullable=True,
    ),
    Setting(
        name="budget.requests",
        section="usage",
        kind="integer",
        field="budget.requests",
        accept=kinds.integer(least=1),
        accepted=accepted.COUNT,
        description="Requests of all clients together that Copilot may answer in a period.",
        minimum=1,
        is_nullable=True,
    ),
    Setting(
        name="budget.period",
        section="usage",
        kind="choice",
        field="budget.period",
        accept=kinds.choice("day", "month"),
        accepted=_PERIOD,
        description="How long that period is. It begins at midnight, or on the first of the month, UTC.",
        choices=("day", "month"),
    ),
    Setting(
        name="accountBudgets",
        section="usage",
        kind="object",
        field="account_budgets",
        accept=kinds.record(Budget),
        accepted='budgets such as {"credits": 500, "requests": null, "period": "month"}, by the ids of accounts',
        description="What may be spent of single accounts.",
    ),
    Setting(
        name="budgetWarnRatio",
        section="usage",
        kind="number",
        field="budget_warn_ratio",
        accept=kinds.number(above=0, most=1),
        accepted="a number above 0 and at most 1",
        description="The part of a budget from which answers carry a warning.",
        unit="ratio",
        minimum=0.01,
        maximum=1,
    ),
    Setting(
        name="estimate",
        section="usage",
        kind="boolean",
        field="estimate",
        accept=kinds.boolean,
        accepted=TRUTH,
        description="Tell in the header x-copilot-api-estimate what a request costs, before it does.",
    ),
)

TELEMETRY: tuple[Setting, ...] = (
    Setting(
        name="otel",
        section="advanced",
        kind="boolean",
        field="otel",
        accept=kinds.boolean,
        accepted=TRUTH,
        description=(
            "Send traces and metrics by OpenTelemetry to where the OTEL_EXPORTER_OTLP_* variables say (the extra "
            "otel must be installed)."
        ),
        needs_restart=True,
    ),
    Setting(
        name="otelPropagate",
        section="advanced",
        kind="boolean",
        field="otel_propagate",
        accept=kinds.boolean,
        accepted=TRUTH,
        description="Tell Copilot the trace that a request belongs to (traceparent).",
    ),
)
