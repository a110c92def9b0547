CREATE TABLE conversations (
    id INTEGER NOT NULL,
    digest BLOB NOT NULL,
    session TEXT NOT NULL,
    account_id TEXT NOT NULL,
    first_id BIGINT NOT NULL,
    newest_id BIGINT NOT NULL,
    last_at_ms BIGINT NOT NULL,
    last_id BIGINT NOT NULL,
    last_form INTEGER NOT NULL,
    quota_first FLOAT,
    quota_last FLOAT,
    requests BIGINT NOT NULL,
    input_tokens BIGINT NOT NULL,
    cached_tokens BIGINT NOT NULL,
    cache_write_tokens BIGINT NOT NULL,
    output_tokens BIGINT NOT NULL,
    reasoning_tokens BIGINT NOT NULL,
    nano_aiu BIGINT NOT NULL,
    charge_nano BIGINT NOT NULL,
    premium FLOAT NOT NULL,
    PRIMARY KEY (id),
    UNIQUE (digest)
);

CREATE INDEX conversations_last ON conversations (last_at_ms);

CREATE INDEX conversations_newest ON conversations (newest_id);

CREATE TABLE daily (
    start INTEGER NOT NULL,
    facet INTEGER NOT NULL,
    requests BIGINT NOT NULL,
    input_tokens BIGINT NOT NULL,
    cached_tokens BIGINT NOT NULL,
    cache_write_tokens BIGINT NOT NULL,
    output_tokens BIGINT NOT NULL,
    reasoning_tokens BIGINT NOT NULL,
    nano_aiu BIGINT NOT NULL,
    charge_nano BIGINT NOT NULL,
    premium FLOAT NOT NULL,
    first_byte_ms BIGINT NOT NULL,
    first_bytes BIGINT NOT NULL,
    total_ms BIGINT NOT NULL,
    PRIMARY KEY (start, facet)
)
 WITHOUT ROWID;

CREATE TABLE daily_latency (
    start INTEGER NOT NULL,
    account_id VARCHAR NOT NULL,
    bucket SMALLINT NOT NULL,
    answers BIGINT NOT NULL,
    PRIMARY KEY (start, account_id, bucket)
)
 WITHOUT ROWID;

CREATE TABLE exchanges (
    id INTEGER NOT NULL,
    at_ms BIGINT NOT NULL,
    form INTEGER NOT NULL,
    manner INTEGER NOT NULL,
    trace_id TEXT NOT NULL,
    conversation INTEGER,
    interaction BLOB,
    requests INTEGER NOT NULL,
    input_tokens BIGINT,
    cached_tokens BIGINT,
    cache_write_tokens BIGINT,
    output_tokens BIGINT,
    reasoning_tokens BIGINT,
    nano_aiu BIGINT,
    charge_nano BIGINT NOT NULL,
    premium FLOAT NOT NULL,
    quota_before FLOAT,
    quota_after FLOAT,
    first_byte_ms BIGINT,
    total_ms BIGINT NOT NULL,
    request_bytes BIGINT NOT NULL,
    response_bytes BIGINT NOT NULL,
    attempts SMALLINT NOT NULL,
    losses TEXT,
    error_message TEXT,
    upstream_request_id TEXT,
    imported BLOB,
    PRIMARY KEY (id)
);

CREATE INDEX exchanges_at ON exchanges (at_ms);

CREATE INDEX exchanges_conversation ON exchanges (conversation, at_ms) WHERE conversation IS NOT NULL;

CREATE INDEX exchanges_form_at ON exchanges (form, at_ms);

CREATE UNIQUE INDEX exchanges_imported ON exchanges (imported) WHERE imported IS NOT NULL;

CREATE INDEX exchanges_trace ON exchanges (trace_id);

CREATE TABLE facets (
    id INTEGER NOT NULL,
    digest BLOB NOT NULL,
    account_id TEXT NOT NULL,
    account TEXT NOT NULL,
    key_id TEXT NOT NULL,
    "key" TEXT NOT NULL,
    client_name TEXT NOT NULL,
    model TEXT NOT NULL,
    upstream TEXT NOT NULL,
    operation TEXT NOT NULL,
    source TEXT NOT NULL,
    outcome TEXT NOT NULL,
    PRIMARY KEY (id),
    UNIQUE (digest)
);

CREATE TABLE forms (
    id INTEGER NOT NULL,
    digest BLOB NOT NULL,
    facet INTEGER NOT NULL,
    client TEXT NOT NULL,
    client_version TEXT NOT NULL,
    ingress TEXT NOT NULL,
    mode TEXT NOT NULL,
    reason TEXT NOT NULL,
    path TEXT NOT NULL,
    requested_model TEXT NOT NULL,
    answering_model TEXT NOT NULL,
    has_conversation BOOLEAN NOT NULL,
    status SMALLINT NOT NULL,
    error_code TEXT NOT NULL,
    multiplier FLOAT,
    credits_from TEXT NOT NULL,
    repairs TEXT NOT NULL,
    words TEXT NOT NULL,
    PRIMARY KEY (id),
    UNIQUE (digest)
);

CREATE TABLE hourly (
    start INTEGER NOT NULL,
    facet INTEGER NOT NULL,
    requests BIGINT NOT NULL,
    input_tokens BIGINT NOT NULL,
    cached_tokens BIGINT NOT NULL,
    cache_write_tokens BIGINT NOT NULL,
    output_tokens BIGINT NOT NULL,
    reasoning_tokens BIGINT NOT NULL,
    nano_aiu BIGINT NOT NULL,
    charge_nano BIGINT NOT NULL,
    premium FLOAT NOT NULL,
    first_byte_ms BIGINT NOT NULL,
    first_bytes BIGINT NOT NULL,
    total_ms BIGINT NOT NULL,
    PRIMARY KEY (start, facet)
)
 WITHOUT ROWID;

CREATE TABLE hourly_latency (
    start INTEGER NOT NULL,
    account_id VARCHAR NOT NULL,
    bucket SMALLINT NOT NULL,
    answers BIGINT NOT NULL,
    PRIMARY KEY (start, account_id, bucket)
)
 WITHOUT ROWID;

CREATE TABLE manners (
    id INTEGER NOT NULL,
    digest BLOB NOT NULL,
    initiator TEXT NOT NULL,
    is_stream BOOLEAN NOT NULL,
    finish TEXT NOT NULL,
    PRIMARY KEY (id),
    UNIQUE (digest)
);

CREATE TABLE readings (
    account_id VARCHAR NOT NULL,
    bucket VARCHAR NOT NULL,
    hour INTEGER NOT NULL,
    at_ms BIGINT NOT NULL,
    remaining FLOAT NOT NULL,
    entitlement FLOAT,
    spent FLOAT NOT NULL,
    since_ms BIGINT NOT NULL,
    resets_at TEXT NOT NULL,
    is_token_billed BOOLEAN NOT NULL,
    PRIMARY KEY (account_id, bucket, hour)
)
 WITHOUT ROWID;

CREATE TABLE state (
    id INTEGER NOT NULL,
    next_id BIGINT NOT NULL,
    generation INTEGER NOT NULL,
    PRIMARY KEY (id)
);
