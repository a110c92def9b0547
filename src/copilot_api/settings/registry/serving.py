"""Settings of the server itself: where it listens, whom it answers, how long it waits, what it logs.

Not here, on purpose: the addresses of GitHub and of Copilot, and whether tokens are shown. Only the environment
and the command line decide those, because whoever may open the admin page must not be able to send a token away.
"""

from copilot_api.settings import accepted
from copilot_api.settings.registry import kinds
from copilot_api.settings.registry.setting import Setting

TRUTH = "true or false"
_MAX_BODY_BYTES = 4096 * 1024 * 1024

SERVER: tuple[Setting, ...] = (
    Setting(
        name="host",
        section="server",
        kind="text",
        field="host",
        accept=kinds.host,
        accepted=accepted.HOST,
        description="The address to listen on. Beyond this machine a client key is required.",
        needs_restart=True,
    ),
    Setting(
        name="port",
        section="server",
        kind="integer",
        field="port",
        accept=kinds.integer(least=0, most=65535),
        accepted=accepted.PORT,
        description="The port to listen on; 0 takes a free one.",
        minimum=0,
        maximum=65535,
        needs_restart=True,
    ),
    Setting(
        name="timeouts.drainSeconds",
        section="server",
        kind="number",
        field="timeouts.drain_s",
        accept=kinds.number(above=0),
        accepted=accepted.SECONDS,
        description="How long running answers may take when the server is stopped.",
        unit="s",
        minimum=0.001,
        needs_restart=True,
    ),
    Setting(
        name="verbose",
        section="server",
        kind="boolean",
        field="verbose",
        accept=kinds.boolean,
        accepted=TRUTH,
        description="Log more.",
    ),
    Setting(
        name="logFormat",
        section="server",
        kind="choice",
        field="log_format",
        accept=kinds.choice("console", "json"),
        accepted="console or json",
        description="The form of the log: for people, or one JSON object on each line.",
        choices=("console", "json"),
        needs_restart=True,
    ),
)

LIMITS: tuple[Setting, ...] = (
    Setting(
        name="rateLimitSeconds",
        section="limits",
        kind="number",
        field="rate_limit_s",
        accept=kinds.number(above=0),
        accepted=accepted.SECONDS,
        description="Least number of seconds between two requests of all clients together; none without a value.",
        unit="s",
        minimum=0.001,
        is_nullable=True,
    ),
    Setting(
        name="rateLimitWait",
        section="limits",
        kind="boolean",
        field="rate_limit_wait",
        accept=kinds.boolean,
        accepted=TRUTH,
        description="A request that comes too early waits its turn instead of being refused with 429.",
    ),
    Setting(
        name="maxBodyBytes",
        section="limits",
        kind="integer",
        field="max_body_bytes",
        accept=kinds.integer(least=1024, most=_MAX_BODY_BYTES),
        accepted="a whole number of bytes from 1024 to 4294967296",
        description="The largest request body, also after decompression.",
        unit="bytes",
        minimum=1024,
        maximum=_MAX_BODY_BYTES,
    ),
    *(
        Setting(
            name=f"timeouts.{leaf}",
            section="limits",
            kind="number",
            field=f"timeouts.{field}",
            accept=kinds.number(above=0),
            accepted=accepted.SECONDS,
            description=description,
            unit="s",
            minimum=0.001,
        )
        for leaf, field, description in (
            (
                "firstByteSeconds",
                "first_byte_s",
                "How long Copilot may think before the first byte of an answer.",
            ),
            ("idleSeconds", "idle_s", "The longest silence within an answer."),
            ("keepaliveSeconds", "keepalive_s", "Time between signs of life to a client that waits."),
        )
    ),
)

NETWORK: tuple[Setting, ...] = (
    Setting(
        name="proxyUrl",
        section="network",
        kind="text",
        field="proxy_url",
        accept=kinds.proxy,
        accepted=accepted.PROXY,
        description="The proxy to reach GitHub and Copilot through. It wins over the proxy variables.",
        is_nullable=True,
        is_delicate=True,
    ),
    Setting(
        name="useProxyEnvironment",
        section="network",
        kind="boolean",
        field="use_proxy_environment",
        accept=kinds.boolean,
        accepted=TRUTH,
        description="Honour HTTP_PROXY, HTTPS_PROXY, ALL_PROXY and NO_PROXY of the server's environment.",
    ),
    Setting(
        name="caBundle",
        section="network",
        kind="text",
        field="ca_bundle",
        accept=kinds.certificates,
        accepted=accepted.CERTIFICATES,
        description="A file on the server with extra certificate authorities (PEM), such as the company's own.",
        is_nullable=True,
    ),
    *(
        Setting(
            name=f"timeouts.{leaf}",
            section="network",
            kind="number",
            field=f"timeouts.{field}",
            accept=kinds.number(above=0),
            accepted=accepted.SECONDS,
            description=description,
            unit="s",
            minimum=0.001,
        )
        for leaf, field, description in (
            ("poolSeconds", "pool_s", "How long a request waits for a free connection to Copilot."),
            ("connectSeconds", "connect_s", "How long connecting to Copilot may take."),
        )
    ),
)

SECURITY: tuple[Setting, ...] = (
    Setting(
        name="allowedHosts",
        section="security",
        kind="list",
        field="allowed_hosts",
        accept=kinds.host,
        accepted=accepted.HOST,
        description="Names this server goes by besides localhost.",
    ),
    Setting(
        name="allowedOrigins",
        section="security",
        kind="list",
        field="allowed_origins",
        accept=kinds.origin,
        accepted=accepted.ORIGINS,
        description="Web pages of other origins that may call the gateway.",
    ),
    Setting(
        name="trustedProxies",
        section="security",
        kind="list",
        field="trusted_proxies",
        accept=kinds.network,
        accepted=accepted.NETWORKS,
        description="Reverse proxies whose X-Forwarded-* headers are believed.",
    ),
    Setting(
        name="tokenEndpoint",
        section="security",
        kind="boolean",
        field="token_endpoint",
        accept=kinds.boolean,
        accepted=TRUTH,
        description="Whether GET /token tells the operator the current Copilot token at all.",
    ),
    Setting(
        name="adminAuth.sessionTtlDays",
        section="security",
        kind="integer",
        field="admin_session_ttl_days",
        accept=kinds.integer(least=1),
        accepted="whole days from 1",
        description="How long a sign-in to the admin lasts.",
        unit="days",
        minimum=1,
    ),
    Setting(
        name="adminAuth.enforceHttps",
        section="security",
        kind="boolean",
        field="admin_enforce_https",
        accept=kinds.boolean,
        accepted=TRUTH,
        description="Other machines may open the admin over HTTPS only.",
    ),
)

ADVANCED: tuple[Setting, ...] = (
    Setting(
        name="identity",
        section="advanced",
        kind="choice",
        field="identity",
        accept=kinds.choice("gateway", "editor"),
        accepted="gateway or editor",
        description="Who we say we are to Copilot: this gateway, or the editor of the reference gateway.",
        choices=("gateway", "editor"),
    ),
    Setting(
        name="validateStreams",
        section="advanced",
        kind="boolean",
        field="validate_streams",
        accept=kinds.boolean,
        accepted=TRUTH,
        description="Check each stream against its protocol's grammar and log what is wrong (for finding faults).",
    ),
)
